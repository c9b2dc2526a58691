import { type Bundle, kindOf, subjectOf } from '../../billing/event/notice.ts';
import { threadTs } from '../../store/notices/subscription-reads.ts';
import { beginThread, noteStanding } from '../../store/notices/subscription-writes.ts';
import type { SendingNote, SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import type { Ctx } from '../kit/context.ts';
import type { Recipient, SentBundle } from './courier.ts';
import { type EarlierTry, SETTLE_MS } from './send-once.ts';

interface Thread {
  readonly id: string;
  readonly ts: string | undefined;
}

/** The first message of the subject's thread, and its key; undefined for messages without a thread. */
export async function threadOf(subscriptionId: string, bundle: Bundle): Promise<Thread | undefined> {
  const [first] = bundle.entries;
  const subject = bundle.form === 'single' && first ? subjectOf(first) : undefined;
  if (subject === undefined) return undefined;
  const id = `${subscriptionId}:${subject}`;
  return { id, ts: await threadTs(id) };
}

/**
 * Called as soon as a message is posted: whatever fails afterwards, it isn't sent again. A message without a thread
 * starts one.
 */
export async function noteSent(
  subscription: SubscriptionDoc,
  thread: Thread | undefined,
  sent: SentBundle,
): Promise<void> {
  await noteStanding(subscription, sent);
  if (thread && !sent.isReply) await beginThread(thread.id, sent.ts);
}

export function earlierTry(sending: SendingNote | null): EarlierTry | undefined {
  if (!sending?.since) return undefined;
  const { since, settledAt = since, sentFrom = since, sentUntil = settledAt, cursor } = sending;
  return { since: sentFrom, until: sentUntil, cursor: cursor ?? undefined };
}

/**
 * Until when the message being sent may still be on its way to Slack; undefined if it has arrived by now, if it ever
 * will.
 */
export function unsettledUntil(ctx: Ctx, { sending }: SubscriptionDoc): Date | undefined {
  if (!sending?.since || !sending.settledAt || sending.sent) return undefined;
  const wait = sending.settledAt.getTime() - ctx.clock.now().getTime();
  // a clock that was set back must not delay a channel
  return wait > 0 && wait <= SETTLE_MS ? sending.settledAt : undefined;
}

/** People who are deactivated in Slack aren't mentioned. */
export function withoutMentionsOf(subscription: SubscriptionDoc, inactive: readonly string[]): SubscriptionDoc {
  return { ...subscription, mentions: subscription.mentions.filter(({ id }) => !inactive.includes(id)) };
}

export function recipientOf(
  { _id, accountId, channelId, mentions, groupIds, projectIds, isAboutLed, madeBy }: SubscriptionDoc,
  bundle: Bundle,
): Omit<Recipient, 'threadTs'> {
  const kinds = new Set(bundle.entries.map((entry) => kindOf(entry.type)));
  const meant = mentions.filter(
    (mention) => mention.kinds.length === 0 || mention.kinds.some((kind) => kinds.has(kind)),
  );
  const covers = { groupIds, projectIds, ledBy: isAboutLed ? (madeBy ?? '') : undefined, madeBy };
  return { subscriptionId: _id, accountId, channelId, covers, mentions: [...new Set(meant.map(({ id }) => id))] };
}

export function firstOf({ entries }: Bundle): number {
  return entries[0]?.logEntryId ?? 0;
}

export function lastOf({ entries }: Bundle): number {
  return entries.at(-1)?.logEntryId ?? 0;
}
