import { breakdownOf, type LeftOut } from '../../billing/invoice/breakdown.ts';
import { calculate, type Terms } from '../../billing/invoice/calculate.ts';
import { type Decimal, sum } from '../../billing/money/money.ts';
import { holderAt } from '../../billing/move/membership.ts';
import { EFFECTS, type Effect, effectInstant } from '../../billing/move/move.ts';
import { type Period, periodAt, spanOf } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import type { ExactRow } from '../../store/costs/cost-rows-sum.ts';
import { projectNames, rowsWithout, toCostSums } from '../../store/costs/cost-sums.ts';
import { groupById, groupsByIds } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import { rowsBetween, type SlotRow } from '../../store/moves/move-sums.ts';
import type { MoveFacts } from '../../store/moves/moves.ts';
import { admitTo } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import { withoutCommitments } from '../invoicing/figures.ts';
import { ratesOnce, termsOfGroups } from '../invoicing/invoice-terms.ts';
import type { Ctx } from '../kit/context.ts';
import { inTransaction } from '../kit/transaction.ts';
import { type MembershipsOf, membershipsByProject } from './move-apply.ts';

/** The cost impact of one effective date. */
export interface EffectPreview {
  readonly effect: Effect;
  readonly at: Date;
  /** Costs of the open period so far that are included in the move, by currency; exact. */
  readonly along: readonly { readonly currency: string; readonly amount: Decimal }[];
  /** Each group's estimate before and after, for the target first, then for the groups that projects leave. */
  readonly estimates: readonly EstimateChange[];
}

/** An estimate of the open period before and after a move: after adjustments and credits, before tax. */
export interface EstimateChange {
  readonly billingGroupId: string;
  readonly name: string;
  readonly currency: string;
  readonly before: Decimal;
  readonly after: Decimal;
  /** The gap to the group's commitments, which is in neither figure; absent if there is none. */
  readonly commitments?: { readonly before: Decimal; readonly after: Decimal };
  /** Amounts without a rate after the move, which are in neither figure; absent if there are none. */
  readonly leftOut?: readonly LeftOut[];
}

/** A planned move, and its possible instants. */
interface Question {
  readonly projectIds: readonly string[];
  readonly toGroupId: string;
  readonly instants: readonly { readonly effect: Effect; readonly at: Date }[];
}

/** A row of costs of a project to be moved, with the start of its group membership. */
interface MovingRow {
  readonly row: SlotRow;
  readonly since: Date;
  /** The group that currently pays for it. */
  readonly from: string | undefined;
}

/** The data for a group's estimates, independent of its projects. */
interface Basis {
  readonly group: GroupDoc;
  readonly terms: Terms;
  /** The costs of projects that aren't moved. */
  readonly others: readonly ExactRow[];
  readonly names: ReadonlyMap<string, string>;
}

/**
 * The cost impact of a move for each possible effective date, on the groups that the caller sees: the costs so far that are included in the move, and each
 * group's estimate before and after, calculated like its invoice, with its discounts, charges, commitments and credits.
 * The number of queries depends on the groups, not on the projects to be moved.
 *
 * @throws {Refusal} `billing_group_not_found`, `account_not_found`
 */
export async function previewMove(
  ctx: Ctx,
  input: { accountId: string; projectIds: readonly string[]; toGroupId: string },
): Promise<EffectPreview[]> {
  const { account, sight } = await admitTo(ctx, input.accountId, input.toGroupId);
  const now = ctx.clock.now();
  const hidden = new Set(await hiddenProjectIds(account._id, sight, now));
  const projectIds = input.projectIds.filter((id) => !hidden.has(id));
  const instants = EFFECTS.map((effect) => ({ effect, at: effectInstant(effect, now, account.timeZone) }));
  const previews = await inTransaction(ctx, (tx) => previewsOf(tx, account, now, { ...input, projectIds, instants }));
  return previews.map((one) => ({ ...one, estimates: sight.among(one.estimates) }));
}

/**
 * The cost impact of one effective date, as stored with a request. Must be called before the move is carried out.
 *
 * @throws {Refusal} `billing_group_not_found`
 */
export async function factsOf(
  tx: Tx,
  account: AccountDoc,
  now: Date,
  input: { projectIds: readonly string[]; toGroupId: string; effect: Effect; at: Date },
): Promise<MoveFacts> {
  const { effect, at } = input;
  const [preview] = await previewsOf(tx, account, now, { ...input, instants: [{ effect, at }] });
  const { along = [], estimates = [] } = preview ?? {};
  return {
    along: along.map(({ currency, amount }) => ({ currency, amount: amount.toFixed() })),
    estimates: estimates.map(({ billingGroupId, name, currency, before, after, commitments, leftOut }) => ({
      ...{ billingGroupId, name, currency },
      before: before.toFixed(),
      after: after.toFixed(),
      ...(commitments && { commitments: { before: commitments.before.toFixed(), after: commitments.after.toFixed() } }),
      ...(leftOut && { leftOut: leftOut.map((one) => ({ ...one, amount: one.amount.toFixed() })) }),
    })),
  };
}

