import type { TrailEntry } from '../../billing/invoice/trail-entry.ts';
import type { Source } from '../kit/read-together.ts';
import type { Tx } from '../kit/transaction.ts';
import { type InvoiceTrailDoc, InvoiceTrails } from './invoices.ts';

/** The digests of an invoice's lines. */
export type LineDigestsDoc = Pick<InvoiceTrailDoc, '_id' | 'lines'>;

/** The trail of an invoice's calculation; undefined for invoices from before trails were stored. */
export async function trailOf(accountId: string, invoiceId: string): Promise<readonly TrailEntry[] | undefined> {
  return (await InvoiceTrails.findOne({ _id: invoiceId, accountId }, { entries: 1 }).lean())?.entries;
}

/** The digests of invoices' lines. */
export function lineDigests(accountId: string, invoiceIds: readonly string[]): Source<LineDigestsDoc> {
  const where = { accountId, _id: { $in: [...invoiceIds] } };
  return { from: InvoiceTrails, where, stages: [{ $project: { lines: 1 } }] };
}

/** A trail to be stored, with the digests and the cells of the lines that are stored with it. */
export interface NewTrail extends Pick<InvoiceTrailDoc, '_id' | 'entries' | 'cells'> {
  readonly lines: { readonly computedAt: Date; readonly digests: Uint8Array; readonly since?: number };
}

/** Stores the trails of invoices' calculations, replacing the previous ones. */
export async function replaceTrails(_tx: Tx, accountId: string, trails: readonly NewTrail[]): Promise<void> {
  if (trails.length === 0) return;
  await InvoiceTrails.bulkWrite(
    trails.map(({ _id, entries, lines, cells }) => {
      const update = cells ? { $set: { entries, lines, cells } } : { $set: { entries, lines }, $unset: { cells: '' } };
      return { updateOne: { filter: { _id, accountId }, update, upsert: true } };
    }),
  );
}
