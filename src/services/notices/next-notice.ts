import { FULL_SIGHT } from '../../billing/account/sight.ts';
import type { LogEntry } from '../../billing/event/event.ts';
import {
  type Bundle,
  isNews,
  MOST_IN_MESSAGE,
  type NoticeFilter,
  nextBundle,
  toldFrom,
} from '../../billing/event/notice.ts';
import { isUnseen } from '../../billing/event/unseen.ts';
import { accountById, timeZoneOf } from '../../store/accounts/account-reads.ts';
import { projectIdsLedBy } from '../../store/groups/project-leads.ts';
import { passOver, passOverSending } from '../../store/notices/subscription-writes.ts';
import type { SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import { unseenOf } from '../access/sight.ts';
import { entriesAfter } from '../events/event-log.ts';
import type { Ctx } from '../kit/context.ts';
import { sightOfMaker } from './maker-sight.ts';

const BATCH = 500;
const NEVER = new Date(0);
/** How many entries are searched for more to add to a message. */
const MOST_LOOKED_AT = 2_000;

/**
 * The next message: one that may be partly sent, otherwise the next entries of the log; undefined if nothing is due.
 */
export async function nextOf(ctx: Ctx, subscription: SubscriptionDoc): Promise<Bundle | undefined> {
  const { accountId, sending } = subscription;
  if (sending) {
    const all = await entriesAfter(accountId, sending.from - 1, sending.to - sending.from + 1);
    const { isTold } = await rulesOf(ctx, subscription);
    const entries = all.filter(isTold);
    if (entries.length > 0) return { form: sending.form, entries };
    // the subscription's filter, or what its creator sees, was changed in the meantime
    await passOverSending(subscription, sending.to);
    return undefined;
  }
  const news = await newsAfter(ctx, subscription);
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
async function newsAfter(ctx: Ctx, subscription: SubscriptionDoc): Promise<LogEntry[]> {
  const { accountId, position } = subscription;
  const { filter, isTold } = await rulesOf(ctx, subscription);
  const news: LogEntry[] = [];
  let at = position;
  for (let looked = 0; news.length < MOST_IN_MESSAGE; looked += BATCH) {
    // of cost digests, only the latest is sent
    if (news.length > 0 && looked >= MOST_LOOKED_AT && !filter.onlyDigest) break;
    const entries = await entriesAfter(accountId, at, BATCH);
    news.push(...entries.filter(isTold));
    at = entries.at(-1)?.logEntryId ?? at;
    if (entries.length < BATCH) break;
  }
  if (news.length === 0 && at > position) await passOver(subscription, at);
  return news;
}

/** Which entries a subscription is notified of: what it covers, as far as its creator sees it now. */
async function rulesOf(
  ctx: Ctx,
  subscription: SubscriptionDoc,
): Promise<{ readonly filter: NoticeFilter; isTold(entry: LogEntry): boolean }> {
  const filter = await filterOf(subscription);
  const account = await accountById(subscription.accountId);
  const now = ctx.clock.now();
  const sight = account ? await sightOfMaker(account, subscription, now) : FULL_SIGHT;
  const unseen = await unseenOf(subscription.accountId, sight, now);
  const isTold = (entry: LogEntry) => isNews(entry, filter) && (unseen === undefined || !isUnseen(entry, unseen));
  return { filter, isTold };
}

/** What a subscription covers now: the projects that its creator leads may have changed. */
async function filterOf(subscription: SubscriptionDoc): Promise<NoticeFilter> {
  const { accountId, groupIds, projectIds, kinds, isAboutLed, madeBy, digest, digestsSince } = subscription;
  // what a digest covers decides its figures, not which ones are sent
  if (digest)
    return { groupIds: [], projectIds: [], kinds, onlyDigest: { rhythm: digest, since: digestsSince ?? NEVER } };
  if (!isAboutLed) return { groupIds, projectIds, kinds };
  const led = madeBy === null ? [] : await projectIdsLedBy(accountId, madeBy);
  return { groupIds, projectIds: [...projectIds, ...led], kinds, isLimited: true };
}
