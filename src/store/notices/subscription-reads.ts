import { isTimeFor } from '../kit/back-off.ts';
import { type SubscriptionDoc, Subscriptions, Threads } from './subscriptions.ts';

/** Names a subscription, and whose it is. */
export type SubscriptionName = Pick<SubscriptionDoc, '_id' | 'accountId'>;

/** A subscription of an account; null where there is none. */
export async function subscriptionById(accountId: string, id: string): Promise<SubscriptionDoc | null> {
  return Subscriptions.findOne({ _id: id, accountId }).lean();
}

/** The first subscriptions of an account, or of one of its channels, in the order of channels. */
export async function subscriptionsOf(
  { accountId, channelId }: { readonly accountId: string; readonly channelId?: string | undefined },
  limit: number,
): Promise<SubscriptionDoc[]> {
  return Subscriptions.find({ accountId, ...(channelId !== undefined && { channelId }) })
    .sort({ channelId: 1, _id: 1 })
    .limit(limit)
    .lean();
}

/** How many subscriptions a channel, or a person, has of an account. */
export async function countSubscriptions(accountId: string, channelId: string): Promise<number> {
  return Subscriptions.countDocuments({ accountId, channelId });
}

/** How far each of an account's subscriptions has come, in no order. */
export async function placesOfSubscriptions(
  accountId: string,
): Promise<Pick<SubscriptionDoc, '_id' | 'state' | 'rhythm' | 'position'>[]> {
  return Subscriptions.find({ accountId }, { state: 1, rhythm: 1, position: 1 }).lean();
}

/** Until when a subscription may have been put off. */
interface PutOff {
  readonly now: Date;
  /** The furthest that one is put off: one that would have to wait longer was put off before the clock was set back. */
  readonly furthestMs: number;
}

/** Across all accounts: the active subscriptions that aren't put off, and how far each has come. */
export async function subscriptionsToTell(
  putOff: PutOff,
): Promise<(SubscriptionName & Pick<SubscriptionDoc, 'position' | 'sending'>)[]> {
  const fields = { accountId: 1, position: 1, sending: 1 } as const;
  return Subscriptions.find({ state: 'active', ...isNotPutOff(putOff) }, fields).lean();
}

/** Across all accounts: the broken subscriptions whose people don't know it yet, if they aren't put off. */
export async function brokenToTell(putOff: PutOff): Promise<SubscriptionName[]> {
  return Subscriptions.find({ state: 'broken', brokenTold: false, ...isNotPutOff(putOff) }, { accountId: 1 }).lean();
}

/** A subscription, if it is active and told under a lease's token. */
export async function subscriptionUnder(
  { _id, accountId }: SubscriptionName,
  token: number,
): Promise<SubscriptionDoc | null> {
  return Subscriptions.findOne({ _id, accountId, state: 'active', token }).lean();
}

/** A subscription, if it is broken and its people don't know it yet. */
export async function brokenUntold({ _id, accountId }: SubscriptionName): Promise<SubscriptionDoc | null> {
  return Subscriptions.findOne({ _id, accountId, ...BROKEN_UNTOLD }).lean();
}

/** Of subscriptions: those that are broken and whose people don't know it yet. */
export const BROKEN_UNTOLD = { state: 'broken', brokenTold: false } as const;

/** The message that a thread begins with; undefined before there is one. */
export async function threadTs(threadId: string): Promise<string | undefined> {
  return (await Threads.findById(threadId).lean())?.ts;
}

function isNotPutOff({ now, furthestMs }: PutOff) {
  return { $or: [{ notBefore: null }, isTimeFor('notBefore', now, furthestMs)] };
}
