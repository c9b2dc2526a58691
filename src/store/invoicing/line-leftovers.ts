import mongoose from 'mongoose';
import { instant, text } from '../kit/schema-fields.ts';
import type { Tx } from '../kit/transaction.ts';
import type { LinesOf } from './current-lines.ts';

/**
 * Lines may be stored that an invoice doesn't have: those that this version or an earlier one replaced, since when; and
 * those that are being written for a version that it hasn't got yet, or were when a process was killed.
 */
export interface LeftoversDoc {
  /** The invoice's ID. */
  readonly _id: string;
  readonly accountId: string;
  readonly version: number;
  readonly since: Date;
  /** The version that lines are written for. */
  readonly begun?: number;
}

const { Schema } = mongoose;

const leftoversSchema = new Schema<LeftoversDoc>(
  {
    ...{ _id: text, accountId: text },
    version: { type: Number, required: true },
    since: instant,
    begun: { type: Number },
  },
  { collection: 'line_leftovers', versionKey: false },
)
  .index({ accountId: 1, _id: 1 }, { name: 'leftovers_of_account' })
  .index({ since: 1 }, { name: 'leftovers_by_age' });

export const LineLeftovers = mongoose.model('LineLeftover', leftoversSchema);

/** Notes that lines are about to be written for a version that the invoice may never get. Keeps what was noted before. */
export async function noteBegun(_tx: Tx, { accountId, invoiceId }: LinesOf, begun: number, since: Date): Promise<void> {
  await LineLeftovers.updateOne(
    { _id: invoiceId, accountId },
    { $set: { begun }, $setOnInsert: { version: begun, since } },
    { upsert: true },
  );
}

/**
 * Notes that the lines of a version that the invoice never got are deleted. If no lines of earlier ones were left, nothing
 * stays noted: those that are replaced next are left from then on.
 */
export async function forgetBegun(_tx: Tx, { accountId, invoiceId, version }: LinesOf): Promise<void> {
  const of = { _id: invoiceId, accountId };
  const { deletedCount } = await LineLeftovers.deleteOne({ ...of, version: { $gt: version } });
  if (deletedCount === 0) await LineLeftovers.updateOne(of, { $unset: { begun: '' } });
}

/** Notes that the invoice got that version. */
export async function endBegun(_tx: Tx, { accountId, invoiceId }: LinesOf): Promise<void> {
  await LineLeftovers.updateOne({ _id: invoiceId, accountId }, { $unset: { begun: '' } });
}

/** Whether lines were written for a version that an invoice may not have got. */
export async function hasBegun({ accountId, invoiceId }: LinesOf): Promise<boolean> {
  return (await LineLeftovers.exists({ _id: invoiceId, accountId, begun: { $exists: true } })) !== null;
}

/** Notes that there are only replaced lines of later versions, since when; undefined for none. */
export async function keepNote(
  _tx: Tx,
  { accountId, invoiceId }: LinesOf,
  later: Pick<LeftoversDoc, 'version' | 'since'> | undefined,
): Promise<void> {
  const of = { _id: invoiceId, accountId };
  if (later) await LineLeftovers.updateOne(of, { $set: later, $unset: { begun: '' } });
  else await LineLeftovers.deleteOne(of);
}

/** Across all accounts: what was noted at an instant or before, the oldest first. */
export async function leftoversUpTo(upTo: Date, limit: number): Promise<LeftoversDoc[]> {
  return LineLeftovers.find({ since: { $lte: upTo } })
    .sort({ since: 1 })
    .limit(limit)
    .lean();
}
