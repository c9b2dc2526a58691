import type { PipelineStage } from 'mongoose';
import { byKey } from '../../billing/by-key.ts';
import type { CostSum } from '../../billing/invoice/invoice.ts';
import { commonTags } from '../../billing/invoice/line-tags.ts';
import { sum } from '../../billing/money/money.ts';
import { clip, covers } from '../../billing/move/membership.ts';
import { type Period, spanOf } from '../../billing/period/period.ts';
import { type MembershipDoc, Memberships, type ProjectDoc, Projects } from '../groups/groups.ts';
import { readTogether, type Source } from '../kit/read-together.ts';
import type { Reads, Tx } from '../kit/transaction.ts';
import { addedUp, type ExactRow, lineKey, sumsOfRecords } from './cost-rows-sum.ts';
import { activeLoads, counted, countingRecords, type SummedLoad, storedIn } from './loads.ts';
import { storedRows } from './stored-sums.ts';

type Match = PipelineStage.Match['$match'];

/**
 * How many projects a query names. Of groups with more, the sums of all projects are read, one after the other. Tests
 * change it.
 */
export const MOST_NAMED = { projects: 2_000 };

/** The group and period of an invoice. */
export interface InvoiceOf {
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly period: Period;
  readonly timeZone: string;
}

/** The invoices of several groups of an account for a period. */
export interface InvoicesOf extends Omit<InvoiceOf, 'billingGroupId'> {
  readonly billingGroupIds: readonly string[];
}

/** What says which sums are on groups' invoices. */
export interface CostBasis {
  readonly memberships: readonly NamedMembership[];
  readonly loads: readonly SummedLoad[];
}

type NamedMembership = MembershipDoc & { readonly projects: readonly Pick<ProjectDoc, '_id' | 'name' | 'label'>[] };

/** What `CostBasis` is read from. To be read at the same instant as the sums. */
export function costSources({ accountId, billingGroupIds }: Pick<InvoicesOf, 'accountId' | 'billingGroupIds'>) {
  const project = { from: Projects.collection.collectionName, localField: 'projectId', foreignField: '_id' };
  return {
    memberships: {
      ...{ from: Memberships, where: { accountId, billingGroupId: { $in: [...billingGroupIds] } } },
      stages: [{ $lookup: { ...project, as: 'projects' } }],
    } as Source<NamedMembership>,
    loads: activeLoads(accountId),
  };
}

/**
 * The exact sums of the usage records on a group's invoice for a period, by line. In a transaction, because memberships,
 * loads, and their sums must be read at the same instant.
 */
export async function costSums(tx: Tx, { billingGroupId, ...of }: InvoiceOf): Promise<CostSum[]> {
  const sums = await costSumsOfGroups(tx, { ...of, billingGroupIds: [billingGroupId] });
  return sums.get(billingGroupId) ?? [];
}

/**
 * The same for several groups, by group, with as many queries as for one. @throws {TooLongForTransaction} if there are
 * more than `most` stored sums
 */
export async function costSumsOfGroups(
  reads: Reads,
  of: InvoicesOf,
  { known, most }: { readonly known?: CostBasis; readonly most?: number } = {},
): Promise<Map<string, CostSum[]>> {
  const basis = known ?? (await readTogether(costSources(of)));
  const rows = await rowsOfGroups(reads, of, basis, most);
  const ids = [...rows.values()].flat().map((row) => row._id.project);
  const names = new Map([...(await projectsNamed(of.accountId, ids, basis))].map(([id, { name }]) => [id, name]));
  return new Map([...rows].map(([id, own]) => [id, toCostSums(own, names)]));
}

/** Projects by ID: those of a basis, and others with these IDs. */
export async function projectsNamed(
  accountId: string,
  ids: readonly string[],
  { memberships }: Pick<CostBasis, 'memberships'>,
): Promise<ReadonlyMap<string, Pick<ProjectDoc, 'name' | 'label'>>> {
  const projects = new Map(memberships.flatMap((one) => one.projects).map((project) => [project._id, project]));
  // those that have left the groups for good, of which late costs are left
  const others = [...new Set(ids)].filter((id) => id !== '' && !projects.has(id));
  if (others.length === 0) return projects;
  const found = await Projects.find({ accountId, _id: { $in: others } }, { name: 1, label: 1 }).lean();
  return new Map([...projects, ...found.map((project) => [project._id, project] as const)]);
}

