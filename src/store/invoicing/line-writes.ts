import { hash } from 'node:crypto';
import mongoose, { type Types } from 'mongoose';
import { sessionOf, type Tx } from '../kit/transaction.ts';
import { inVersion, type LinesOf } from './current-lines.ts';
import { type LineDoc, Lines } from './invoices.ts';

/** A line to be stored. */
export type NewLine = Required<Omit<LineDoc, '_id' | 'since' | 'until'>>;

/** What has to be written so that an invoice has other lines. */
export interface LineChanges {
  /** The lines that it has. */
  readonly of: LinesOf;
  /** The version for which all of them were written; undefined if it isn't known, or not the same. */
  readonly since: number | undefined;
  /** In place of those at the same positions. */
  readonly changed: readonly NewLine[];
  readonly added: readonly NewLine[];
  /** The position after which all are removed; absent if none are. */
  readonly last?: number;
}

/** How many lines are stored with one call. */
const AT_ONCE = 1000;

/** Changes invoices' lines in their current versions. One call each to delete and to change, and one for every thousand added. */
export async function changeLines(tx: Tx, all: readonly LineChanges[]): Promise<void> {
  const [first] = all;
  if (!first) return;
  const { accountId } = first.of;
  const removed = all.flatMap(({ of, last }) =>
    last === undefined ? [] : [{ ...inVersion(of), place: { $gt: last } }],
  );
  if (removed.length > 0) await Lines.deleteMany({ accountId, $or: removed });
  const filters = all.flatMap((one) => one.changed.map((line) => ({ line, filter: filterOf(one, line) })));
  await changeThese(tx, filters);
  const added = all.flatMap(({ of: { version }, added }) => added.map((line) => since(line, version)));
  for (let at = 0; at < added.length; at += AT_ONCE) await insertLines(added.slice(at, at + AT_ONCE));
}

/** Finds the line at a position; by its ID in half the time. */
function filterOf({ of, since }: LineChanges, { accountId, invoiceId, place }: NewLine) {
  return since === undefined
    ? { ...inVersion(of), place }
    : { _id: idOf(invoiceId, place, since), accountId, invoiceId };
}

async function changeThese(
  tx: Tx,
  changed: readonly { readonly line: NewLine; readonly filter: mongoose.mongo.Filter<mongoose.mongo.Document> }[],
): Promise<void> {
  if (changed.length === 0) return;
  const { matchedCount } = await Lines.collection.bulkWrite(
    changed.map(({ line: { accountId, invoiceId: _invoice, place: _place, ...line }, filter }) => ({
      updateOne: { filter: { ...filter, accountId }, update: { $set: line } },
    })),
    // by the driver itself, since mongoose's casts take longer than the rest of an estimate
    { session: sessionOf(tx), ignoreUndefined: true },
  );
  if (matchedCount < changed.length)
    throw new Error(`${changed.length - matchedCount} lines to be changed are missing`);
}

/** The ID of a line that is written for a version of an invoice; there is no other at that position since that version. */
function idOf(invoiceId: string, place: number, version: number): Types.ObjectId {
  return new mongoose.Types.ObjectId(hash('sha1', `${invoiceId} ${place} ${version}`, 'hex').slice(0, 24));
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

function since(line: NewLine, version: number): NewLine & Pick<LineDoc, '_id' | 'since'> {
  const _id = idOf(line.invoiceId, line.place, version);
  return version === 0 ? { _id, ...line } : { _id, ...line, since: version };
}

async function insertLines(lines: readonly (NewLine & Pick<LineDoc, '_id'>)[]): Promise<void> {
  if (lines.length > 0) await Lines.insertMany(lines, { lean: true });
}
