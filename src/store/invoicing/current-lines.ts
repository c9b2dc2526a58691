import type { PipelineStage } from 'mongoose';
import { type Decimal, sum, ZERO } from '../../billing/money/money.ts';
import { type Decimal128, fromDecimal128 } from '../kit/decimal.ts';
import { MANY, readTogether, type Source } from '../kit/read-together.ts';
import { type InvoiceDoc, Invoices, type LineDoc, Lines } from './invoices.ts';

/*
 * Which lines are on an invoice. Lines may be written before they are, and those that they replace stay for a while
 * (decisions/line-versions.md). So nothing may read lines without `inVersion` or `sumLines`.
 */

/** The lines of an invoice in one version. */
export interface LinesOf {
  readonly accountId: string;
  readonly invoiceId: string;
  /** 0 for lines that were never replaced by others written beforehand. */
  readonly version: number;
}

/** The lines that an invoice has now. */
export function linesIn({
  _id: invoiceId,
  accountId,
  linesVersion: version = 0,
}: Pick<InvoiceDoc, '_id' | 'accountId' | 'linesVersion'>): LinesOf {
  return { accountId, invoiceId, version };
}

/** Matches the lines of a version: those written for it or an earlier one, and not replaced up to it. */
export function inVersion({ accountId, invoiceId, version }: LinesOf) {
  return { accountId, invoiceId, since: { $not: { $gt: version } }, until: { $not: { $lte: version } } };
}

/** Matches lines of any invoices of an account. */
type Match = PipelineStage.Match['$match'] & { readonly accountId: string };

/** A line's versions, for lines that have any; null for lines that are on their invoice whatever its version. */
type Versions = Pick<LineDoc, 'invoiceId' | 'since' | 'until'> | null;

const VERSIONS = {
  $cond: [
    { $eq: [{ $ifNull: ['$since', { $ifNull: ['$until', null] }] }, null] },
    null,
    { invoiceId: '$invoiceId', since: '$since', until: '$until' },
  ],
};

type Row<K, S extends string> = { readonly _id: { readonly key: K; readonly of: Versions } } & Readonly<
  Record<S, Decimal128 | 0>
>;

/** The sums of lines with the same key. */
export type LineSums<K, S extends string> = { readonly key: K } & Readonly<Record<S, Decimal>>;

/**
 * Adds up the lines that are on invoices, by key, unordered.
 *
 * @param key expressions by field; a field that a line lacks is absent
 * @param sums expressions of amounts by name
 */
export async function sumLines<K, S extends string>(
  match: Match,
  key: Readonly<Record<keyof K & string, unknown>>,
  sums: Readonly<Record<S, unknown>>,
): Promise<LineSums<K, S>[]> {
  const names = Object.keys(sums) as S[];
  const each = Object.fromEntries(names.map((name) => [name, { $sum: sums[name] }]));
  const group = { $group: { _id: { key, of: VERSIONS }, ...each } } as PipelineStage.Group;
  const rows = await Lines.aggregate<Row<K, S>>([{ $match: match }, group]).option({ batchSize: MANY });
  if (rows.every(({ _id }) => _id.of === null)) return rows.map((row) => amountsOf(row, names));
  return together(await rowsInVersions(match, group), names);
}

/** The same rows, without those of lines that aren't on their invoice yet, or no longer. */
async function rowsInVersions<K, S extends string>(match: Match, group: PipelineStage.Group): Promise<Row<K, S>[]> {
  const { accountId } = match;
  // first, since a line that is no longer in a version stays for a while, but one that isn't yet may be missing
  const versions: Source<Pick<InvoiceDoc, '_id' | 'linesVersion'>> = {
    ...{ from: Invoices, where: { accountId, linesVersion: { $exists: true } } },
    stages: [{ $project: { linesVersion: 1 } }],
  };
  const rows: Source<Row<K, S>> = { from: Lines, where: match, stages: [group] };
  const found = await readTogether({ versions, rows });
  const byInvoice = new Map(found.versions.map(({ _id, linesVersion = 0 }) => [_id, linesVersion]));
  return found.rows.filter(({ _id: { of } }) => {
    if (!of) return true;
    const version = byInvoice.get(of.invoiceId) ?? 0;
    return (of.since ?? 0) <= version && version < (of.until ?? Number.POSITIVE_INFINITY);
  });
}

/** Adds up rows that differ only in their versions. */
function together<K, S extends string>(rows: readonly Row<K, S>[], names: readonly S[]): LineSums<K, S>[] {
  const byKey = new Map<string, LineSums<K, S>>();
  for (const row of rows) {
    const one = amountsOf(row, names);
    const key = JSON.stringify(one.key);
    const before = byKey.get(key);
    const added = before && Object.fromEntries(names.map((name) => [name, sum([before[name], one[name]])]));
    byKey.set(key, added ? ({ ...one, ...added } as LineSums<K, S>) : one);
  }
  return [...byKey.values()];
}

function amountsOf<K, S extends string>(row: Row<K, S>, names: readonly S[]): LineSums<K, S> {
  const amounts = Object.fromEntries(names.map((name) => [name, amountOf(row[name])]));
  return { key: row._id.key, ...amounts } as LineSums<K, S>;
}

/** The database’s sum of no amounts at all is a plain 0. */
function amountOf(stored: Decimal128 | 0): Decimal {
  return stored === 0 ? ZERO : fromDecimal128(stored);
}
