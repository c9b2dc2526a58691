import { type Decimal, roundToMinor, sum, ZERO } from '../billing/money.ts';
import { EFFECTS, type Effect, effectInstant, mayApprove } from '../billing/move.ts';
import { type Period, periodAt } from '../billing/period.ts';
import { Refusal } from '../billing/refusal.ts';
import { fromDecimal128 } from '../store/decimal.ts';
import { type GroupDoc, Groups, type MembershipDoc } from '../store/groups.ts';
import { Invoices } from '../store/invoices.ts';
import { type MoveDoc, Moves } from '../store/moves.ts';
import { type ProjectSum, sumsFrom } from '../store/sums.ts';
import type { Ctx } from './context.ts';
import { membershipsOf } from './move-apply.ts';
import { peopleOf } from './move-people.ts';
import { admit } from './rights.ts';

/** A request as it is shown. */
export interface MoveSummary extends MoveDoc {
  readonly toGroupName: string;
  /** Names of the groups that the projects are in, without repetition. */
  readonly fromGroupNames: readonly string[];
}

/** What one of the effects would come to. */
export interface EffectPreview {
  readonly effect: Effect;
  readonly at: Date;
  /** Costs of the open period so far that go along, by currency; exact. */
  readonly along: readonly { readonly currency: string; readonly amount: Decimal }[];
  /** The group's estimate before and after, for the target first, then for those that give. */
  readonly estimates: readonly EstimateChange[];
}

export interface EstimateChange {
  readonly billingGroupId: string;
  readonly name: string;
  readonly currency: string;
  readonly before: Decimal;
  readonly after: Decimal;
}

/**
 * What a move would come to, for each instant from which it could hold: how much of the costs so far goes along, and
 * each group's estimate before and after, as exactly as an invoice. Few queries, however many projects there are.
 *
 * @throws {Refusal} `billing_group_not_found`, `account_not_found`
 */
export async function previewMove(
  ctx: Ctx,
  input: { accountId: string; projectIds: readonly string[]; toGroupId: string },
): Promise<EffectPreview[]> {
  const { account } = await admit(ctx, input.accountId, 'see');
  const now = ctx.clock.now();
  const period = periodAt(now, account.timeZone);
  const memberships = await membershipsOf(input.projectIds);
  const pieces = [...memberships.values()].flat().filter((one) => one.accountId === account._id);
  const ids = [
    ...new Set([input.toGroupId, ...pieces.filter((one) => isPresent(one, now)).map((one) => one.billingGroupId)]),
  ];
  const groups = await Groups.find({
    accountId: account._id,
    _id: { $in: [...ids, ...pieces.map((one) => one.billingGroupId)] },
  }).lean();
  if (!groups.some(({ _id }) => _id === input.toGroupId)) {
    throw new Refusal('billing_group_not_found', 'There is no such billing group.');
  }
  const estimates = await exactEstimates(
    groups.map(({ _id }) => _id),
    period,
  );
  const previews: EffectPreview[] = [];
  for (const effect of EFFECTS) {
    const at = effectInstant(effect, now, account.timeZone);
    const going = effect === 'next_period' ? [] : await flowsFrom(account._id, period, at, pieces, input.toGroupId);
    const giving = [...new Set([...ids, ...going.map(({ from }) => from)])];
    const changes = giving.flatMap((id) => changeOf(id, groups, estimates, going, input.toGroupId));
    previews.push({ effect, at, along: byCurrency(going), estimates: changes });
  }
  return previews;
}

/** Costs that leave a group. */
interface Flow extends ProjectSum {
  /** The group that pays for them now. */
  readonly from: string;
}

/**
 * The costs of a period from an instant on that another group than the target pays for now. Projects that were in one
 * group all the time are asked for at once; one that changed its group since is asked for by the parts of its time.
 */
async function flowsFrom(
  accountId: string,
  period: Period,
  at: Date,
  pieces: readonly MembershipDoc[],
  toGroupId: string,
): Promise<Flow[]> {
  const since = pieces.filter(({ to, billingGroupId }) => (to === null || to > at) && billingGroupId !== toGroupId);
  const whole = since.filter(({ from, to }) => to === null && (from === null || from <= at));
  const parts = since.filter((one) => !whole.includes(one));
  const flows: Flow[] = [];
  if (whole.length > 0) {
    const holders = new Map(whole.map(({ projectId, billingGroupId }) => [projectId, billingGroupId]));
    const sums = await sumsFrom({ accountId, projectIds: [...holders.keys()], period, from: at });
    flows.push(...sums.map((one) => ({ ...one, from: holders.get(one.projectId) ?? '' })));
  }
  for (const { projectId, billingGroupId, from, to } of parts) {
    const begin = from && from > at ? from : at;
    const sums = await sumsFrom({ accountId, projectIds: [projectId], period, from: begin, ...(to && { to }) });
    flows.push(...sums.map((one) => ({ ...one, from: billingGroupId })));
  }
  return flows;
}

