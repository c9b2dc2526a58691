import type { Types } from 'mongoose';
import type { Tx } from '../kit/transaction.ts';
import { inVersion, type LinesOf } from './current-lines.ts';
import { type LineDoc, Lines } from './invoices.ts';

/** A line to be stored. */
export type NewLine = Required<Omit<LineDoc, '_id' | 'since' | 'until'>>;

/** What has to be written so that an invoice has other lines. */
export interface LineChanges {
  /** The lines that it has. */
  readonly of: LinesOf;
  /** In place of those at the same positions. */
  readonly changed: readonly NewLine[];
  readonly added: readonly NewLine[];
  /** The position after which all are removed; absent if none are. */
  readonly last?: number;
}

/** How many lines are stored with one call. */
const AT_ONCE = 1000;

/** Changes invoices' lines in their current versions. One call each to delete and to change, and one for every thousand added. */
export async function changeLines(_tx: Tx, all: readonly LineChanges[]): Promise<void> {
  const [first] = all;
  if (!first) return;
  const { accountId } = first.of;
  const removed = all.flatMap(({ of, last }) =>
    last === undefined ? [] : [{ ...inVersion(of), place: { $gt: last } }],
  );
  if (removed.length > 0) await Lines.deleteMany({ accountId, $or: removed });
  const changed = all.flatMap(({ of, changed }) => changed.map((line) => ({ of, line })));
  if (changed.length > 0) {
    await Lines.bulkWrite(
      changed.map(({ of, line: { accountId: _account, invoiceId: _invoice, place, ...line } }) => ({
        updateOne: { filter: { ...inVersion(of), place }, update: { $set: line } },
      })),
    );
  }
  const added = all.flatMap(({ of: { version }, added }) => added.map((line) => since(line, version)));
  for (let at = 0; at < added.length; at += AT_ONCE) await insertLines(added.slice(at, at + AT_ONCE));
}

/** Writes lines that an invoice will have in its next version. @param next has to be higher than any version it had */
export async function writeForVersion(_tx: Tx, next: number, lines: readonly NewLine[]): Promise<void> {
  await insertLines(lines.map((line) => since(line, next)));
}

/** Marks lines at some positions as those that the next version doesn't have anymore. */
export async function endInVersion(
  _tx: Tx,
  of: LinesOf,
  next: number,
  places: readonly number[] | { readonly after: number; readonly upTo: number },
): Promise<void> {
  const place = 'after' in places ? { $gt: places.after, $lte: places.upTo } : { $in: [...places] };
  await Lines.updateMany({ ...inVersion(of), place }, { $set: { until: next } });
}

/** What is left of versions that an invoice doesn't have. */
export type Leftover = Pick<LineDoc, '_id' | 'since' | 'until'>;

/**
 * Streams the lines of an invoice that were written for a version that it never got, those that are marked for one, and
 * those that only versions before `kept` had.
 */
export function eachLeftover({ accountId, invoiceId, version }: LinesOf, kept: number): AsyncIterable<Leftover> {
  const left = [{ since: { $gt: version } }, { until: { $gt: version } }, { until: { $lte: kept } }];
  return Lines.find({ accountId, invoiceId, $or: left }, { since: 1, until: 1 }).lean().cursor({ batchSize: AT_ONCE });
}

/** Deletes lines. */
export async function deleteLines(_tx: Tx, accountId: string, ids: readonly Types.ObjectId[]): Promise<void> {
  if (ids.length > 0) await Lines.deleteMany({ accountId, _id: { $in: [...ids] } });
}

/** Makes lines stay on their invoice. */
export async function keepLines(_tx: Tx, accountId: string, ids: readonly Types.ObjectId[]): Promise<void> {
  if (ids.length > 0) await Lines.updateMany({ accountId, _id: { $in: [...ids] } }, { $unset: { until: '' } });
}

function since(line: NewLine, version: number): NewLine & Pick<LineDoc, 'since'> {
  return version === 0 ? line : { ...line, since: version };
}

async function insertLines(lines: readonly NewLine[]): Promise<void> {
  if (lines.length > 0) await Lines.insertMany(lines, { lean: true });
}
