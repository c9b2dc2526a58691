import type { PipelineStage } from 'mongoose';
import { clip, covers } from '../../billing/move/membership.ts';
import { addDays, startOfDay } from '../../billing/period/day.ts';
import { type Period, periodsBetween, type Span, shiftPeriod, spanOf, toPeriod } from '../../billing/period/period.ts';
import { type MembershipDoc, Memberships } from '../groups/groups.ts';
import { hasDaySums, hasProjectTotals, type LoadDoc, Loads } from './costs.ts';
import { type DayAmount, daysOfRecords, storedDays } from './day-sums.ts';
import { storedTotals } from './day-totals.ts';

type Match = PipelineStage.Match['$match'];

/** What costs are limited to: a cost counts if its group or its project is named. Undefined: the whole account. */
export type CostScope = { readonly groupIds: readonly string[]; readonly projectIds: readonly string[] } | undefined;

/** The costs of a service of a project on one day from one source, in the currency of the cost files. */
export interface DayCell extends DayAmount {
  readonly source: string;
}

/** Which days' costs are read. */
export interface DaysOf {
  readonly accountId: string;
  readonly timeZone: string;
  /** The first and the last day, YYYY-MM-DD. */
  readonly from: string;
  readonly until: string;
  readonly scope: CostScope;
  /** Groups whose costs are left out, whatever the scope: those that the reader doesn’t see. */
  readonly hidden: readonly string[];
  /** Whether the account's costs are needed by project; otherwise their project is null, which is far less to read. */
  readonly byProject?: boolean;
  /**
   * Whether only the sums of all days by project and currency are needed: the database adds them up, and cells are on
   * the first day and without a service or source.
   */
  readonly isSummed?: boolean;
}

/** Days of a whole account. */
export type Days = Pick<DaysOf, 'accountId' | 'timeZone' | 'from' | 'until'>;

/**
 * The costs of days, from the stored sums by day; a cell can occur several times. Records are read only of projects that
 * changed their group within a month, for that month, and of loads whose sums are out of date. At most six queries, or
 * eleven if groups of the account are hidden.
 */
export async function dayCells(of: DaysOf): Promise<DayCell[]> {
  if (of.scope || of.hidden.length === 0) return cellsIn(of);
  // far less to read than the costs of each group that is seen
  const hidden = await cellsIn({ ...of, scope: { groupIds: of.hidden, projectIds: [] }, hidden: [] });
  const isNamed = of.byProject ?? false;
  return [
    ...(await cellsIn(of)),
    ...hidden.map((one) => ({ ...one, ...(!isNamed && { projectId: null }), amount: one.amount.neg() })),
  ];
}

async function cellsIn(of: DaysOf): Promise<DayCell[]> {
  const { accountId, timeZone, from, until } = of;
  const loads = await loadsIn(accountId, monthsOf(of));
  const { either, all, split } = await conditionsOf(of);
  const span = spanOfDays(of);
  const [summed, unsummed] = [loads.filter(hasDaySums), loads.filter((load) => !hasDaySums(load))];
  const sumsIds = summed.flatMap(({ sums }) => sums?.id ?? []);
  const sourceOf = new Map(
    loads.flatMap(({ _id, sums, source }) => [[`${_id}`, source] as const, [`${sums?.id}`, source] as const]),
  );
  const cells: DayCell[] = [];
  const stored = { accountId, sumsIds, either, from, until };
  const totaled = summed.filter(hasProjectTotals).flatMap(({ sums }) => sums?.id ?? []);
  if (of.isSummed) for (const one of await storedTotals(stored, totaled)) cells.push({ ...one, source: '' });
  else
    for (const { sumsId, ...one } of await storedDays(stored))
      cells.push({ ...one, source: sourceOf.get(`${sumsId}`) ?? '' });
  const records = [...matchIn(unsummed, span, all), ...matchIn(summed, span, split)];
  for (const match of records)
    for (const { loadId, ...one } of await daysOfRecords({ accountId, ...match }, timeZone))
      cells.push({ ...one, source: sourceOf.get(`${loadId}`) ?? '' });
  return cells;
}

/** Matches the records that count on some days, of which no record meets two. Two queries. */
export async function recordMatches(of: DaysOf): Promise<Match[]> {
  const loads = await loadsIn(of.accountId, monthsOf(of));
  const { all } = await conditionsOf(of);
  return matchIn(loads, spanOfDays(of), all).map((match) => ({ accountId: of.accountId, ...match }));
}

/** The newest day with costs of each source, up to a day; days to come don't count. Three queries at most. */
export async function newestDays(of: Days): Promise<Map<string, string>> {
  const newest = new Map<string, string>();
  for (const [source, days] of await deliveredDays(of))
    for (const day of days) if (day > (newest.get(source) ?? '')) newest.set(source, day);
  return newest;
}

