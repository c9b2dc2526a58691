import type { Tx } from '../kit/transaction.ts';
import { BROKEN_UNTOLD, type SubscriptionName } from './subscription-reads.ts';
import { type SendingNote, type SubscriptionDoc, Subscriptions, Threads } from './subscriptions.ts';

/** Stores a subscription; what it leaves out is as usual. @returns it as it is stored */
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

/** @returns whether it was there */
export async function deleteSubscription(_tx: Tx, name: SubscriptionName): Promise<boolean> {
  return dropSubscription(name);
}

// each of these is one atomic step of its own: what is told follows no transaction

/** A subscription as the process has read it that tells it: under the token of its lease. */
export type Told = SubscriptionName & Pick<SubscriptionDoc, 'token'>;
/** The same with its place in the log. */
export type ToldAt = Told & Pick<SubscriptionDoc, 'position'>;

/** Ends a subscription that nobody reads any more. @returns whether it was there */
export async function dropSubscription({ _id, accountId }: SubscriptionName): Promise<boolean> {
  const { deletedCount } = await Subscriptions.deleteOne({ _id, accountId });
  return deletedCount > 0;
}

/** Has a subscription be told under a lease's token from now on. @returns false when one with a later lease tells it */
export async function takeSubscription({ _id, accountId }: SubscriptionName, token: number): Promise<boolean> {
  const { matchedCount } = await Subscriptions.updateOne(
    { _id, accountId, token: { $not: { $gt: token } } },
    { $set: { token } },
  );
  return matchedCount > 0;
}

/** Has a subscription wait until an instant. */
export async function putOffSubscription({ _id, accountId, token }: Told, notBefore: Date): Promise<void> {
  await Subscriptions.updateOne({ _id, accountId, token }, { $set: { notBefore } });
}

/** Takes a subscription's place in the log on, past what is no news to it. */
export async function passOver(at: ToldAt, position: number): Promise<void> {
  await Subscriptions.updateOne(atPlace(at), { $set: { position } });
}

/** Takes a subscription's place in the log past a message that is no news any more. */
export async function passOverSending({ _id, accountId }: SubscriptionName, position: number): Promise<void> {
  await Subscriptions.updateOne({ _id, accountId }, { $set: { sending: null, position } });
}

/** Notes that a message is about to be sent. @returns false when another process tells the channel by now */
export async function noteSending(at: ToldAt, sending: SendingNote): Promise<boolean> {
  const { matchedCount } = await Subscriptions.updateOne(atPlace(at), { $set: { sending } });
  return matchedCount > 0;
}

/** Notes that the message that was being sent stands in its channel. */
export async function noteStanding(at: ToldAt, sent: NonNullable<SendingNote['sent']>): Promise<void> {
  await Subscriptions.updateOne(atPlace(at), { $set: { 'sending.sent': sent } });
}

/** Takes a subscription's place in the log past the message that was sent, and forgets its failures. */
export async function noteTold(at: ToldAt, position: number): Promise<void> {
  const fresh = { sending: null, failures: 0, notBefore: null, lastError: null };
  await Subscriptions.updateOne(atPlace(at), { $set: { position, ...fresh } });
}

/** What a failed try says of the message. */
export interface FailedTry extends Pick<SubscriptionDoc, 'lastError'> {
  readonly notBefore: Date;
  readonly sending: {
    /** From when Slack doesn't take the message any more; absent where it may still take it. */
    readonly settledAt?: Date;
    /** Null where Slack has certainly not taken it. */
    readonly since?: null;
    /** Up to where the channel was looked through for it. */
    readonly cursor?: string | null;
  };
}

/** Counts a failed try to send a message, and has its subscription wait; nothing when none is being sent any more. */
export async function noteFailedTry({ _id, accountId, token }: Told, { sending, ...fields }: FailedTry): Promise<void> {
  const noted = Object.fromEntries(Object.entries(sending).map(([name, value]) => [`sending.${name}`, value]));
  await Subscriptions.updateOne(
    { _id, accountId, token, sending: { $ne: null } },
    { $set: { ...fields, ...noted }, $inc: { failures: 1 } },
  );
}

/** Has an active subscription be broken. `since` is when what was being sent may have been taken first; null for never. */
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

/** Notes that the people of a broken subscription know it. */
export async function markBrokenTold(name: SubscriptionName): Promise<void> {
  await endBroken(name, { brokenTold: true });
}

/** Has a broken subscription be told again. */
export async function mendBroken(name: SubscriptionName): Promise<void> {
  await endBroken(name, { state: 'active', brokenBy: null });
}

async function endBroken({ _id, accountId }: SubscriptionName, to: Partial<SubscriptionDoc>): Promise<void> {
  const fresh = { failures: 0, notBefore: null };
  await Subscriptions.updateOne({ _id, accountId, ...BROKEN_UNTOLD }, { $set: { ...to, ...fresh } });
}

/** Counts a failed try to tell people of a broken subscription, and has it wait. */
export async function putOffBroken({ _id, accountId }: SubscriptionName, notBefore: Date): Promise<void> {
  await Subscriptions.updateOne({ _id, accountId, ...BROKEN_UNTOLD }, { $set: { notBefore }, $inc: { failures: 1 } });
}

/** Notes the message that a thread begins with. */
export async function beginThread(threadId: string, ts: string): Promise<void> {
  await Threads.updateOne({ _id: threadId }, { $set: { ts } }, { upsert: true });
}

function atPlace({ _id, accountId, position, token }: ToldAt) {
  return { _id, accountId, position, token };
}
