import { allAccountIds } from '../../store/accounts/account-reads.ts';
import { countWaitingEvents, entryTime } from '../../store/events/event-reads.ts';
import { lastEntryNumber } from '../../store/events/events.ts';
import { placesOfSubscriptions } from '../../store/notices/subscription-reads.ts';
import { eachOfAll, ItemsFailed, type Loop } from '../background/each-of-all.ts';
import type { Ctx } from '../kit/context.ts';

/** How far delivery to an account's channels is behind its log. */
export interface AccountNews {
  readonly accountId: string;
  /** Events without a number in the log. */
  readonly unnumbered: number;
  /**
   * Entries that immediate subscriptions haven't processed yet, whether or not they match, summed over those
   * subscriptions.
   */
  readonly undelivered: number;
  /** The age of the oldest of those entries; 0 if there are none. */
  readonly oldestAgeMs: number;
  readonly subscriptions: Readonly<Record<'idle' | 'pending' | 'paused' | 'broken', number>>;
}

const MEASURING: Loop<string> = { kind: 'measure', name: (id) => ({ id, accountId: id }) };

/** For monitoring, without a person. A digest that waits for its time is pending, but not behind. */
export async function newsOfAccounts(ctx: Ctx): Promise<AccountNews[]> {
  const accounts = await allAccountIds();
  const all: AccountNews[] = [];
  try {
    await eachOfAll(ctx, MEASURING, accounts, async (accountId) => {
      all.push(await newsOf(ctx, accountId));
    });
  } catch (error) {
    // the other accounts' measurements are still valid
    if (!(error instanceof ItemsFailed)) throw error;
  }
  return all;
}

async function newsOf(ctx: Ctx, accountId: string): Promise<AccountNews> {
  const unnumbered = await countWaitingEvents(accountId);
  const head = await lastEntryNumber(accountId);
  const all = await placesOfSubscriptions(accountId);
  const behind = all.filter(
    ({ state, rhythm, position }) => state === 'active' && rhythm === 'at_once' && position < head,
  );
  const count = (isOne: (one: (typeof all)[number]) => boolean) => all.filter(isOne).length;
  return {
    accountId,
    unnumbered,
    undelivered: behind.reduce((sum, { position }) => sum + head - position, 0),
    oldestAgeMs: await ageOfOldest(
      ctx,
      accountId,
      behind.map(({ position }) => position),
    ),
    subscriptions: {
      idle: count(({ state, position }) => state === 'active' && position >= head),
      pending: count(({ state, position }) => state === 'active' && position < head),
      paused: count(({ state }) => state === 'paused'),
      broken: count(({ state }) => state === 'broken'),
    },
  };
}

async function ageOfOldest(ctx: Ctx, accountId: string, positions: readonly number[]): Promise<number> {
  if (positions.length === 0) return 0;
  const since = await entryTime(accountId, Math.min(...positions) + 1);
  return since ? Math.max(0, ctx.clock.now().getTime() - since.getTime()) : 0;
}
