import { Readable } from 'node:stream';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { faultIn } from '../../src/billing/membership.ts';
import { sum } from '../../src/billing/money.ts';
import { EFFECTS, type Effect } from '../../src/billing/move.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import { setMember } from '../../src/services/accounts.ts';
import type { Ctx } from '../../src/services/context.ts';
import { refreshEstimates } from '../../src/services/estimates.ts';
import { createGroup, deleteGroup } from '../../src/services/groups.ts';
import { importFocus } from '../../src/services/imports.ts';
import { closeDue } from '../../src/services/invoices.ts';
import { askMove } from '../../src/services/move-ask.ts';
import { approveMove, rejectMove, tendMoves, withdrawMove } from '../../src/services/move-decide.ts';
import { createProject } from '../../src/services/projects.ts';
import { Accounts } from '../../src/store/accounts.ts';
import { Costs } from '../../src/store/costs.ts';
import { fromDecimal128 } from '../../src/store/decimal.ts';
import { Groups, Memberships, Projects } from '../../src/store/groups.ts';
import { Invoices } from '../../src/store/invoices.ts';
import { migrate } from '../../src/store/migrate.ts';
import { Moves } from '../../src/store/moves.ts';
import { anAccount, contextAt, person, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';

useDatabase(migrate);

const RUNS = 12;
const PEOPLE = ['U_OWNER', 'U_ADMIN', 'U_APPROVER', 'U_MEMBER'] as const;
const HEAD =
  'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';

/** Something that a person or the product does; numbers choose among what there is at that moment. */
type Step =
  | { readonly do: 'create' | 'project' | 'delete' | 'close' | 'expire'; readonly who: number; readonly at: number }
  | { readonly do: 'ask'; readonly who: number; readonly at: number; readonly to: number; readonly effect: Effect }
  | { readonly do: 'approve' | 'reject' | 'withdraw'; readonly who: number; readonly at: number }
  | { readonly do: 'import'; readonly who: number; readonly at: number; readonly cents: number; readonly days: number }
  | { readonly do: 'wait'; readonly who: number; readonly at: number; readonly hours: number };

const who = fc.nat(PEOPLE.length - 1);
const at = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('create' as const, 'delete' as const, 'close' as const, 'expire' as const),
      who,
      at,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('project' as const), who, at }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('ask' as const), who, at, to: at, effect: fc.constantFrom(...EFFECTS) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('approve' as const, 'reject' as const, 'withdraw' as const), who, at }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('import' as const),
      who,
      at,
      cents: fc.integer({ min: -500, max: 100_000 }),
      days: fc.nat(45),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), who, at, hours: fc.integer({ min: 1, max: 400 }) }),
  },
);
/** Some steps are taken at the same time. */
const story = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 4, maxLength: 14 });

let made = 0;

class World {
  readonly clock = new TestClock('2026-03-20T12:00:00Z');
  readonly accountId: string;
  private rows = 0;

  private constructor(accountId: string) {
    this.accountId = accountId;
  }

  static async make(policy: { who: 'receiving' | 'both' | 'nobody'; needed: number }): Promise<World> {
    const clock = new TestClock('2026-03-20T12:00:00Z');
    const account = await anAccount(contextAt(clock), { currency: 'EUR', timeZone: 'Europe/Berlin' });
    await Accounts.updateOne({ _id: account._id }, { $set: { approvalPolicy: policy } });
    const world = new World(account._id);
    await setMember(world.ctx(), account._id, 'U_ADMIN', 'billing_admin');
    await setMember(world.ctx(), account._id, 'U_APPROVER', 'approver');
    await setMember(world.ctx(), account._id, 'U_MEMBER', 'member');
    for (const name of ['A', 'B']) await createGroup(world.ctx(), { accountId: account._id, name });
    for (const name of ['p1', 'p2']) await createProject(world.ctx(), { accountId: account._id, name });
    return world;
  }

