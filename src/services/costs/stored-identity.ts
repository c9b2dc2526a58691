import { externalKeyOf } from '../../billing/group/names.ts';
import type { FocusRow } from '../../imports/focus/focus.ts';
import { spelledHashes } from '../../imports/focus/focus-hash.ts';
import { activeLoadsOf, recordsLike, sourcesOf } from '../../store/costs/loads.ts';
import { externalIdsLike } from '../../store/groups/project-reads.ts';
import type { Lease } from '../../store/kit/leases.ts';

/** The account that an import is for, and its lease on it. */
interface ImportRun {
  readonly accountId: string;
  readonly lease: Lease;
}

/** The identities under which a row may be stored: possible sources and hashes, with the current ones last. */
interface Candidate {
  readonly row: FocusRow;
  readonly sources: readonly string[];
  readonly hashes: readonly string[];
}

type Spellings = ReadonlyMap<string, readonly string[]>;

/**
 * Finds rows that an earlier version stored differently: with case-sensitive IDs, with words for null as names, or with
 * a byte order mark in the first cell. Such a row keeps its stored source and hash, so that it is recognized and its
 * replacement equals it. Of equal rows, as many as are stored are matched.
 *
 * @returns the rows, the other sources that are the same as theirs, and the stored ones that an earlier version would
 * have derived from them
 */
export async function asStored(
  run: ImportRun,
  rows: readonly FocusRow[],
): Promise<{ rows: FocusRow[]; sources: Spellings; former: Spellings }> {
  const sources = await sourceSpellings(run.accountId, rows);
  const ids = await idSpellings(run.accountId, rows);
  const candidates = rows.map((row) => candidateOf(row, sources, ids));
  const asked = candidates.filter((one) => one.sources.length > 1 || one.hashes.length > 1);
  const stored = await storedCounts(run, asked);
  const former = new Map(
    rows.flatMap(({ formerSources = [] }) =>
      formerSources.map((source) => [source, sources.get(sourceKey(source)) ?? []] as const),
    ),
  );
  return { rows: candidates.map((one) => identified(one, stored)), sources, former };
}

function candidateOf(row: FocusRow, sources: Spellings, ids: Spellings): Candidate {
  const { formerSources = [], formerHashes = [], markedHashes = [] } = row;
  const own = sources.get(sourceKey(row.source)) ?? [];
  const accounts = own.flatMap((source) => (source.startsWith('focus:') ? [source.slice('focus:'.length)] : []));
  const spelled = spelledHashes(row.columns, {
    BillingAccountId: accounts,
    SubAccountId: ids.get(externalKeyOf(row.subAccountId)) ?? [],
  });
  return {
    row,
    sources: [...formerSources.flatMap((source) => sources.get(sourceKey(source)) ?? []), ...own],
    hashes: [...new Set([...markedHashes, ...formerHashes, ...spelled].filter((hash) => hash !== row.hash)), row.hash],
  };
}

/** How many equal records are stored under each identity, and how many of them this import hasn't seen. */
interface Stored {
  readonly keys: ReadonlySet<string>;
  readonly unseen: Map<string, number>;
}

async function storedCounts({ accountId, lease }: ImportRun, asked: readonly Candidate[]): Promise<Stored> {
  const [keys, unseen] = [new Set<string>(), new Map<string, number>()];
  const hashes = [...new Set(asked.flatMap((one) => one.hashes))];
  const months = [...new Set(asked.map(({ row }) => row.billingMonth))];
  const loads =
    asked.length === 0 ? [] : await activeLoadsOf(accountId, [...new Set(asked.flatMap((one) => one.sources))], months);
  for (const load of loads) {
    for (const { hash, seenBy } of await recordsLike(load, hashes)) {
      const key = keyOf(load.source, load.billingMonth, hash);
      keys.add(key);
      if (seenBy !== lease.token) unseen.set(key, (unseen.get(key) ?? 0) + 1);
    }
  }
  return { keys, unseen };
}

function identified({ row, sources, hashes }: Candidate, { keys, unseen }: Stored): FocusRow {
  const options = hashes.flatMap((hash) =>
    sources.map((source) => ({ hash, source, key: keyOf(source, row.billingMonth, hash) })),
  );
  const found =
    options.find(({ key }) => (unseen.get(key) ?? 0) > 0) ?? options.find(({ key }) => keys.has(key)) ?? options.at(-1);
  if (!found) return row;
  unseen.set(found.key, (unseen.get(found.key) ?? 0) - 1);
  return { ...row, source: found.source, hash: found.hash };
}

function keyOf(source: string, month: string, hash: string): string {
  return JSON.stringify([source, month, hash]);
}

/** The sources of an account's costs, grouped by normalized name. New costs go to the last one in each group. */
async function sourceSpellings(accountId: string, rows: readonly FocusRow[]): Promise<Spellings> {
  const spellings = new Map<string, string[]>();
  const add = (source: string) => {
    const key = sourceKey(source);
    const same = spellings.get(key);
    if (!same) spellings.set(key, [source]);
    else if (!same.includes(source)) same.push(source);
  };
  const stored = [...new Set((await sourcesOf(accountId)).reverse())].reverse();
  // quoted sources come from an earlier version; new costs never go there
  for (const source of stored.filter(isQuoted)) add(source);
  for (const source of stored.filter((one) => !isQuoted(one))) add(source);
  for (const { source } of rows) {
    const same = spellings.get(sourceKey(source)) ?? [];
    if (same.every(isQuoted)) add(source);
  }
  return spellings;
}

/** The IDs of an account's projects that are spelled differently from their key, by key. */
async function idSpellings(accountId: string, rows: readonly FocusRow[]): Promise<Spellings> {
  const spellings = new Map<string, string[]>();
  const keys = [...new Set(rows.map(({ subAccountId }) => externalKeyOf(subAccountId)))];
  for (const externalId of await externalIdsLike(accountId, keys)) {
    const key = externalKeyOf(externalId);
    if (externalId !== key) spellings.set(key, [...(spellings.get(key) ?? []), externalId]);
  }
  return spellings;
}

/** A source's normalized name: providers write IDs in either case. */
function sourceKey(source: string): string {
  return externalKeyOf(source).replace(QUOTED, '$1$2');
}

function isQuoted(source: string): boolean {
  return QUOTED.test(source);
}

/** A byte order mark before a quotation mark used to be read as part of the ID. */
const QUOTED = /^(focus:)"(.+)"$/;