async function previewsOf(tx: Tx, account: AccountDoc, now: Date, question: Question): Promise<EffectPreview[]> {
  const { toGroupId, instants } = question;
  const period = periodAt(now, account.timeZone);
  const memberships = await membershipsByProject(account._id, question.projectIds);
  const to = await groupById(account._id, toGroupId);
  if (!to) throw new Refusal('billing_group_not_found', {});
  const moving = await movingRows(account, period, memberships, instants);
  const present = [...memberships.values()].flatMap((ofProject) => holderAt(ofProject, now)?.billingGroupId ?? []);
  const bases = await basesOf(tx, account, { period, now }, to, moving, [...memberships.keys()], present);
  return instants.map(({ effect, at }) => {
    const going = moving.filter(({ since, from }) => since >= at && from !== undefined && from !== toGroupId);
    const concerned = new Set([toGroupId, ...present, ...going.map(({ from }) => from)]);
    const changes = bases
      .filter(({ group }) => concerned.has(group._id))
      .map((basis) => changeOf(basis, moving, toGroupId, at));
    return { effect, at, along: byCurrency(going), estimates: changes };
  });
}

/** The costs in the period of projects to be moved, split where they change their group or may do so. */
async function movingRows(
  account: AccountDoc,
  period: Period,
  memberships: MembershipsOf,
  instants: Question['instants'],
): Promise<MovingRow[]> {
  const { begin, end } = spanOf(period, account.timeZone);
  const edges = [...memberships.values()].flat().flatMap(({ from, to }) => [from, to]);
  const cuts = distinct([begin, ...instants.map(({ at }) => at), ...edges], begin, end);
  const rows = await rowsBetween({ accountId: account._id, projectIds: [...memberships.keys()], period, cuts });
  return rows.map((row) => {
    const since = cuts[row.slot - 1] ?? begin;
    return { row, since, from: holderAt(memberships.get(row._id.project) ?? [], since)?.billingGroupId };
  });
}

/** The target's basis first, then those of the groups that currently pay for the projects. */
async function basesOf(
  tx: Tx,
  account: AccountDoc,
  at: { readonly period: Period; readonly now: Date },
  to: GroupDoc,
  moving: readonly MovingRow[],
  projectIds: readonly string[],
  present: readonly string[],
): Promise<Basis[]> {
  const { _id: accountId, timeZone } = account;
  const ids = [...new Set([...present, ...moving.flatMap(({ from }) => from ?? [])])].filter((id) => id !== to._id);
  const givers = await groupsByIds(accountId, ids);
  const inOrder = ids.flatMap((id) => givers.find(({ _id }) => _id === id) ?? []);
  const found: { group: GroupDoc; others: ExactRow[] }[] = [];
  for (const group of [to, ...inOrder]) {
    const of = { accountId, billingGroupId: group._id, period: at.period, timeZone };
    found.push({ group, others: await rowsWithout(tx, of, projectIds) });
  }
  const movable = moving.map(({ row }) => row);
  const names = await projectNames(accountId, [...movable, ...found.flatMap(({ others }) => others)]);
  const all = found.map(({ group, others }) => ({ group, costs: toCostSums([...others, ...movable], names) }));
  const terms = await termsOfGroups(tx, account, all, { ...at, rates: ratesOnce(account, at.now) });
  return found.flatMap(({ group, others }) => {
    const own = terms.get(group._id);
    return own ? [{ group, others, names, terms: own }] : [];
  });
}

/** A group's estimate with its current projects, and with those that it has from an instant on. */
function changeOf(basis: Basis, moving: readonly MovingRow[], toGroupId: string, at: Date): EstimateChange {
  const { _id: billingGroupId, name, currency } = basis.group;
  const holderAfter = ({ since, from }: MovingRow) => (since >= at ? toGroupId : from);
  const before = estimateOf(
    basis,
    moving.filter(({ from }) => from === billingGroupId),
  );
  const after = estimateOf(
    basis,
    moving.filter((one) => holderAfter(one) === billingGroupId),
  );
  const isMissing = [before, after].some(({ commitments }) => !commitments.isZero());
  return {
    ...{ billingGroupId, name, currency },
    ...{ before: before.net, after: after.net },
    ...(isMissing && { commitments: { before: before.commitments, after: after.commitments } }),
    ...(after.leftOut.length > 0 && { leftOut: after.leftOut }),
  };
}

function estimateOf({ group: { currency }, terms, others, names }: Basis, own: readonly MovingRow[]) {
  const costs = toCostSums([...others, ...own.map(({ row }) => row)], names);
  const calculation = calculate(costs, currency, terms);
  const { net } = withoutCommitments(costs, currency, terms, calculation) ?? calculation;
  const { commitments } = breakdownOf(calculation.lines);
  return { net, commitments, leftOut: calculation.leftOut };
}

/** Instants within the period, without duplicates, in order. */
function distinct(instants: readonly (Date | null)[], begin: Date, end: Date): Date[] {
  const times = instants.flatMap((one) => (one && one >= begin && one < end ? [one.getTime()] : []));
  return [...new Set(times)].sort((a, b) => a - b).map((time) => new Date(time));
}

function byCurrency(rows: readonly MovingRow[]): { currency: string; amount: Decimal }[] {
  const currencies = [...new Set(rows.map(({ row }) => row._id.currency))];
  return currencies.map((currency) => {
    const own = rows.filter(({ row }) => row._id.currency === currency);
    return { currency, amount: sum(own.map(({ row }) => row.amount)) };
  });
}