/** The rows for `toCostSums` of a group without some projects, except for their late costs. */
export async function rowsWithout(
  tx: Tx,
  { billingGroupId, ...of }: InvoiceOf,
  projectIds: readonly string[],
): Promise<ExactRow[]> {
  const groups = { ...of, billingGroupIds: [billingGroupId] };
  const { memberships, loads } = await readTogether(costSources(groups));
  const others = memberships.filter(({ projectId }) => !projectIds.includes(projectId));
  const rows = await rowsOfGroups(tx, groups, { memberships: others, loads });
  return rows.get(billingGroupId) ?? [];
}

/**
 * The rows for `toCostSums`, by group. They come from the stored sums. Records are read only of projects that changed
 * their group within the period, and of loads whose sums are out of date, such as those of an import that is running.
 */
async function rowsOfGroups(
  _reads: Reads,
  of: InvoicesOf,
  basis: CostBasis,
  most = Number.POSITIVE_INFINITY,
): Promise<ReadonlyMap<string, ExactRow[]>> {
  const { accountId, billingGroupIds, period } = of;
  const { whole, split } = projectsOf(of, basis.memberships);
  const loads = counted(basis.loads);
  const unsummed = { accountId, loadId: { $in: loads.unsummed } };
  const all = new Map<string, ExactRow[]>(billingGroupIds.map((id) => [id, []]));
  const add = (rows: ReadonlyMap<string | undefined, ExactRow[]>) => {
    for (const [id, own] of rows) for (const row of addedUp(own)) all.get(id ?? '')?.push(row);
  };
  const onTime = onTimeIn([...whole.keys()], period);
  const late = lateFor({ $in: [...billingGroupIds] }, period);
  const { sumsIds, size } = storedIn(basis.loads, period);
  // most of what is read is the groups' own, so that naming the projects would only make the database compare
  const isTheirs = size !== undefined && size.projects <= 2 * whole.size && size.sums <= most;
  // for very many projects, comparing each sum with all of them would take the database minutes
  const isNamed = whole.size <= MOST_NAMED.projects && !isTheirs;
  const wanted = { $or: [isNamed ? onTime : onTimeOfAll(period), late] };
  const stored = await storedRows(accountId, sumsIds, whole.size > 0 ? wanted : late, {
    ...{ most, isWanted: (row) => isNamed || row.payer !== undefined || whole.has(row._id.project) },
  });
  const rows = stored.filter(({ payer }) => payer === undefined);
  if (whole.size > 0 && loads.unsummed.length > 0) rows.push(...(await sumsOfRecords({ ...unsummed, ...onTime })));
  add(byKey(rows, (row) => whole.get(row._id.project)));
  const lateRows = byKey(
    stored.filter(({ payer }) => payer !== undefined),
    ({ payer }) => payer,
  );
  for (const id of loads.unsummed.length > 0 ? billingGroupIds : []) {
    const rows = await sumsOfRecords({ ...unsummed, ...lateFor(id, period) });
    lateRows.set(id, [...(lateRows.get(id) ?? []), ...rows]);
  }
  add(lateRows);
  for (const { billingGroupId, match } of split) {
    const rows = await sumsOfRecords({ accountId, ...match, loadId: { $in: loads.all } });
    for (const row of rows) all.get(billingGroupId)?.push(row);
  }
  return all;
}

/** The same as `costSums`, from nothing but records. Tests compare both after every kind of change. */
export async function costSumsOfRecords(_tx: Tx, of: InvoiceOf): Promise<CostSum[]> {
  const rows: ExactRow[] = [];
  for (const match of await recordsOf(of)) rows.push(...(await sumsOfRecords(match)));
  return toCostSums(rows, await projectNames(of.accountId, rows));
}

/**
 * Matches the usage records on a group's invoice for a period; no record meets two of the matches. Each record is on
 * one invoice: that of the group its project was in at the record's time, or, if it came late, that of the group it was
 * booked to.
 */
