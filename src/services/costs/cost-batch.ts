import { externalKeyOf, nameKey, projectNameOf } from '../../billing/group/names.ts';
import { earlier, type Period, periodFinder } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { FocusRow } from '../../imports/focus/focus.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { insertCosts, markSeen, type NewCost } from '../../store/costs/cost-records.ts';
import type { LoadDoc } from '../../store/costs/costs.ts';
import {
  activeLoad,
  activeLoadsOf,
  endUndo,
  isEmptyLoad,
  recordsLike,
  type Seen,
  stagedLoad,
  touchLoad,
} from '../../store/costs/loads.ts';
import { beginWith } from '../../store/groups/group-writes.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { issuedCounts } from '../../store/invoicing/issued-counts.ts';
import { toDecimal128 } from '../../store/kit/decimal.ts';
import { fenceLease, type Lease } from '../../store/kit/leases.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import { touchEstimates } from '../invoicing/estimates.ts';
import type { Change } from '../kit/transaction.ts';
import { makeProject } from '../projects/projects.ts';
import {
  bookingOf,
  earliestStart,
  invoicedBookings,
  type Payer,
  type Placed,
  payersOf,
  recordKey,
} from './cost-booking.ts';
import type { AddedRow, CreatedProject } from './import-tally.ts';
import { projectMatches } from './preview/project-match.ts';
import type { SeenRows } from './seen-rows.ts';
import { asStored } from './stored-identity.ts';

/** The import that a batch of rows belongs to. */
export interface BatchRun {
  readonly accountId: string;
  /**
   * Increases with each import of the account, which distinguishes records seen by this import from those seen by
   * earlier ones.
   */
  readonly lease: Lease;
  /** Whether the rows are staged, to replace earlier costs of their source. */
  readonly replace: boolean;
  /** Whether costs of months that are invoiced become late costs, where a replacement by a person is refused. */
  readonly corrects?: boolean;
  /** The IDs of known projects, by the `externalKeyOf` the provider's ID. Grows during the import. */
  readonly projects: Map<string, string>;
  /**
   * For a replacement: how many invoices each period had when costs were first staged for it. Grows during the import.
   */
  readonly issued: Map<Period, number>;
  /** What it has stored so far. Grows during the import. */
  readonly seen: SeenRows;
}

/** The result of a batch, to be remembered once it is committed. */
export interface BatchResult {
  readonly added: number;
  readonly repeated: number;
  /** Projects that were found or created. */
  readonly projects: ReadonlyMap<string, string>;
  /** Periods used for the first time. */
  readonly issued: ReadonlyMap<Period, number>;
  readonly seen: Parameters<SeenRows['add']>[0];
  /** The rows that were added, and the projects that were created for them. */
  readonly rows: readonly AddedRow[];
  readonly created: readonly CreatedProject[];
}

interface Stored extends Pick<BatchResult, 'issued' | 'rows'> {
  /** The periods that contain the records' dates. */
  readonly periods: ReadonlyMap<LoadDoc, readonly Period[]>;
}

const NOTHING_STORED: Stored = { issued: new Map(), rows: [], periods: new Map() };

/**
 * Stores a batch of rows, in a change that depends on the account. A record's identity is (source, billing month, hash,
 * ordinal). A row's ordinal among equal rows is found by counting the records already seen by the same import, so
 * no row has to be kept in memory. A row that already exists is only marked as seen.
 *
 * The transaction writes the import's lease and the loads, so a batch of an import that has lost its lease is never
 * committed.
 *
 * @throws {Refusal} `period_already_invoiced` if rows that replace others are in a billing period that has been
 * invoiced; `import_running` if another import has taken over
 */
