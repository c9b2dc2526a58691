import mongoose from 'mongoose';
import { isDuplicateKey } from '../kit/transaction.ts';

/**
 * A message that was or may have been sent to Slack. Stored before the first attempt, because Slack has no idempotency
 * keys.
 */
export interface SentMessageDoc {
  /** `CHANNEL:KEY` */
  readonly _id: string;
  /** When it was first sent; null if Slack certainly hasn't accepted it. */
  readonly since: Date | null;
  /** After this instant, Slack has either accepted the last attempt or never will. */
  readonly settledAt: Date;
  /** The period in which it may have been sent, by the system clock, which matches Slack's message timestamps. */
  readonly sentFrom: Date;
  readonly sentUntil: Date;
  /** The position up to which the channel was searched for it. */
  readonly cursor: string | null;
  /** The message's timestamp, once known. */
  readonly ts: string | null;
}

/** Older messages are no longer looked up. */
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

/**
 * Records that a message is about to be sent for the first time. @returns false if another process has just recorded it
 */
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

/** A message that was or may have been sent; null if it was never attempted. */
export async function sentMessage(id: string): Promise<SentMessageDoc | null> {
  return SentMessages.findById(id).lean();
}

/**
 * Records that a message is about to be sent again. Same as the first time, except for the instant from which it would
 * be searched.
 *
 * @returns false if another process has just recorded it
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

/** Records that a message is in its channel. */
export async function noteSent(id: string, ts: string): Promise<void> {
  await SentMessages.updateOne({ _id: id }, { $set: { ts } });
}

/** Records that Slack certainly hasn't accepted a message. */
export async function noteNotSent(id: string): Promise<void> {
  await SentMessages.updateOne({ _id: id, ts: null }, { $set: { since: null } });
}

/** Records up to where a channel was searched for a message. */
export async function noteLookedThrough(id: string, cursor: string | null): Promise<void> {
  await SentMessages.updateOne({ _id: id }, { $set: { cursor } });
}
