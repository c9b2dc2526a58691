import mongoose from 'mongoose';
import type { DigestRhythm } from '../../billing/event/cost-digest.ts';
import { theText } from '../kit/text-conditions.ts';
import { isDuplicateKey, type Tx } from '../kit/transaction.ts';
import { Subscriptions } from './subscriptions.ts';

/** A week or month of an account whose digest was announced in the log. */
interface DigestSpanDoc {
  readonly accountId: string;
  readonly rhythm: DigestRhythm;
  /** Its first day in the account's time zone. */
  readonly from: string;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;

const digestSpanSchema = new Schema<DigestSpanDoc>(
  { accountId: text, rhythm: text, from: text },
  { collection: 'cost_digest_spans', versionKey: false },
).index({ accountId: 1, rhythm: 1, from: 1 }, { unique: true, name: 'one_digest_of_span' });

export const DigestSpans = mongoose.model('CostDigestSpan', digestSpanSchema);

/** Across all accounts: those with a subscription to a digest of this rhythm. */
export async function accountsWithDigests(rhythm: DigestRhythm): Promise<string[]> {
  return Subscriptions.distinct('accountId', { digest: theText(rhythm) });
}

/** Whether a span's digest was announced. */
export async function isDigestAnnounced({ accountId, rhythm, from }: DigestSpanDoc): Promise<boolean> {
  return (await DigestSpans.exists({ accountId, rhythm, from })) !== null;
}

/** Marks a span's digest as announced. @throws a duplicate key error if another process has done so */
export async function markDigestAnnounced(_tx: Tx, { accountId, rhythm, from }: DigestSpanDoc): Promise<void> {
  await DigestSpans.create([{ accountId, rhythm, from }]);
}

/** Whether an error says that another process has announced the digest. */
export function isAnnouncedElsewhere(error: unknown): boolean {
  return isDuplicateKey(error, 'one_digest_of_span');
}
