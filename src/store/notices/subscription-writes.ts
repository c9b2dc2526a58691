import type { Tx } from '../kit/transaction.ts';
import { BROKEN_UNTOLD, type SubscriptionName } from './subscription-reads.ts';
import { type SendingNote, type SubscriptionDoc, Subscriptions, Threads } from './subscriptions.ts';

/** Stores a subscription. Omitted fields get their defaults. @returns the stored subscription */
export async function insertSubscription(
  _tx: Tx,
  subscription: Partial<SubscriptionDoc> & SubscriptionName,
): Promise<SubscriptionDoc> {
  await Subscriptions.create([subscription]);
  return Subscriptions.findOne({ _id: subscription._id, accountId: subscription.accountId }).orFail().lean();
}

export async function updateSubscription(
  _tx: Tx,
  { _id, accountId }: SubscriptionName,
  fields: Partial<SubscriptionDoc>,
): Promise<void> {
  await Subscriptions.updateOne({ _id, accountId }, { $set: fields });
}

/** @returns whether it existed */
export async function deleteSubscription(_tx: Tx, name: SubscriptionName): Promise<boolean> {
  return dropSubscription(name);
}

// each of these is a separate atomic step: sending messages isn't part of a transaction

/** A subscription as read by the process that delivers it, under the token of its lease. */
export type Told = SubscriptionName & Pick<SubscriptionDoc, 'token'>;
/** The same with its log position. */
export type ToldAt = Told & Pick<SubscriptionDoc, 'position'>;

/** Deletes a subscription whose reader has left. @returns whether it existed */
export async function dropSubscription({ _id, accountId }: SubscriptionName): Promise<boolean> {
  const { deletedCount } = await Subscriptions.deleteOne({ _id, accountId });
  return deletedCount > 0;
}

/** Assigns a subscription's delivery to a lease's token. @returns false if the holder of a later lease delivers it */
export async function takeSubscription({ _id, accountId }: SubscriptionName, token: number): Promise<boolean> {
  const { matchedCount } = await Subscriptions.updateOne(
    { _id, accountId, token: { $not: { $gt: token } } },
    { $set: { token } },
  );
  return matchedCount > 0;
}

/** Postpones a subscription until an instant. */
export async function putOffSubscription({ _id, accountId, token }: Told, notBefore: Date): Promise<void> {
  await Subscriptions.updateOne({ _id, accountId, token }, { $set: { notBefore } });
}

/** Advances a subscription's log position past entries that it doesn't cover. */
export async function passOver(at: ToldAt, position: number): Promise<void> {
  await Subscriptions.updateOne(atPlace(at), { $set: { position } });
}

/** Advances a subscription's log position past a message that is no longer relevant. */
export async function passOverSending({ _id, accountId }: SubscriptionName, position: number): Promise<void> {
  await Subscriptions.updateOne({ _id, accountId }, { $set: { sending: null, position } });
}

/** Records that a message is about to be sent. @returns false if another process now delivers to the channel */
export async function noteSending(at: ToldAt, sending: SendingNote): Promise<boolean> {
  const { matchedCount } = await Subscriptions.updateOne(atPlace(at), { $set: { sending } });
  return matchedCount > 0;
}

/** Records that the message being sent is in its channel. */
export async function noteStanding(at: ToldAt, sent: NonNullable<SendingNote['sent']>): Promise<void> {
  await Subscriptions.updateOne(atPlace(at), { $set: { 'sending.sent': sent } });
}

/** Advances a subscription's log position past the message that was sent, and resets its failures. */
export async function noteTold(at: ToldAt, position: number): Promise<void> {
  const fresh = { sending: null, failures: 0, notBefore: null, lastError: null };
  await Subscriptions.updateOne(atPlace(at), { $set: { position, ...fresh } });
}

/** What is known about a message after a failed attempt. */
export interface FailedTry extends Pick<SubscriptionDoc, 'lastError'> {
  readonly notBefore: Date;
  readonly sending: {
    /** The instant after which Slack no longer accepts the message; absent if it may still accept it. */
    readonly settledAt?: Date;
    /** Null if Slack certainly hasn't accepted it. */
    readonly since?: null;
    /** Up to where the channel was searched for it. */
    readonly cursor?: string | null;
  };
}

/**
 * Counts a failed attempt to send a message and postpones its subscription; does nothing if no message is being sent.
 */
export async function noteFailedTry({ _id, accountId, token }: Told, { sending, ...fields }: FailedTry): Promise<void> {
  const noted = Object.fromEntries(Object.entries(sending).map(([name, value]) => [`sending.${name}`, value]));
  await Subscriptions.updateOne(
    { _id, accountId, token, sending: { $ne: null } },
    { $set: { ...fields, ...noted }, $inc: { failures: 1 } },
  );
}

/**
 * Marks an active subscription as broken. `since` is the earliest instant at which the message may have been accepted;
 * null for never.
 */
export async function breakSubscription(
  { _id, accountId }: SubscriptionName,
  of: { readonly reason: string; readonly at: Date; readonly since: Date | null },
): Promise<void> {
  const broken = { state: 'broken', brokenBy: of.reason, brokenTold: false, brokenAt: of.at } as const;
  const noted = { 'sending.since': of.since, 'sending.settledAt': of.at };
  await Subscriptions.updateOne(
    { _id, accountId, state: 'active' },
    { $set: { ...broken, failures: 0, notBefore: null, ...noted } },
  );
}

/** Records that people were notified of a broken subscription. */
export async function markBrokenTold(name: SubscriptionName): Promise<void> {
  await endBroken(name, { brokenTold: true });
}

/** Resumes a broken subscription. */
export async function mendBroken(name: SubscriptionName): Promise<void> {
  await endBroken(name, { state: 'active', brokenBy: null });
}

async function endBroken({ _id, accountId }: SubscriptionName, to: Partial<SubscriptionDoc>): Promise<void> {
  const fresh = { failures: 0, notBefore: null };
  await Subscriptions.updateOne({ _id, accountId, ...BROKEN_UNTOLD }, { $set: { ...to, ...fresh } });
}

/** Counts a failed attempt to notify people of a broken subscription, and postpones it. */
export async function putOffBroken({ _id, accountId }: SubscriptionName, notBefore: Date): Promise<void> {
  await Subscriptions.updateOne({ _id, accountId, ...BROKEN_UNTOLD }, { $set: { notBefore }, $inc: { failures: 1 } });
}

/** Records the first message of a thread. */
export async function beginThread(threadId: string, ts: string): Promise<void> {
  await Threads.updateOne({ _id: threadId }, { $set: { ts } }, { upsert: true });
}

function atPlace({ _id, accountId, position, token }: ToldAt) {
  return { _id, accountId, position, token };
}
