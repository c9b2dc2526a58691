import mongoose from 'mongoose';
import { isDuplicateKey } from '../kit/transaction.ts';

/** A message that was sent to Slack, or may have been: written before the first try, since Slack has no idempotency key. */
export interface SentMessageDoc {
  /** `CHANNEL:KEY` */
  readonly _id: string;
  /** When it was sent first; null when it is certain that Slack has not taken it. */
  readonly since: Date | null;
  /** From when Slack has taken the last try, or never will. */
  readonly settledAt: Date;
  /** The span in which it may have been sent, by the clock on the wall, by which Slack dates messages. */
  readonly sentFrom: Date;
  readonly sentUntil: Date;
  /** Up to where the channel was looked through for it. */
  readonly cursor: string | null;
  /** The message's own, once it is known. */
  readonly ts: string | null;
}

/** Nobody asks for an older message any more. */
const KEPT_MS = 60 * 86_400_000;

const { Schema } = mongoose;

const sentMessageSchema = new Schema<SentMessageDoc>(
  {
    _id: { type: String, required: true },
    since: { type: Date, default: null },
    settledAt: { type: Date, required: true },
    sentFrom: { type: Date, required: true },
    sentUntil: { type: Date, required: true },
    cursor: { type: String, default: null },
    ts: { type: String, default: null },
  },
  { collection: 'sent_messages', versionKey: false },
).index({ settledAt: 1 }, { name: 'sent_messages_by_age' });

export const SentMessages = mongoose.model('SentMessage', sentMessageSchema);

/** Notes that a message is about to be sent for the first time. @returns false when another process has just noted it */
export async function beginSending(
  id: string,
  now: Date,
  span: Pick<SentMessageDoc, 'settledAt' | 'sentFrom' | 'sentUntil'>,
): Promise<boolean> {
  const fresh = { ...span, since: now, cursor: null };
  try {
    const { modifiedCount } = await SentMessages.updateOne({ _id: id, since: null, ts: null }, { $set: fresh });
    if (modifiedCount > 0) return true;
    await SentMessages.create([{ _id: id, ...fresh }]);
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
  await SentMessages.deleteMany({ settledAt: { $lt: new Date(now.getTime() - KEPT_MS) } });
  return true;
}

/** A message that was sent, or may have been; null where it never was to be. */
export async function sentMessage(id: string): Promise<SentMessageDoc | null> {
  return SentMessages.findById(id).lean();
}

/**
 * Notes that a message is about to be sent again, as for the first time but for the instant from which it would be looked
 * for.
 *
 * @returns false when another process has just noted it
 */
export async function sendAgain(
  { _id, settledAt }: Pick<SentMessageDoc, '_id' | 'settledAt'>,
  span: Pick<SentMessageDoc, 'settledAt' | 'sentUntil'>,
): Promise<boolean> {
  const { modifiedCount } = await SentMessages.updateOne(
    { _id, ts: null, settledAt },
    { $set: { ...span, cursor: null } },
  );
  return modifiedCount > 0;
}

/** Notes that a message stands in its channel. */
export async function noteSent(id: string, ts: string): Promise<void> {
  await SentMessages.updateOne({ _id: id }, { $set: { ts } });
}

/** Notes that Slack has certainly not taken a message. */
export async function noteNotSent(id: string): Promise<void> {
  await SentMessages.updateOne({ _id: id, ts: null }, { $set: { since: null } });
}

/** Notes up to where a channel was looked through for a message. */
export async function noteLookedThrough(id: string, cursor: string | null): Promise<void> {
  await SentMessages.updateOne({ _id: id }, { $set: { cursor } });
}