/** The days on which each source has costs, in the whole account. Three queries at most. */
export async function deliveredDays(of: Days): Promise<Map<string, Set<string>>> {
  const delivered = new Map<string, Set<string>>();
  for (const { source, day } of await cellsIn({ ...of, scope: undefined, hidden: [] }))
    delivered.set(source, (delivered.get(source) ?? new Set()).add(day));
  return delivered;
}

/** Changes whenever the costs of these days may have changed. One query. */
export async function costsStamp(of: Days): Promise<string> {
  const loads = await loadsIn(of.accountId, monthsOf(of));
  return loads
    .map(({ _id, writer, sums }) => `${_id} ${writer ?? ''} ${sums?.id ?? ''}`)
    .sort()
    .join();
}

function monthsOf({ from, until }: Pick<DaysOf, 'from' | 'until'>): Period[] {
  return periodsBetween(toPeriod(from.slice(0, 7)), toPeriod(until.slice(0, 7)));
}

function spanOfDays({ from, until, timeZone }: DaysOf): Span {
  return { begin: startOfDay(from, timeZone), end: startOfDay(addDays(until, 1), timeZone) };
}

async function conditionsOf(of: DaysOf): Promise<Conditions> {
  if (of.scope) return inGroups(of, of.scope, monthsOf(of));
  const month = { $in: monthsOf(of) };
  return { either: [{ projectId: of.byProject ? { $ne: null } : null, month }], all: [{}], split: [] };
}

/** Clocks that are set back at midnight show the last day of a month in the first hour of the next. */
async function loadsIn(accountId: string, months: readonly Period[]): Promise<LoadDoc[]> {
  const periods = { $in: [...months, ...months.slice(-1).map((last) => shiftPeriod(last, 1))] };
  return Loads.find({ accountId, state: 'active', periods }, { source: 1, sums: 1, writer: 1 }).lean<LoadDoc[]>();
}

/** Conditions on the stored sums, on all records, and on those that no stored sum has; none of each meets another. */
interface Conditions {
  readonly either: readonly Match[];
  readonly all: readonly Match[];
  readonly split: readonly Match[];
}

/** A cost counts for the group that held its project at its time. Projects that are named count in any group. */
async function inGroups(
  { accountId, timeZone, hidden }: DaysOf,
  { groupIds, projectIds }: NonNullable<CostScope>,
  months: readonly Period[],
): Promise<Conditions> {
  // in any group, if all groups are seen
  const named = hidden.length === 0 ? projectIds : [];
  const held = await heldBy(accountId, { groupIds, projectIds: [...projectIds], named, hidden });
  const spans = months.map((month) => ({ month, ...spanOf(month, timeZone) }));
  const isWhole = (one: MembershipDoc) => spans.every((span) => covers(one, span));
  const whole = [...named, ...held.filter(isWhole).map(({ projectId }) => projectId)];
  const others = held.filter((one) => !isWhole(one));
  const parts = others.flatMap((one) => spans.map((span) => ({ ...one, span, isCovered: covers(one, span) })));
  const clipped = (isCovered: boolean) =>
    parts.flatMap((one) => {
      const part = one.isCovered === isCovered ? clip(one, one.span) : undefined;
      if (!part) return [];
      // late costs are on later invoices
      const { projectId, span } = one;
      return [{ projectId, period: { $gte: span.month }, begin: { $gte: part.begin, $lt: part.end } }];
    });
  const covered = parts.flatMap(({ projectId, span, isCovered }) =>
    isCovered ? [{ projectId, month: span.month }] : [],
  );
  const all = whole.length === 0 ? [] : [{ projectId: { $in: whole } }];
  return {
    either: [...all.map((one) => ({ ...one, month: { $in: [...months] } })), ...covered],
    all: [...all, ...clipped(true), ...clipped(false)],
    split: clipped(false),
  };
}

/** The memberships of groups, and of projects in groups that aren’t hidden, without those of some projects. */
async function heldBy(
  accountId: string,
  of: Readonly<Record<'groupIds' | 'projectIds' | 'named' | 'hidden', readonly string[]>>,
): Promise<MembershipDoc[]> {
  const others = of.projectIds.filter((id) => !of.named.includes(id));
  if (of.groupIds.length + others.length === 0) return [];
  return Memberships.find({
    ...{ accountId, billingGroupId: { $nin: [...of.hidden] }, projectId: { $nin: [...of.named] } },
    $or: [{ billingGroupId: { $in: [...of.groupIds] } }, { projectId: { $in: others } }],
  }).lean();
}

/** One match for the records of some loads, or none if there is nothing to read. */
function matchIn(loads: readonly LoadDoc[], { begin, end }: Span, either: readonly Match[]): Match[] {
  if (loads.length === 0 || either.length === 0) return [];
  const within = { loadId: { $in: loads.map(({ _id }) => _id) }, begin: { $gte: begin, $lt: end } };
  return [{ $and: [within, { $or: [...either] }] }];
}