  /** A refusal is an answer too; whatever else is thrown is a fault. */
  async take(one: Step): Promise<void> {
    try {
      await this.perform(one);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  async check(): Promise<void> {
    const { accountId } = this;
    while ((await refreshEstimates(this.ctx())) > 0);
    for (const project of await Projects.find({ accountId }).lean()) {
      const memberships = await Memberships.find({ projectId: project._id }).lean();
      expect(faultIn(memberships)).toBeUndefined();
      expect(memberships.filter((one) => one.open)).toHaveLength(1);
    }
    const costs = await Costs.find({ accountId }).lean();
    const invoices = await Invoices.find({ accountId }).lean();
    const total = (amounts: Parameters<typeof fromDecimal128>[0][]) => sum(amounts.map(fromDecimal128)).toFixed();
    expect(invoices.reduce((count, one) => count + one.recordCount, 0)).toBe(costs.length);
    expect(total(invoices.map((one) => one.exact))).toBe(total(costs.map((one) => one.amount)));
  }

  private ctx(): Ctx {
    return contextAt(this.clock);
  }

  private async perform(one: Step): Promise<void> {
    const { accountId } = this;
    const ctx = contextAt(this.clock, person(PEOPLE[one.who] ?? 'U_OWNER'));
    const groups = await Groups.find({ accountId, state: 'active' }).sort({ _id: 1 }).lean();
    const projects = await Projects.find({ accountId }).sort({ _id: 1 }).lean();
    const requests = await Moves.find({ accountId }).sort({ _id: 1 }).lean();
    const group = pick(groups, one.at);
    const request = pick(requests, one.at);
    made += 1;
    switch (one.do) {
      case 'create':
        await createGroup(ctx, { accountId, name: `G${made}` });
        return;
      case 'project':
        await createProject(ctx, { accountId, name: `p${made}`, ...(group && { billingGroupId: group._id }) });
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
      case 'ask': {
        const chosen = [pick(projects, one.at), pick(projects, one.at + 1)].flatMap((project) => project?._id ?? []);
        const to = pick(groups, one.to);
        if (to)
          await askMove(ctx, { accountId, projectIds: chosen, toGroupId: to._id, effect: one.effect, reason: '' });
        return;
      }
      case 'approve':
        if (request) await approveMove(ctx, { accountId, requestId: request._id, ifSomeCant: 'others' });
        return;
      case 'reject':
        if (request) await rejectMove(ctx, { accountId, requestId: request._id, reason: 'No.' });
        return;
      case 'withdraw':
        if (request) await withdrawMove(ctx, { accountId, requestId: request._id });
        return;
      case 'import':
        await this.importOne(pick(projects, one.at)?.name ?? 'p1', one.cents, one.days);
        return;
      case 'wait':
        this.clock.set(new Date(this.clock.now().getTime() + one.hours * 3_600_000).toISOString());
    }
  }

  /** A cost of some days ago, which may be late by now. */
  private async importOne(project: string, cents: number, days: number): Promise<void> {
    this.rows += 1;
    await Projects.updateOne({ accountId: this.accountId, name: project }, { $set: { externalId: project } });
    const begin = new Date(this.clock.now().getTime() - days * 86_400_000).toISOString();
    const row = `b1,EUR,${(cents / 100).toFixed(2)},Usage,${begin},${begin},S${this.rows},${project}`;
    const open = () => Readable.from([Buffer.from(`${HEAD}\n${row}\n`)]);
    await importFocus(this.ctx(), { accountId: this.accountId, fileName: 'x.csv', replace: false, open });
  }
}

function pick<T>(all: readonly T[], place: number): T | undefined {
  return all[place % Math.max(1, all.length)];
}

it('whatever people do, in any order and at once: one open membership, no gap, every cost on one invoice, no cent lost', async () => {
  const policy = fc.record({
    who: fc.constantFrom('receiving' as const, 'both' as const, 'nobody' as const),
    needed: fc.constantFrom(1, 1, 2),
  });
  await fc.assert(
    fc.asyncProperty(policy, story, async (rule, steps) => {
      const world = await World.make(rule);
      for (const together of steps) {
        const taken = await Promise.allSettled(together.map((one) => world.take(one)));
        for (const one of taken) if (one.status === 'rejected') throw one.reason;
      }
      await world.check();
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? RUNS), endOnFailure: true },
  );
}, 600_000);
