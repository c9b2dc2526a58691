import { Readable } from 'node:stream';
import { expect } from '@jest/globals';
import type { EventType } from '../../../src/billing/event/event.ts';
import { faultIn } from '../../../src/billing/move/membership.ts';
import type { Effect } from '../../../src/billing/move/move.ts';
import { Refusal } from '../../../src/billing/refusal.ts';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { createGroup, deleteGroup } from '../../../src/services/groups/groups.ts';
import { closeDue } from '../../../src/services/invoicing/close.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { approveMove, rejectMove, withdrawMove } from '../../../src/services/moves/move-decide.ts';
import { tendMoves } from '../../../src/services/moves/move-tend.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Costs } from '../../../src/store/costs/costs.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups, Memberships, Projects } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { type MoveDoc, Moves, OpenMoves } from '../../../src/store/moves/moves.ts';
import { anAccount, contextAt, person, TestClock } from '../context.ts';
import { type Made, type Model, PEOPLE, type Step, type Timeline } from './move-model.ts';

const APPROVERS: readonly string[] = ['U_OWNER', 'U_ADMIN', 'U_APPROVER'];
const HEAD =
  'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';

/** An account with groups, projects and people, their actions, and checks of the result. */
export class World {
  readonly clock = new TestClock('2026-03-20T12:00:00Z');
  readonly accountId: string;
  private named = 0;
  /** Each cost is twice the previous one, so that a sum identifies its costs. */
  private rows = 0;

  private constructor(accountId: string) {
    this.accountId = accountId;
  }

  static async make(): Promise<World> {
    const account = await anAccount(contextAt(new TestClock('2026-03-20T12:00:00Z')), {
      currency: 'EUR',
      timeZone: 'Europe/Berlin',
    });
    const world = new World(account._id);
    await setMember(world.ctx(), account._id, 'U_ADMIN', 'billing_admin');
    await setMember(world.ctx(), account._id, 'U_APPROVER', 'approver');
    await setMember(world.ctx(), account._id, 'U_MEMBER', 'member');
    for (const name of ['A', 'B']) await createGroup(world.ctx(), { accountId: account._id, name });
    for (const name of ['p1', 'p2']) await createProject(world.ctx(), { accountId: account._id, name });
    for (const [place, days] of [12, 3, 19].entries()) await world.addCost(`p${(place % 2) + 1}`, days);
    return world;
  }

  /** A refusal is an answer too. Any other error is a fault. @returns the move, if one was made */
  async take(one: Step): Promise<Made | undefined> {
    try {
      return await this.perform(one);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return undefined;
    }
  }

  async timelines(): Promise<Map<string, Timeline>> {
    const lines = new Map<string, Timeline>();
    for (const { _id } of await Projects.find({ accountId: this.accountId }, { _id: 1 }).lean()) {
      const memberships = await Memberships.find({ projectId: _id }).lean();
      expect(faultIn(memberships)).toBeUndefined();
      expect(memberships.filter((membership) => membership.open)).toHaveLength(1);
      const line = memberships.map(({ from, billingGroupId: group }) => ({
        from: from?.getTime() ?? -Infinity,
        group,
      }));
      lines.set(
        _id,
        line.sort((a, b) => a.from - b.from),
      );
    }
    return lines;
  }

