import type { LogEntry } from '../../billing/event/event.ts';
import { type Bundle, isNews, MOST_IN_MESSAGE, nextBundle, toldFrom } from '../../billing/event/notice.ts';
import { timeZoneOf } from '../../store/accounts/account-reads.ts';
import { passOver, passOverSending } from '../../store/notices/subscription-writes.ts';
import type { SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import { entriesAfter } from '../events/event-log.ts';
import type { Ctx } from '../kit/context.ts';

const BATCH = 500;
/** How many entries are searched for more to add to a message. */
const MOST_LOOKED_AT = 2_000;

/**
 * The next message: one that may be partly sent, otherwise the next entries of the log; undefined if nothing is due.
 */
export async function nextOf(ctx: Ctx, subscription: SubscriptionDoc): Promise<Bundle | undefined> {
  const { accountId, sending } = subscription;
  if (sending) {
    const all = await entriesAfter(accountId, sending.from - 1, sending.to - sending.from + 1);
    const entries = all.filter((entry) => isNews(entry, subscription));
    if (entries.length > 0) return { form: sending.form, entries };
    // the subscription's filter was changed in the meantime
    await passOverSending(subscription, sending.to);
    return undefined;
  }
  const news = await newsAfter(subscription);
  const [first] = news;
  if (!first) return undefined;
  const bundle = nextBundle(news, subscription.rhythm);
  if (subscription.rhythm === 'at_once') return bundle;
  const timeZone = await timeZoneOf(accountId);
  return toldFrom(first.createTime, subscription.rhythm, timeZone) <= ctx.clock.now() ? bundle : undefined;
}

/**
 * The new entries after a subscription's log position, as many as a message can hold. If there are none, the position
 * advances.
 */
async function newsAfter(subscription: SubscriptionDoc): Promise<LogEntry[]> {
  const { accountId, position } = subscription;
  const news: LogEntry[] = [];
  let at = position;
  for (let looked = 0; news.length < MOST_IN_MESSAGE; looked += BATCH) {
    if (news.length > 0 && looked >= MOST_LOOKED_AT) break;
    const entries = await entriesAfter(accountId, at, BATCH);
    news.push(...entries.filter((entry) => isNews(entry, subscription)));
    at = entries.at(-1)?.logEntryId ?? at;
    if (entries.length < BATCH) break;
  }
  if (news.length === 0 && at > position) await passOver(subscription, at);
  return news;
}
