import { holderAt, type Membership } from '../billing/membership.ts';
import { externalKeyOf, nameKey, projectNameOf } from '../billing/names.ts';
import { earlier, type Period, periodAt, periodName } from '../billing/period.ts';
import { Refusal } from '../billing/refusal.ts';
import type { FocusRow } from '../imports/focus.ts';
import type { AccountDoc } from '../store/accounts.ts';
import { type CostDoc, Costs, type LoadDoc } from '../store/costs.ts';
import { toDecimal128 } from '../store/decimal.ts';
import { type GroupDoc, Groups, Memberships, Projects } from '../store/groups.ts';
import { activeLoad, notePeriods, recordsLike, type Seen, stagedLoad } from '../store/loads.ts';
import type { Ctx } from './context.ts';
import { touchEstimates } from './estimates.ts';
import { makeProject } from './projects.ts';

/** The import that a batch of rows belongs to. */
export interface BatchRun {
  readonly account: AccountDoc;
  /** Rises from import to import of the account: tells what this one has come across from what earlier ones have. */
  readonly token: number;
  /** Whether the rows are staged, to take the place of what their source gave before. */
  readonly replace: boolean;
  /** Ids of projects that are known to be there, by the `externalKeyOf` the provider's id of them; grows. */
  readonly projects: Map<string, string>;
}

/** What became of a batch. */
export interface BatchResult {
  readonly added: number;
  readonly repeated: number;
  /** Of projects that were found or made, to be remembered once the batch is committed. */
  readonly projects: ReadonlyMap<string, string>;
}

type NewCost = Omit<CostDoc, '_id'>;

interface Placed {
  readonly row: FocusRow;
  readonly load: LoadDoc;
  readonly ordinal: number;
}

/**
 * Stores a batch of rows; to be called in a transaction. Identity is (source, billing month, hash, ordinal): which of
 * its equals a row is, is found by counting the records that this same import has come across before, so that nothing
 * has to be remembered in memory. A row that is there already is only marked as seen.
 *
 * @throws {Refusal} `period_already_invoiced` when rows that are to replace others lie in an invoiced period
 */
export async function storeBatch(ctx: Ctx, run: BatchRun, rows: readonly FocusRow[]): Promise<BatchResult> {
  const fresh: Placed[] = [];
  const seenAgain: Seen[] = [];
  for (const [load, ofLoad] of await byLoad(run, rows)) {
    const known = await recordsLike(load._id, [...new Set(ofLoad.map((row) => row.hash))]);
    for (const { row, ordinal, record } of place(ofLoad, known, run.token)) {
      if (record) seenAgain.push(record);
      else fresh.push({ row, load, ordinal });
    }
  }
  const projects = await projectsOf(ctx, run, fresh);
  if (fresh.length > 0) await insert(ctx, run, fresh, projects);
  if (seenAgain.length > 0) {
    // only ever upwards: an import that lost its turn can't take back what a later one has marked
    await Costs.updateMany(
      { _id: { $in: seenAgain.map((record) => record._id) }, seenBy: { $lt: run.token } },
      { $set: { seenBy: run.token } },
    );
  }
  return { added: fresh.length, repeated: rows.length - fresh.length, projects };
}

async function byLoad(run: BatchRun, rows: readonly FocusRow[]): Promise<Map<LoadDoc, FocusRow[]>> {
  const accountId = run.account._id;
  const find = (source: string, month: string) =>
    run.replace ? stagedLoad(accountId, source, month, run.token) : activeLoad(accountId, source, month);
  const loads = new Map<string, LoadDoc>();
  const groups = new Map<LoadDoc, FocusRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.source, row.billingMonth]);
    const load = loads.get(key) ?? (await find(row.source, row.billingMonth));
    loads.set(key, load);
    const group = groups.get(load);
    if (group) group.push(row);
    else groups.set(load, [row]);
  }
  return groups;
}

function place(
  rows: readonly FocusRow[],
  known: readonly Seen[],
  token: number,
): { row: FocusRow; ordinal: number; record: Seen | undefined }[] {
  const records = new Map(known.map((record) => [`${record.hash} ${record.ordinal}`, record]));
  const counts = new Map<string, number>();
  for (const { hash, seenBy } of known) if (seenBy === token) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  return rows.map((row) => {
    const ordinal = (counts.get(row.hash) ?? 0) + 1;
    counts.set(row.hash, ordinal);
    return { row, ordinal, record: records.get(`${row.hash} ${ordinal}`) };
  });
}

