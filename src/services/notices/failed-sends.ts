import { isOfDatabase } from '../../store/kit/transaction.ts';
import { breakSubscription, noteFailedTry } from '../../store/notices/subscription-writes.ts';
import type { SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import { HoldLost } from '../background/held-lease.ts';
import type { Ctx } from '../kit/context.ts';
import { errorWords, retryAfterMs } from '../kit/error-words.ts';
import { ChannelClosed, NotTaken, Unanswered } from './courier.ts';
import { LookupUnfinished, SETTLE_MS } from './send-once.ts';

/** Tries of a message that fail for no reason of Slack's or the network's, until the channel is paused: about a quarter of an hour. */
const MAX_UNKNOWN_FAILURES = 10;
const MESSAGE_FAILED = 'message_failed';
/** Pauses between tries grow from one to the other, in milliseconds; there is no last try. */
const FIRST_PAUSE_MS = 2_000;
export const LONGEST_PAUSE_MS = 600_000;
/** Slack, its network and the database may be there again at any time: their failures keep a channel no longer than this. */
const LONGEST_PASSING_MS = 15_000;
/** The furthest that a channel is put off: the longest pause with its random half, or what Slack asked for. */
export const FURTHEST_MS = 1_800_000;

/** Whether a channel's next try is still ahead. A clock that was set back must not hold it up. */
export function isPutOff(notBefore: Date | null, now: Date): boolean {
  const ahead = notBefore === null ? 0 : notBefore.getTime() - now.getTime();
  return ahead > 0 && ahead <= FURTHEST_MS;
}

/** Why a channel takes no messages after this failure, until somebody resumes it; undefined where the next try may succeed. */
export function closedBy({ failures }: SubscriptionDoc, error: unknown): ChannelClosed | undefined {
  if (error instanceof ChannelClosed) return error;
  if (failures + 1 < MAX_UNKNOWN_FAILURES || !isUnknown(error)) return undefined;
  return new ChannelClosed(MESSAGE_FAILED, error);
}

/** An error of our own about the message, and not one of Slack's, of its network or of who holds the channel. */
function isUnknown(error: unknown): boolean {
  const isKnown = [NotTaken, Unanswered, LookupUnfinished, HoldLost].some((kind) => error instanceof kind);
  const isSlack = error instanceof Error && 'code' in error && String(error.code).startsWith('slack_webapi');
  return !isKnown && !isSlack && !isOfDatabase(error);
}

/** Puts off a channel's next try. */
export async function postpone(
  ctx: Ctx,
  subscription: SubscriptionDoc,
  error: unknown,
  random: () => number,
): Promise<void> {
  const { _id, failures } = subscription;
  const now = ctx.clock.now().getTime();
  const wait = Math.min(FURTHEST_MS, pauseAfter(failures, error, random));
  // where Slack has answered, it does not take the message later
  const settles = error instanceof Unanswered ? {} : { settledAt: new Date(now) };
  const unsent = error instanceof NotTaken ? { since: null } : {};
  const looked = error instanceof LookupUnfinished ? { cursor: error.cursor ?? null } : {};
  ctx.log.warn({ subscription: _id, failures: failures + 1, wait, err: error }, 'a notification could not be sent');
  await noteFailedTry(subscription, {
    notBefore: new Date(now + wait),
    lastError: errorWords(error),
    sending: { ...settles, ...unsent, ...looked },
  });
}

/** At least what Slack asked for; else the whole to one and a half of a growing pause, so that many do not come at once. */
export function pauseAfter(failures: number, error: unknown, random: () => number): number {
  const longest = isUnknown(error) ? LONGEST_PAUSE_MS : LONGEST_PASSING_MS;
  const grown = Math.min(longest, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
  const wait = retryAfterMs(error) ?? grown * (1 + random() / 2);
  return error instanceof Unanswered ? Math.max(wait, SETTLE_MS) : wait;
}

/** Stops telling a channel that takes no messages, which its people are told of. */
export async function breakOff(
  ctx: Ctx,
  subscription: SubscriptionDoc,
  { reason, isUnsent }: ChannelClosed,
): Promise<void> {
  // what is resumed is sent again, and looked for only where it may stand
  const at = ctx.clock.now();
  const since = isUnsent ? null : (subscription.sending?.since ?? at);
  ctx.log.warn({ subscription: subscription._id, reason }, 'a channel no longer accepts messages');
  await breakSubscription(subscription, { reason, at, since });
  ctx.nudge('news');
}
