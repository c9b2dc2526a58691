import { DIGEST_RHYTHMS, type DigestRhythm, type DigestSpan, latestDigest } from '../../billing/event/cost-digest.ts';
import { dayName } from '../../billing/period/day.ts';
import { timeZoneOf } from '../../store/accounts/account-reads.ts';
import {
  accountsWithDigests,
  isAnnouncedElsewhere,
  isDigestAnnounced,
  markDigestAnnounced,
} from '../../store/notices/digest-spans.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import type { Ctx } from '../kit/context.ts';
import { inTransaction } from '../kit/transaction.ts';

interface Due {
  readonly accountId: string;
  readonly rhythm: DigestRhythm;
}

const ANNOUNCING: Loop<Due> = {
  kind: 'cost-digest',
  whole: 'everywhere',
  name: ({ accountId, rhythm }) => ({ id: `${accountId}:${rhythm}`, accountId }),
  what: 'start the cost digest',
};

/**
 * Writes to the log, once per account and span, that the digest of the last week or month is due. The subscriptions to
 * it follow the log, as they do for all messages. Safe to run at any time and in several processes: a unique index
 * decides. After an outage, the latest span is announced, and earlier ones aren't.
 *
 * @returns how many were announced
 */
export async function announceDigests(ctx: Ctx): Promise<number> {
  const due: Due[] = [];
  for (const rhythm of DIGEST_RHYTHMS) {
    due.push(...(await accountsWithDigests(rhythm)).map((accountId) => ({ accountId, rhythm })));
  }
  let announced = 0;
  await eachOfAll(ctx, ANNOUNCING, due, async ({ accountId, rhythm }) => {
    const span = latestDigest(rhythm, ctx.clock.now(), await timeZoneOf(accountId));
    if (await isDigestAnnounced({ accountId, ...span })) return;
    if (await announce(ctx, accountId, span)) announced += 1;
  });
  return announced;
}

/** @returns false if another process was first */
async function announce(ctx: Ctx, accountId: string, { rhythm, from, until, dueAt }: DigestSpan): Promise<boolean> {
  try {
    await inTransaction(ctx, async (tx) => {
      await markDigestAnnounced(tx, { accountId, rhythm, from });
      await tx.record({
        accountId,
        type: 'cost_digest_due',
        description: `Started the ${rhythm} cost digest from ${dayName(from)} to ${dayName(until)}`,
        after: { rhythm, from, until, dueAt: dueAt.toISOString() },
      });
      tx.nudge('news');
    });
    return true;
  } catch (error) {
    if (isAnnouncedElsewhere(error)) return false;
    throw error;
  }
}