  /** At most one open request per project, and one decision per request, with exactly its events. */
  async checkRequests({ movedBy }: Model): Promise<void> {
    const requests = await Moves.find({ accountId: this.accountId }).sort({ _id: 1 }).lean();
    const open = requests.filter(({ state }) => state === 'open');
    const held = await OpenMoves.find({ requestId: { $in: requests.map(({ _id }) => _id) } }).lean();
    const expected = open.flatMap(({ _id, projects }) => projects.map(({ projectId }) => [projectId, _id]));
    expect(held.map(({ _id, requestId }) => [_id, requestId]).sort()).toEqual(expected.sort());
    const kinds: EventType[] = ['project_moved', 'move_requested', ...Object.values(EVENT_OF)];
    const events = await Events.find({ accountId: this.accountId, type: { $in: kinds } }).lean();
    for (const request of requests) {
      const types = events.filter(({ after }) => isOf(after, request._id)).map(({ type }) => type);
      const moved = Array.from({ length: movedBy.get(request._id) ?? 0 }, () => 'project_moved');
      const settled = request.state === 'open' ? [] : [EVENT_OF[request.state]];
      expect(types.sort()).toEqual([...settled, 'move_requested', ...moved].sort());
      if (request.state === 'approved')
        expect(request.approvals.every((one) => mayHave(request, one.userId))).toBe(true);
      if (request.state === 'withdrawn') expect(request.decidedBy).toBe(request.askedBy);
    }
  }

  /**
   * Every cost is on one invoice or estimate: its group's at its time, unless it was late. Issued invoices never
   * change.
   */
  async checkMoney({ timelines, issued }: Model): Promise<void> {
    while ((await refreshEstimates(this.ctx())) > 0);
    const costs = await Costs.find({ accountId: this.accountId }).lean();
    const invoices = await Invoices.find({ accountId: this.accountId }).lean();
    const unseen = new Map(costs.map((cost) => [centsOf(cost.amount), cost]));
    expect(unseen.size).toBe(costs.length);
    for (const { _id, state, exact, billingGroupId, period } of invoices) {
      for (const cents of powersIn(centsOf(exact))) {
        const cost = unseen.get(cents);
        // a cost on two invoices would have been removed by the first
        expect({ cents, isFree: cost !== undefined }).toEqual({ cents, isFree: true });
        unseen.delete(cents);
        expect(cost?.period).toBe(period);
        const holder = timelines.get(cost?.projectId ?? '')?.findLast(({ from }) => from <= Number(cost?.begin))?.group;
        if (!cost?.late) expect(billingGroupId).toBe(holder);
      }
      if (issued.has(_id)) expect(String(exact)).toBe(issued.get(_id));
      if (state !== 'estimate') issued.set(_id, String(exact));
    }
    expect([...unseen.keys()]).toEqual([]);
  }

  private ctx(): Ctx {
    return contextAt(this.clock);
  }

  private async perform(one: Step): Promise<Made | undefined> {
    const { accountId } = this;
    const ctx = contextAt(this.clock, person(PEOPLE[one.who] ?? 'U_OWNER'));
    const groups = await Groups.find({ accountId, state: 'active' }).sort({ createdAt: 1, _id: 1 }).lean();
    const projects = await Projects.find({ accountId }).sort({ createdAt: 1, _id: 1 }).lean();
    const group = pick(groups, one.at);
    this.named += 1;
    switch (one.do) {
      case 'group':
        await createGroup(ctx, { accountId, name: `G${this.named}` });
        return;
      case 'project':
        await createProject(ctx, { accountId, name: `p${this.named}x`, ...(group && { billingGroupId: group._id }) });
        return;
      case 'delete':
        if (group) await deleteGroup(ctx, { accountId, billingGroupId: group._id });
        return;
      case 'close':
        await closeDue(this.ctx());
        return;
      case 'expire':
        await tendMoves(this.ctx());
        return;
      case 'policy':
        await Accounts.updateOne({ _id: accountId }, { $set: { approvalPolicy: { who: one.rule, needed: 1 } } });
        return;
      case 'wait':
        this.clock.set(new Date(this.clock.now().getTime() + one.hours * 3_600_000).toISOString());
        return;
      case 'cost':
        await this.addCost(pick(projects, one.at)?.name ?? 'p1', one.days);
        return;
      case 'ask': {
        const chosen = [pick(projects, one.at), pick(projects, one.at * 3)].flatMap((project) => project?._id ?? []);
        const to = pick(groups, one.to);
        return to && this.ask(ctx, chosen, to._id, one.effect);
      }
      default:
        return this.decide(ctx, one.do, one.at);
    }
  }

