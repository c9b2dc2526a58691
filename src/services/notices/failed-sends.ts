import { isOfDatabase } from '../../store/kit/transaction.ts';
import { breakSubscription, noteFailedTry } from '../../store/notices/subscription-writes.ts';
import type { SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import { HoldLost } from '../background/held-lease.ts';
import type { Ctx } from '../kit/context.ts';
import { errorWords, retryAfterMs } from '../kit/error-words.ts';
import { ChannelClosed, NotTaken, Unanswered } from './courier.ts';
import { LookupUnfinished } from './send-once.ts';

/** After this many internal errors for one message, about a quarter of an hour, the channel is paused. */
const MAX_UNKNOWN_FAILURES = 10;
const MESSAGE_FAILED = 'message_failed';
/** The pauses between attempts grow from the first value to the second, in milliseconds. There is no last attempt. */
const FIRST_PAUSE_MS = 2_000;
export const LONGEST_PAUSE_MS = 600_000;
/**
 * Slack, the network and the database may recover at any time, so their failures delay a channel at most this long: the
 * first value for some attempts, since most outages are over within a minute, and then the second.
 */
const LONGEST_PASSING_MS = 4_000;
const LONGEST_LASTING_MS = 15_000;
const PASSING_FAILURES = 12;
/** The longest postponement of a channel: the longest pause plus its random half, or what Slack asked for. */
export const FURTHEST_MS = 1_800_000;

/** Whether a channel's next attempt is in the future. A clock that was set back must not delay it. */
export function isPutOff(notBefore: Date | null, now: Date): boolean {
  const ahead = notBefore === null ? 0 : notBefore.getTime() - now.getTime();
  return ahead > 0 && ahead <= FURTHEST_MS;
}

/** Why a channel accepts no messages after this failure, until someone resumes it; undefined if a retry may succeed. */
export function closedBy({ failures }: SubscriptionDoc, error: unknown): ChannelClosed | undefined {
  if (error instanceof ChannelClosed) return error;
  if (failures + 1 < MAX_UNKNOWN_FAILURES || !isUnknown(error)) return undefined;
  return new ChannelClosed(MESSAGE_FAILED, error);
}

/** An internal error about the message, not one of Slack, the network or the lease. */
function isUnknown(error: unknown): boolean {
  const isKnown = [NotTaken, Unanswered, LookupUnfinished, HoldLost].some((kind) => error instanceof kind);
  const isSlack = error instanceof Error && 'code' in error && String(error.code).startsWith('slack_webapi');
  return !isKnown && !isSlack && !isOfDatabase(error);
}

/** Postpones a channel's next attempt after one that failed. */
export async function postpone(
  ctx: Ctx,
  subscription: SubscriptionDoc,
  error: unknown,
  random: () => number,
): Promise<void> {
  const { _id, failures } = subscription;
  const isUnsettled = error instanceof Unanswered;
  const now = ctx.clock.now().getTime();
  const wait = Math.min(FURTHEST_MS, pauseAfter(failures, error, random));
  // if Slack has responded, it won't accept the message later
  const settles = isUnsettled ? {} : { settledAt: new Date(now) };
  const unsent = error instanceof NotTaken ? { since: null } : {};
  const looked = error instanceof LookupUnfinished ? { cursor: error.cursor ?? null } : {};
  ctx.log.warn({ subscription: _id, failures: failures + 1, wait, err: error }, 'a notification could not be sent');
  await noteFailedTry(subscription, {
    notBefore: new Date(now + wait),
    lastError: errorWords(error),
    sending: { ...settles, ...unsent, ...looked },
  });
}

/** At least what Slack asked for; otherwise 1 to 1.5 times a growing pause, so that retries don't all come at once. */
export function pauseAfter(failures: number, error: unknown, random: () => number): number {
  const grown = Math.min(longestPause(failures, error), FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
  return retryAfterMs(error) ?? grown * (1 + random() / 2);
}

function longestPause(failures: number, error: unknown): number {
  if (isUnknown(error)) return LONGEST_PAUSE_MS;
  return failures < PASSING_FAILURES ? LONGEST_PASSING_MS : LONGEST_LASTING_MS;
}

/** Stops delivery to a channel that doesn't accept messages. Its people are notified. */
export async function breakOff(
  ctx: Ctx,
  subscription: SubscriptionDoc,
  { reason, isUnsent }: ChannelClosed,
): Promise<void> {
  // after a resume the message is sent again, and only searched for if it may have been posted
  const at = ctx.clock.now();
  const since = isUnsent ? null : (subscription.sending?.since ?? at);
  ctx.log.warn({ subscription: subscription._id, reason }, 'a channel no longer accepts messages');
  await breakSubscription(subscription, { reason, at, since });
  ctx.nudge('news');
}
