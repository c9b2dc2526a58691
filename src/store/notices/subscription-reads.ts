import { isTimeFor } from '../kit/back-off.ts';
import { type SubscriptionDoc, Subscriptions, Threads } from './subscriptions.ts';

/** Identifies a subscription and its account. */
export type SubscriptionName = Pick<SubscriptionDoc, '_id' | 'accountId'>;

/** A subscription of an account; null if there is none. */
export async function subscriptionById(accountId: string, id: string): Promise<SubscriptionDoc | null> {
  return Subscriptions.findOne({ _id: id, accountId }).lean();
}

/** Whether a subscription names a project. */
export async function hasSubscriptionTo(accountId: string, projectId: string): Promise<boolean> {
  return (await Subscriptions.exists({ accountId, projectIds: projectId })) !== null;
}

/** The first subscriptions of an account, or of one of its channels, sorted by channel. */
export async function subscriptionsOf(
  { accountId, channelId }: { readonly accountId: string; readonly channelId?: string | undefined },
  limit: number,
): Promise<SubscriptionDoc[]> {
  return Subscriptions.find({ accountId, ...(channelId !== undefined && { channelId }) })
    .sort({ channelId: 1, _id: 1 })
    .limit(limit)
    .lean();
}

/** How many subscriptions to an account a channel or a person has. */
export async function countSubscriptions(accountId: string, channelId: string): Promise<number> {
  return Subscriptions.countDocuments({ accountId, channelId });
}

/** The log position of each of an account's subscriptions, unordered. */
export async function placesOfSubscriptions(
  accountId: string,
): Promise<Pick<SubscriptionDoc, '_id' | 'state' | 'rhythm' | 'position'>[]> {
  return Subscriptions.find({ accountId }, { state: 1, rhythm: 1, position: 1 }).lean();
}

/** The fields that say until when a subscription may be postponed. */
interface PutOff {
  readonly now: Date;
  /**
   * The longest possible postponement. A subscription with a longer one was postponed before the clock was set back.
   */
  readonly furthestMs: number;
}

/** Across all accounts: active subscriptions that aren't postponed, with their log positions. */
export async function subscriptionsToTell(
  putOff: PutOff,
): Promise<(SubscriptionName & Pick<SubscriptionDoc, 'position' | 'sending'>)[]> {
  const fields = { accountId: 1, position: 1, sending: 1 } as const;
  return Subscriptions.find({ state: 'active', ...isNotPutOff(putOff) }, fields).lean();
}

/** Across all accounts: broken subscriptions that nobody was notified of yet, unless postponed. */
export async function brokenToTell(putOff: PutOff): Promise<SubscriptionName[]> {
  return Subscriptions.find({ state: 'broken', brokenTold: false, ...isNotPutOff(putOff) }, { accountId: 1 }).lean();
}

/** A subscription, if it is active and delivered under a lease's token. */
export async function subscriptionUnder(
  { _id, accountId }: SubscriptionName,
  token: number,
): Promise<SubscriptionDoc | null> {
  return Subscriptions.findOne({ _id, accountId, state: 'active', token }).lean();
}

/** A subscription, if it is broken and nobody was notified of it yet. */
export async function brokenUntold({ _id, accountId }: SubscriptionName): Promise<SubscriptionDoc | null> {
  return Subscriptions.findOne({ _id, accountId, ...BROKEN_UNTOLD }).lean();
}

/** Matches broken subscriptions that nobody was notified of yet. */
export const BROKEN_UNTOLD = { state: 'broken', brokenTold: false } as const;

/** The first message of a thread; undefined if there is none yet. */
export async function threadTs(threadId: string): Promise<string | undefined> {
  return (await Threads.findById(threadId).lean())?.ts;
}

function isNotPutOff({ now, furthestMs }: PutOff) {
  return { $or: [{ notBefore: null }, isTimeFor('notBefore', now, furthestMs)] };
}