export async function storeBatch(
  tx: Change,
  run: BatchRun,
  account: AccountDoc,
  rows: readonly FocusRow[],
): Promise<BatchResult> {
  const { token } = run.lease;
  if (!(await fenceLease(tx, run.lease))) throw importTakenOver();
  const fresh: Placed[] = [];
  const seenAgain: Seen[] = [];
  const loads = await byLoad(tx, run, rows);
  const empty = new Map<LoadDoc['_id'], boolean>();
  for (const [load, read] of loads) {
    const wasEmpty = run.seen.wasEmpty(load) ?? (await isEmptyLoad(load));
    empty.set(load._id, wasEmpty);
    const hashes = [...new Set(read.map((row) => row.hash))];
    const asked = wasEmpty ? hashes.filter((hash) => run.seen.has(hash)) : hashes;
    const known = asked.length > 0 ? await recordsLike(load, asked) : [];
    for (const { row, ordinal, record } of place(read, known, token)) {
      if (record) seenAgain.push(record);
      else fresh.push({ row, load, ordinal });
    }
  }
  const { found: projects, created } = await projectsOf(tx, run, account, fresh);
  const stored = fresh.length > 0 ? await insert(tx, run, account, fresh, projects) : NOTHING_STORED;
  for (const load of loads.keys()) {
    if (!(await touchLoad(tx, load, token, stored.periods.get(load) ?? null))) throw importTakenOver();
    // from here on, an earlier replacement of this source can't be undone
    if (!run.replace) await endUndo(tx, run.accountId, load.source);
  }
  if (seenAgain.length > 0) {
    await markSeen(
      tx,
      run.accountId,
      seenAgain.map((record) => record._id),
      token,
    );
  }
  const seen = { empty, hashes: fresh.map(({ row }) => row.hash) };
  const { issued } = stored;
  const counts = { added: fresh.length, repeated: rows.length - fresh.length };
  return { ...counts, projects, issued, seen, rows: stored.rows, created };
}

/** Thrown if another import holds the account's lease. */
export function importTakenOver(): Refusal {
  return new Refusal('import_running', { tookOver: true });
}

async function byLoad(tx: Tx, run: BatchRun, rows: readonly FocusRow[]): Promise<Map<LoadDoc, FocusRow[]>> {
  const { accountId, lease } = run;
  const find = (source: string, month: string) =>
    run.replace ? stagedLoad(tx, accountId, source, month, lease.token) : activeLoad(tx, accountId, source, month);
  const loads = new Map<string, LoadDoc>();
  const groups = new Map<LoadDoc, FocusRow[]>();
  const stored = await asStored(run, rows);
  const groupOf = async (source: string, month: string): Promise<FocusRow[]> => {
    const key = JSON.stringify([source, month]);
    const load = loads.get(key) ?? (await find(source, month));
    loads.set(key, load);
    const group = groups.get(load) ?? [];
    groups.set(load, group);
    return group;
  };
  for (const row of stored.rows) (await groupOf(row.source, row.billingMonth)).push(row);
  // a source stored in several spellings is replaced in all of them
  for (const load of run.replace ? await otherSpellings(accountId, stored) : []) {
    await groupOf(load.source, load.billingMonth);
  }
  return groups;
}

/**
 * The active loads for the rows' months in which the same source is spelled differently, or which an earlier version
 * named by the word that the file has for no billing account.
 */
