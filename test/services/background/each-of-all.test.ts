import { beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import {
  eachOfAll,
  eachStep,
  forgetOutside,
  ItemsFailed,
  type Loop,
} from '../../../src/services/background/each-of-all.ts';
import { allFailingItems, listFailingItems } from '../../../src/services/background/job-runs.ts';
import { ItemFailures } from '../../../src/store/background/item-failures.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const START = '2026-11-02T12:00:00.000Z';
const clock = new TestClock(START);
const ctx = contextAt(clock);
const later = (seconds: number) => clock.set(new Date(Date.parse(START) + seconds * 1000).toISOString());

interface Item {
  readonly id: string;
  readonly accountId?: string;
}

const plain: Loop<Item> = { kind: 'sample', name: (item) => item };
const items = (...ids: string[]): Item[] => ids.map((id) => ({ id }));

beforeEach(async () => {
  clock.set(START);
  await ItemFailures.deleteMany({});
});

/** Records whose turn it was. Those named fail. */
function working(failing: readonly string[]) {
  const turns: string[] = [];
  const work = async ({ id }: Item) => {
    turns.push(id);
    if (failing.includes(id)) throw new Error(`${id} is broken`);
  };
  return { turns, work };
}

async function attempt(
  loop: Loop<Item>,
  all: Iterable<Item>,
  work: (item: Item) => Promise<unknown>,
): Promise<unknown> {
  return eachOfAll(ctx, loop, all, work).catch((error: unknown) => error);
}

describe('a loop over items', () => {
  it('handles each item, and names the failed ones by their IDs', async () => {
    const { turns, work } = working(['b']);
    const error = await attempt(plain, items('a', 'b', 'c'), work);
    expect(turns).toEqual(['a', 'b', 'c']);
    expect(error).toBeInstanceOf(ItemsFailed);
    expect(error).toMatchObject({ items: ['sample:b'], message: '1 item failed (sample:b): Error: b is broken' });
  });

  it('retries an item at the next turn, then after 5 seconds, then after twice as long, in any process', async () => {
    const { turns, work } = working(['a']);
    const tried: number[] = [];
    for (let second = 0; second <= 100; second += 1) {
      later(second);
      const before = turns.length;
      await attempt(plain, items('a'), work);
      if (turns.length > before) tried.push(second);
    }
    expect(tried).toEqual([0, 1, 6, 16, 36, 76]);
  });

  it('doesn’t count failures while the database connection is lost', async () => {
    const lost = [
      new mongoose.mongo.MongoNetworkError('connection 7 to 127.0.0.1:27017 closed'),
      new mongoose.Error.MongooseServerSelectionError('connect ECONNREFUSED 127.0.0.1:27017'),
    ];
    const turns: number[] = [];
    for (let second = 0; second < 40; second += 10) {
      later(second);
      await attempt(plain, items('a'), async () => {
        turns.push(second);
        throw lost[turns.length % lost.length];
      });
    }
    expect(turns).toEqual([0, 10, 20, 30]);
    expect(await ItemFailures.countDocuments()).toBe(0);
  });

  it('resets its pauses after a success', async () => {
    await attempt(plain, items('a'), working(['a']).work);
    await attempt(plain, items('a'), working(['a']).work);
    later(31);
    await attempt(plain, items('a'), working([]).work);
    expect(await ItemFailures.countDocuments()).toBe(0);
    const { turns, work } = working(['a']);
    await attempt(plain, items('a'), work);
    await attempt(plain, items('a'), work);
    expect(turns).toEqual(['a', 'a']);
  });

  it('waits as long as a server asked for', async () => {
    const limited = Object.assign(new Error('too many requests'), { retryAfter: 90 });
    await attempt(plain, items('a'), () => Promise.reject(limited));
    const { turns, work } = working([]);
    later(89);
    await attempt(plain, items('a'), work);
    expect(turns).toEqual([]);
    later(91);
    await attempt(plain, items('a'), work);
    expect(turns).toEqual(['a']);
  });

  it('doesn’t let failed items take the places of those behind them', async () => {
    const loop = { ...plain, most: 3 };
    const all = items('a', 'b', 'c', 'd', 'e');
    const broken = ['a', 'b', 'c'];
    const { turns, work } = working(broken);
    await attempt(loop, all, work);
    await attempt(loop, all, work);
    turns.length = 0;
    await attempt(loop, all, work);
    expect(turns).toEqual(['d', 'e']);
  });

  it('works on a limited number at a time', async () => {
    let [now, most] = [0, 0];
    await eachOfAll(ctx, { ...plain, atOnce: 3 }, items('a', 'b', 'c', 'd', 'e', 'f', 'g'), async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
    });
    expect(most).toBe(3);
  });

  it('works on items of one key in their order, which keep no others waiting', async () => {
    const seen: string[] = [];
    let finish = () => {};
    const others = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const loop = { ...plain, atOnce: 2, inOrder: ({ id }: Item) => id.charAt(0) };
    const all = eachOfAll(ctx, loop, items('a1', 'a2', 'a3', 'b1', 'c1', 'b2', 'a4'), async ({ id }) => {
      seen.push(`begin ${id}`);
      // the first item ends only once those behind it, of other keys, are done
      if (id === 'a1') await others;
      if (id === 'b2') finish();
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`end ${id}`);
      if (id === 'a2') throw new Error('broken');
    });
    await expect(all).rejects.toThrow('1 item failed (sample:a2)');
    const a = seen.filter((step) => step.includes(' a'));
    expect(a).toEqual(['a1', 'a2', 'a3', 'a4'].flatMap((id) => [`begin ${id}`, `end ${id}`]));
    expect(seen.slice(0, 6)).toEqual(['begin a1', 'begin b1', 'end b1', 'begin c1', 'end c1', 'begin b2']);
  });

  it('doesn’t delay an item for a failure inside it', async () => {
    const { turns, work } = working(['x']);
    const nested = ({ id }: Item) =>
      eachOfAll(ctx, { ...plain, kind: 'inner' }, items(...(id === 'a' ? ['x', 'y'] : ['z'])), work);
    await attempt(plain, items('a', 'b'), nested);
    await attempt(plain, items('a', 'b'), nested);
    await attempt(plain, items('a', 'b'), nested);
    expect(turns).toEqual(['x', 'y', 'z', 'x', 'y', 'z', 'y', 'z']);
    expect(await ItemFailures.distinct('_id')).toEqual(['inner:x']);
  });

  it('lets each step of a job take its turn', async () => {
    const { turns, work } = working(['first']);
    const steps = { first: () => work({ id: 'first' }), second: () => work({ id: 'second' }) };
    await expect(eachStep(ctx, steps)).rejects.toThrow('1 item failed (first)');
    expect(turns).toEqual(['first', 'second']);
  });
});