export async function recordsOf({ billingGroupId, ...of }: InvoiceOf): Promise<Match[]> {
  const { accountId, period } = of;
  const groups = { ...of, billingGroupIds: [billingGroupId] };
  const { whole, split } = projectsOf(groups, (await readTogether(costSources(groups))).memberships);
  const visible = await countingRecords(accountId);
  const matches = [
    ...(whole.size > 0 ? [onTimeIn([...whole.keys()], period)] : []),
    lateFor(billingGroupId, period),
    ...split.map(({ match }) => match),
  ];
  return matches.map((match) => ({ ...match, ...visible }));
}

/**
 * The projects that were in one of the groups for the whole period, with their group, whose costs stored sums meet; and
 * matches for those that changed their group within the period, whose costs only records meet.
 */
function projectsOf(
  { period, timeZone }: InvoicesOf,
  memberships: readonly MembershipDoc[],
): {
  whole: ReadonlyMap<string, string>;
  split: readonly { readonly billingGroupId: string; readonly match: Match }[];
} {
  const span = spanOf(period, timeZone);
  const whole = memberships.filter((membership) => covers(membership, span));
  const split = memberships.flatMap((membership) => {
    const held = covers(membership, span) ? undefined : clip(membership, span);
    if (!held) return [];
    const { projectId, billingGroupId } = membership;
    const begin = { $gte: held.begin, $lt: held.end };
    return [{ billingGroupId, match: { projectId, period, begin, late: { $exists: false } } }];
  });
  return { whole: new Map(whole.map(({ projectId, billingGroupId }) => [projectId, billingGroupId])), split };
}

function onTimeIn(projectIds: readonly string[], period: Period): Match {
  return { projectId: { $in: [...projectIds] }, ...onTimeOfAll(period) };
}

function onTimeOfAll(period: Period): Match {
  return { period, late: { $exists: false } };
}

function lateFor(billingGroupId: string | { readonly $in: string[] }, period: Period): Match {
  return { billingGroupId, period, late: true };
}

/** The names of the projects in the rows, by ID. */
export async function projectNames(accountId: string, rows: readonly ExactRow[]): Promise<Map<string, string>> {
  const ids = [...new Set(rows.map((row) => row._id.project))];
  const projects = await Projects.find({ accountId, _id: { $in: ids } }, { name: 1 }).lean();
  return new Map(projects.map(({ _id, name }) => [_id, name]));
}

/** Converts the rows for the domain. A project that was in the group twice in a period becomes one row. */
export function toCostSums(rows: readonly ExactRow[], names: ReadonlyMap<string, string>): CostSum[] {
  const merged = new Map<string, CostSum>();
  for (const row of rows) {
    const one = toCostSum(row, names.get(row._id.project) ?? row._id.project);
    const { projectId, serviceName, servicePlan, lineType, currency, lateFrom } = one;
    const key = lineKey([projectId, serviceName, servicePlan, lineType, currency, lateFrom]);
    const before = merged.get(key);
    merged.set(key, before ? together(before, one) : one);
  }
  return [...merged.values()];
}

function toCostSum(row: ExactRow, projectName: string): CostSum {
  return {
    projectId: row._id.project,
    projectName,
    serviceName: row._id.service,
    serviceType: row.serviceType,
    servicePlan: row._id.plan ?? null,
    cloudName: row.cloudFirst === row.cloudLast ? row.cloudFirst : null,
    lineType: row._id.type,
    currency: row._id.currency,
    lateFrom: row._id.own ?? null,
    begin: row.begin,
    end: row.end,
    amount: row.amount,
    records: row.records,
    ...(row.tags.length > 0 && { tags: row.tags }),
  };
}

function together({ tags: tagsOfA = [], ...a }: CostSum, b: CostSum): CostSum {
  const tags = commonTags(tagsOfA, b.tags ?? []);
  return {
    ...a,
    ...(tags.length > 0 && { tags }),
    cloudName: a.cloudName === b.cloudName ? a.cloudName : null,
    begin: new Date(Math.min(a.begin.getTime(), b.begin.getTime())),
    end: new Date(Math.max(a.end.getTime(), b.end.getTime())),
    amount: sum([a.amount, b.amount]),
    records: a.records + b.records,
  };
}