  private async ask(ctx: Ctx, projectIds: string[], toGroupId: string, effect: Effect): Promise<Made | undefined> {
    const asked = await askMove(ctx, { accountId: this.accountId, projectIds, toGroupId, effect, reason: '' });
    if (asked.kind !== 'moved') return undefined;
    const moved = asked.projects.map(({ projectId }) => projectId);
    return { requestId: null, projectIds: moved, group: toGroupId, at: asked.at.getTime() };
  }

  private async decide(ctx: Ctx, how: 'approve' | 'reject' | 'withdraw', place: number): Promise<Made | undefined> {
    const { accountId } = this;
    // occasionally a decided request is clicked too
    const requests = await Moves.find({ accountId, ...(place > 2 && { state: 'open' }) })
      .sort({ askedAt: 1, _id: 1 })
      .lean();
    const request = pick(requests, place);
    if (!request) return undefined;
    const decision = { accountId, requestId: request._id };
    if (how === 'reject') await rejectMove(ctx, { ...decision, reason: 'No.' });
    if (how === 'withdraw') await withdrawMove(ctx, decision);
    return how === 'approve' ? this.approve(ctx, decision) : undefined;
  }

  /** Approves like a person, who confirms a later date when asked. */
  private async approve(
    ctx: Ctx,
    decision: { accountId: string; requestId: string; earliest?: Date },
  ): Promise<Made | undefined> {
    try {
      const { outcome, request } = await approveMove(ctx, { ...decision, ifSomeCant: 'others' });
      if (outcome !== 'moved') return undefined;
      const { _id: requestId, toGroupId: group, effectAt } = request;
      const stuck = request.outcome ?? '';
      const projectIds = request.projects.filter(({ name }) => !stuck.includes(`${name} `)).map((one) => one.projectId);
      return { requestId, projectIds, group, at: effectAt.getTime() };
    } catch (error) {
      const later = error instanceof Refusal && error.code === 'move_new_date' ? error.data.begin : undefined;
      if (later === undefined || decision.earliest) throw error;
      return this.approve(ctx, { ...decision, earliest: later });
    }
  }

  /** Adds a cost from some days ago, which may already be late, or from a future day. */
  private async addCost(project: string, days: number): Promise<void> {
    const cents = 2n ** BigInt(this.rows);
    this.rows += 1;
    await Projects.updateOne({ accountId: this.accountId, name: project }, { $set: { externalId: project } });
    const begin = new Date(this.clock.now().getTime() - days * 86_400_000).toISOString();
    const amount = `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
    const row = `b1,EUR,${amount},Usage,${begin},${begin},S${this.rows},${project}`;
    const open = () => Readable.from([Buffer.from(`${HEAD}\n${row}\n`)]);
    await importFocus(this.ctx(), { accountId: this.accountId, fileName: 'x.csv', replace: false, open });
  }
}

const EVENT_OF = {
  approved: 'move_approved',
  rejected: 'move_rejected',
  withdrawn: 'move_withdrawn',
  expired: 'move_expired',
  refused: 'move_refused',
} as const;

function isOf(after: unknown, requestId: string): boolean {
  return typeof after === 'object' && after !== null && 'requestId' in after && after.requestId === requestId;
}

function mayHave(request: MoveDoc, userId: string): boolean {
  return APPROVERS.includes(userId) && userId !== request.askedBy;
}

function centsOf(amount: Parameters<typeof fromDecimal128>[0]): bigint {
  return BigInt(fromDecimal128(amount).times(100).toFixed(0));
}

/** The distinct powers of two that add up to a number. */
function powersIn(total: bigint): bigint[] {
  const powers: bigint[] = [];
  for (let power = 1n; power <= total; power *= 2n) if ((total & power) !== 0n) powers.push(power);
  return powers;
}

function pick<T>(all: readonly T[], place: number): T | undefined {
  return all[place % Math.max(1, all.length)];
}