describe('the failure of an item that is gone or done in another way', () => {
  const listed = async () => (await allFailingItems(ctx)).map(({ kind, item }) => `${kind}:${item}`).sort();
  const whole: Loop<Item> = { ...plain, whole: 'everywhere' };

  it('is forgotten by the first run at least a minute later that doesn’t meet the item', async () => {
    await attempt(whole, items('a', 'b'), working(['a', 'b']).work);
    await attempt({ ...plain, kind: 'samples' }, items('a'), working(['a']).work);
    later(59);
    await attempt(whole, items('b'), working(['b']).work);
    expect(await listed()).toEqual(['sample:a', 'sample:b', 'samples:a']);
    later(65);
    await attempt(whole, items('b'), working([]).work);
    expect(await listed()).toEqual(['samples:a']);
  });

  it('is kept by a run that doesn’t reach all items, and for an item that is waiting', async () => {
    await attempt(whole, items('a', 'b'), working(['a', 'b']).work);
    later(100);
    await attempt({ ...whole, most: 1 }, items('c', 'd', 'a', 'b'), working([]).work);
    await attempt(plain, items('c'), working([]).work);
    expect(await listed()).toEqual(['sample:a', 'sample:b']);
    await attempt(whole, items('a', 'b'), working(['a', 'b']).work);
    later(101);
    await attempt(whole, items('a', 'b'), working([]).work);
    expect(await listed()).toEqual(['sample:a', 'sample:b']);
  });

  it('is forgotten only in the accounts whose items the loop was given, and in accounts without any', async () => {
    const [one, two] = [await anAccount(ctx), await anAccount(ctx)];
    const [a, b] = [
      { id: 'a', accountId: one._id },
      { id: 'b', accountId: two._id },
    ];
    await attempt(plain, [a, b], working(['a', 'b']).work);
    later(61);
    await attempt({ ...plain, whole: { accountId: one._id } }, [], working([]).work);
    expect(await listed()).toEqual(['sample:b']);
    await forgetOutside(ctx, 'sample', [two]);
    expect(await listed()).toEqual(['sample:b']);
    await forgetOutside(ctx, 'sample', [one]);
    expect(await listed()).toEqual([]);
  });
});

describe('an account with a failing item', () => {
  const failThrice = async (loop: Loop<Item>, item: Item) => {
    for (const second of [0, 1, 40, 110, 240]) {
      later(second);
      await attempt(loop, [item], working([item.id]).work);
    }
  };

  it('is notified once, at the third failure, and again only after a success', async () => {
    const account = await anAccount(ctx);
    const other = await anAccount(ctx);
    const loop = { ...plain, what: 'count the samples' };
    const item = { id: 'a', accountId: account._id };
    await failThrice(loop, item);
    const told = async (accountId: string) =>
      (await Events.find({ accountId, type: 'background_task_failed' }).lean()).map((event) => event.description);
    expect(await told(account._id)).toEqual(['Could not count the samples. Retries continue automatically']);
    expect(await told(other._id)).toEqual([]);
    later(5_000);
    await attempt(loop, [item], working([]).work);
    await failThrice(loop, item);
    expect(await told(account._id)).toHaveLength(2);
  });

  it('isn’t notified of an outage under half a minute', async () => {
    const account = await anAccount(ctx);
    const item = { id: 'short', accountId: account._id };
    const { turns, work } = working([item.id]);
    for (let second = 0; second < 30; second++) {
      later(second);
      await attempt({ ...plain, what: 'count the samples' }, [item], work);
    }
    expect(turns).toHaveLength(4);
    expect(await Events.countDocuments({ accountId: account._id, type: 'background_task_failed' })).toBe(0);
  });

  it('shows the item’s ID to its owners until it succeeds, and not to other accounts', async () => {
    const [account, other] = [await anAccount(ctx), await anAccount(ctx)];
    const item = { id: 'inv_1', accountId: account._id };
    await attempt(plain, [item], working(['inv_1']).work);
    const owner = contextAt(clock, person('U_OWNER'));
    expect(await listFailingItems(owner, account._id)).toMatchObject([
      { kind: 'sample', item: 'inv_1', failures: 1, lastError: 'Error: inv_1 is broken' },
    ]);
    expect(await listFailingItems(owner, other._id)).toEqual([]);
    expect(await allFailingItems(ctx)).toHaveLength(1);
    await attempt(plain, [item], working([]).work);
    expect(await listFailingItems(owner, account._id)).toEqual([]);
  });
});