function isPresent({ from, to }: MembershipDoc, now: Date): boolean {
  return (from === null || from <= now) && (to === null || to > now);
}

/** One request. @throws {Refusal} `move_not_found` */
export async function getMove(ctx: Ctx, accountId: string, requestId: string): Promise<MoveSummary> {
  await admit(ctx, accountId, 'see');
  const request = await Moves.findOne({ _id: requestId, accountId }).lean();
  const [summary] = request ? await withNames([request]) : [];
  if (!summary) throw new Refusal('move_not_found', 'There is no such request any more.');
  return summary;
}

/** Open requests that the person who asks may decide, the oldest first. */
export async function openMovesFor(ctx: Ctx, accountId: string): Promise<MoveSummary[]> {
  const { role } = await admit(ctx, accountId, 'see');
  const { actor } = ctx;
  if (actor.kind !== 'person' || role === null) return [];
  const open = await Moves.find({ accountId, state: 'open', askedBy: { $ne: actor.userId } })
    .sort({ askedAt: 1 })
    .limit(20)
    .lean();
  if (open.length === 0) return [];
  const summaries = await withNames(open);
  const groups = await Groups.find(
    { _id: { $in: open.flatMap(({ asked }) => [...asked]) } },
    { approverIds: 1 },
  ).lean();
  return summaries.filter(({ asked, askedBy, approvals }) => {
    const mine = groups.filter(({ _id }) => asked.includes(_id));
    const isAble = mine.some((group) => mayApprove({ userId: actor.userId, role }, group, askedBy));
    return isAble && !approvals.some(({ userId }) => userId === actor.userId);
  });
}

/** Requests whose messages do not show yet what they have come to, for the job that sees to it. */
export async function unshownMoves(limit: number): Promise<MoveSummary[]> {
  return withNames(await Moves.find({ unshown: true }).sort({ askedAt: 1 }).limit(limit).lean());
}

/** Notes where a request's message stands; a copy that is noted twice is one. */
export async function noteCopies(requestId: string, copies: MoveDoc['copies']): Promise<void> {
  await Moves.updateOne({ _id: requestId }, { $set: { copies } });
}

/** Notes that every message shows a version of the request; a later one stays to be shown. */
export async function markShown(requestId: string, version: number): Promise<void> {
  await Moves.updateOne({ _id: requestId, version }, { $unset: { unshown: 1 } });
}

/** Who may decide a request: those that are asked directly where the account has no channel for it. */
export async function approversOf(request: MoveDoc): Promise<string[]> {
  const people = await peopleOf(request.accountId);
  const groups = await Groups.find({ _id: { $in: [...request.asked] } }, { approverIds: 1 }).lean();
  return people
    .filter((person) => groups.some((group) => mayApprove(person, group, request.askedBy)))
    .map(({ userId }) => userId);
}

async function withNames(requests: readonly MoveDoc[]): Promise<MoveSummary[]> {
  const ids = requests.flatMap(({ toGroupId, projects }) => [toGroupId, ...projects.map((one) => one.fromGroupId)]);
  const groups = await Groups.find({ _id: { $in: [...new Set(ids)] } }, { name: 1 }).lean();
  const nameOf = (id: string) => groups.find(({ _id }) => _id === id)?.name ?? '';
  return requests.map((request) => ({
    ...request,
    toGroupName: nameOf(request.toGroupId),
    fromGroupNames: [...new Set(request.projects.map(({ fromGroupId }) => nameOf(fromGroupId)))],
  }));
}

async function exactEstimates(groupIds: readonly string[], period: Period): Promise<Map<string, Decimal>> {
  const docs = await Invoices.find(
    { billingGroupId: { $in: [...groupIds] }, period },
    { billingGroupId: 1, exact: 1 },
  ).lean();
  return new Map(docs.map(({ billingGroupId, exact }) => [billingGroupId, fromDecimal128(exact)]));
}

function changeOf(
  id: string,
  groups: readonly GroupDoc[],
  estimates: ReadonlyMap<string, Decimal>,
  flows: readonly Flow[],
  toGroupId: string,
): EstimateChange[] {
  const group = groups.find(({ _id }) => _id === id);
  if (!group) return [];
  const exact = estimates.get(id) ?? ZERO;
  // what is in another currency is on no estimate until there is a rate
  const own = flows.filter(({ currency }) => currency === group.currency);
  const amounts = own.filter(({ from }) => id === toGroupId || from === id).map(({ amount }) => amount);
  const after = id === toGroupId ? exact.plus(sum(amounts)) : exact.minus(sum(amounts));
  const { name, currency } = group;
  return [
    { billingGroupId: id, name, currency, before: roundToMinor(exact, currency), after: roundToMinor(after, currency) },
  ];
}

function byCurrency(sums: readonly ProjectSum[]): { currency: string; amount: Decimal }[] {
  const totals = new Map<string, Decimal>();
  for (const { currency, amount } of sums) totals.set(currency, (totals.get(currency) ?? ZERO).plus(amount));
  return [...totals].map(([currency, amount]) => ({ currency, amount }));
}