/** The project of each row, made where there is none yet. A name a person gave to a project before counts too. */
async function projectsOf(ctx: Ctx, run: BatchRun, placed: readonly Placed[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const unknown = firstByKey(placed, (key) => !run.projects.has(key));
  if (unknown.size === 0) return found;
  const accountId = run.account._id;
  const ids = [...unknown.values()].map((row) => row.subAccountId);
  const names = ids.map((externalId) => nameKey(projectNameOf(externalId)));
  const there = await Projects.find({
    accountId,
    $or: [{ externalKey: { $in: [...unknown.keys()] } }, { externalId: { $in: ids } }, { nameKey: { $in: names } }],
  })
    .sort({ createdAt: 1, _id: 1 })
    .lean();
  const taken = new Set(there.map((project) => project.nameKey));
  for (const [key, { subAccountId: externalId, subAccountName: label }] of unknown) {
    const own = nameKey(projectNameOf(externalId));
    const known =
      there.find((one) => one.externalKey === key) ??
      there.find((one) => one.externalId !== null && externalKeyOf(one.externalId) === key) ??
      // one that a person made by this name, and that no provider's account stands behind yet
      there.find((one) => one.externalId === null && one.nameKey === own);
    const name = projectNameOf(externalId, (other) => taken.has(other));
    taken.add(nameKey(name));
    const project = known ?? (await makeProject(ctx, run.account, { name, label, externalId }));
    found.set(key, project._id);
  }
  return found;
}

/** The first row of each sub-account that passes: IDs that differ by case alone are one, by its first spelling. */
function firstByKey(placed: readonly Placed[], passes: (key: string) => boolean): Map<string, FocusRow> {
  const rows = new Map<string, FocusRow>();
  for (const { row } of placed) {
    const key = externalKeyOf(row.subAccountId);
    if (!rows.has(key) && passes(key)) rows.set(key, row);
  }
  return rows;
}

async function insert(
  ctx: Ctx,
  run: BatchRun,
  placed: readonly Placed[],
  found: ReadonlyMap<string, string>,
): Promise<void> {
  const idOf = (row: FocusRow): string => {
    const key = externalKeyOf(row.subAccountId);
    const id = run.projects.get(key) ?? found.get(key);
    if (id === undefined) throw new Error(`No project for ${row.subAccountId}`);
    return id;
  };
  const payers = await payersOf([...new Set(placed.map(({ row }) => idOf(row)))]);
  const touched = new Map<Period, Map<string, GroupDoc>>();
  const periodsOf = new Map<LoadDoc, Set<Period>>();
  const docs = placed.map(({ row, load, ordinal }): NewCost => {
    const own = periodAt(row.begin, run.account.timeZone);
    const { group, late } = payers(idOf(row), row.begin, own);
    if (late && run.replace) throw alreadyInvoiced(own, group);
    const period = late ? group.nextPeriod : own;
    touched.set(period, (touched.get(period) ?? new Map()).set(group._id, group));
    periodsOf.set(load, (periodsOf.get(load) ?? new Set()).add(own));
    const booking = late ? { late: true as const, billingGroupId: group._id, ownPeriod: own } : {};
    return {
      ...costOf(row),
      ...booking,
      accountId: run.account._id,
      loadId: load._id,
      ordinal,
      seenBy: run.token,
      projectId: idOf(row),
      period,
    };
  });
  for (const [load, periods] of periodsOf) await notePeriods(load, [...periods]);
  for (const [period, groups] of touched) {
    await beginEarlier(period, [...groups.values()]);
    await touchEstimates(ctx, run.account, period, [...groups.values()]);
  }
  await Costs.insertMany(docs, { lean: true });
}

/** Who pays for a project's cost of an instant, and whether that group's invoice for it has gone out already. */
async function payersOf(
  projectIds: readonly string[],
): Promise<(projectId: string, instant: Date, own: Period) => { group: GroupDoc; late: boolean }> {
  const memberships = await Memberships.find({ projectId: { $in: [...projectIds] } }).lean();
  const groups = await Groups.find({ _id: { $in: [...new Set(memberships.map((one) => one.billingGroupId))] } }).lean();
  const byProject = new Map<string, Membership[]>();
  for (const one of memberships) byProject.set(one.projectId, [...(byProject.get(one.projectId) ?? []), one]);
  const groupAt = (projectId: string, instant: Date | null): GroupDoc => {
    const ofProject = byProject.get(projectId) ?? [];
    const held = instant ? holderAt(ofProject, instant) : ofProject.find((one) => one.to === null);
    const group = groups.find((one) => one._id === held?.billingGroupId);
    if (!group) throw new Error(`Project ${projectId} is in no billing group`);
    return group;
  };
  return (projectId, instant, own) => {
    const holder = groupAt(projectId, instant);
    const late = holder.lastClosed !== null && own < holder.nextPeriod;
    // what comes late for a group that is gone goes to the project's present one
    return { group: late && holder.state === 'deleted' ? groupAt(projectId, null) : holder, late };
  };
}

/** A group that was never invoiced begins with its first cost. */
async function beginEarlier(period: Period, groups: readonly GroupDoc[]): Promise<void> {
  const ids = groups.filter(
    (group) => group.lastClosed === null && earlier(period, group.nextPeriod) !== group.nextPeriod,
  );
  if (ids.length === 0) return;
  await Groups.updateMany(
    { _id: { $in: ids.map((group) => group._id) }, lastClosed: null },
    { $min: { nextPeriod: period } },
  );
}

function costOf(row: FocusRow): Omit<NewCost, 'accountId' | 'loadId' | 'ordinal' | 'seenBy' | 'projectId' | 'period'> {
  return {
    hash: row.hash,
    serviceName: row.serviceName,
    serviceType: row.serviceType,
    servicePlan: row.plan,
    cloudName: row.cloudName,
    lineType: row.lineType,
    description: row.description,
    begin: row.begin,
    end: row.end,
    amount: toDecimal128(row.amount),
    currency: row.currency,
    tags: Object.entries(row.tags).map(([key, value]) => ({ key, value })),
    columns: JSON.stringify(row.columns),
  };
}

function alreadyInvoiced(period: Period, group: GroupDoc): Refusal {
  return new Refusal(
    'period_already_invoiced',
    `“${group.name}” has its invoice for ${periodName(period)} already, so its costs can't be replaced.`,
    {
      wayOut: 'Import without replacing: what is new goes on the next invoice.',
    },
  );
}
