import type { LogEntry } from '../../billing/event/event.ts';
import { type Bundle, isNews, MOST_IN_MESSAGE, nextBundle, toldFrom } from '../../billing/event/notice.ts';
import { timeZoneOf } from '../../store/accounts/account-reads.ts';
import { passOver, passOverSending } from '../../store/notices/subscription-writes.ts';
import type { SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import { entriesAfter } from '../events/event-log.ts';
import type { Ctx } from '../kit/context.ts';

const BATCH = 500;
/** Entries that are looked through for a message, where there is something to tell already. */
const MOST_LOOKED_AT = 2_000;

/** What is to be told next: what may be half told already, else the next of the log; undefined when nothing is due. */
export async function nextOf(ctx: Ctx, subscription: SubscriptionDoc): Promise<Bundle | undefined> {
  const { accountId, sending } = subscription;
  if (sending) {
    const all = await entriesAfter(accountId, sending.from - 1, sending.to - sending.from + 1);
    const entries = all.filter((entry) => isNews(entry, subscription));
    if (entries.length > 0) return { form: sending.form, entries };
    // what it is about was changed meanwhile
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

/** The news behind a subscription's place, as many as a message can hold; where there is none, its place moves on. */
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