async function otherSpellings(
  accountId: string,
  { rows, sources, former }: Awaited<ReturnType<typeof asStored>>,
): Promise<LoadDoc[]> {
  const given = new Set(rows.map(({ source }) => source));
  const several = [...sources.values()].filter((same) => same.length > 1 && same.some((source) => given.has(source)));
  const others = [...several, ...former.values()].flat();
  if (others.length === 0) return [];
  return activeLoadsOf(accountId, others, [...new Set(rows.map(({ billingMonth }) => billingMonth))]);
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

/**
 * The project of each row, created if there is none yet. A name that a person gave to a project earlier also counts.
 */
async function projectsOf(
  tx: Change,
  run: BatchRun,
  account: AccountDoc,
  placed: readonly Placed[],
): Promise<{ readonly found: ReadonlyMap<string, string>; readonly created: readonly CreatedProject[] }> {
  const found = new Map<string, string>();
  const created: CreatedProject[] = [];
  const unknown = firstByKey(placed, (key) => !run.projects.has(key));
  if (unknown.size === 0) return { found, created };
  const there = await projectMatches(account._id, unknown);
  const taken = new Set(there.names);
  for (const [key, { subAccountId: externalId, subAccountName: label }] of unknown) {
    const known = there.of(externalId);
    const name = projectNameOf(externalId, (other) => taken.has(other));
    taken.add(nameKey(name));
    const project = known ?? (await makeProject(tx, account, { name, label, externalId })).project;
    if (!known) created.push({ name: project.name, label: project.label });
    found.set(key, project._id);
  }
  return { found, created };
}

/**
 * The first row of each matching sub-account. IDs that differ only by case are the same; the first spelling is used.
 */
function firstByKey(placed: readonly Placed[], passes: (key: string) => boolean): Map<string, FocusRow> {
  const rows = new Map<string, FocusRow>();
  for (const { row } of placed) {
    const key = externalKeyOf(row.subAccountId);
    if (!rows.has(key) && passes(key)) rows.set(key, row);
  }
  return rows;
}

async function insert(
  tx: Change,
  run: BatchRun,
  account: AccountDoc,
  placed: readonly Placed[],
  found: ReadonlyMap<string, string>,
): Promise<Stored> {
  const idOf = (row: FocusRow): string => {
    const key = externalKeyOf(row.subAccountId);
    const id = run.projects.get(key) ?? found.get(key);
    if (id === undefined) throw new Error(`No project for ${row.subAccountId}`);
    return id;
  };
  const projectIds = [...new Set(placed.map(({ row }) => idOf(row)))];
  const payers = await payersOf(tx, account._id, projectIds, earliestStart(account, tx.clock.now()));
  const ownPeriod = periodFinder(account.timeZone);
  const due = placed.map((one) => {
    const own = ownPeriod(one.row.begin);
    return { ...one, own, payer: payers(idOf(one.row), one.row.begin, own) };
  });
  const kept = run.replace ? await invoicedBookings(due.filter(({ payer }) => payer.late)) : new Map();
  const touched = new Map<Period, Map<string, GroupDoc>>();
  const periods = new Map<LoadDoc, Set<Period>>();
  const docs = due.map(({ row, load, ordinal, own, payer }): NewCost => {
    const before = kept.get(recordKey(load, row.hash, ordinal));
    if (payer.invoiced && run.replace && !run.corrects && !before && own >= row.billingMonth)
      throw alreadyInvoiced(own, payer.group);
    const booking = before ?? bookingOf(payer, own);
    if (!before) {
      const groups = touched.get(booking.period) ?? new Map<string, GroupDoc>();
      touched.set(booking.period, groups.set(payer.group._id, payer.group));
    }
    periods.set(load, (periods.get(load) ?? new Set()).add(own));
    return {
      ...costOf(row),
      ...booking,
      accountId: account._id,
      loadId: load._id,
      ordinal,
      seenBy: run.lease.token,
      projectId: idOf(row),
    };
  });
  for (const [period, groups] of touched) {
    await beginEarlier(tx, account._id, period, [...groups.values()]);
    await touchEstimates(tx, account, period, [...groups.values()]);
  }
  const news = run.replace ? [...touched.keys()].filter((period) => !run.issued.has(period)) : [];
  const issued = new Map(Object.entries(await issuedCounts(account._id, news))) as Map<Period, number>;
  await insertCosts(tx, docs);
  const rows = due.map(({ row, payer }) => addedRow(row, payer));
  return { issued, rows, periods: new Map([...periods].map(([load, own]) => [load, [...own]])) };
}

function addedRow({ billingMonth, currency, amount }: FocusRow, { group }: Payer): AddedRow {
  return { billingMonth, groupId: group._id, currency, amount };
}

/** A group that was never invoiced starts with the period of its first cost. */
async function beginEarlier(tx: Tx, accountId: string, period: Period, groups: readonly GroupDoc[]): Promise<void> {
  const ids = groups.filter(
    (group) => group.lastClosed === null && earlier(period, group.nextPeriod) !== group.nextPeriod,
  );
  if (ids.length === 0) return;
  await beginWith(
    tx,
    accountId,
    ids.map((group) => group._id),
    period,
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
    ...(row.measured && { measured: { ...row.measured, quantity: toDecimal128(row.measured.quantity) } }),
    tags: Object.entries(row.tags).map(([key, value]) => ({ key, value })),
    columns: JSON.stringify(row.columns),
  };
}

function alreadyInvoiced(period: Period, group: GroupDoc): Refusal {
  return new Refusal('costs_already_invoiced', { period, action: 'replace', group: group.name });
}
