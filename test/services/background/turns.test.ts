import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { eachOfAll, type Loop } from '../../../src/services/background/each-of-all.ts';
import { startOf } from '../../../src/services/background/turns.ts';
import { ItemFailures } from '../../../src/store/background/item-failures.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-11-02T12:00:00Z'));

interface Item {
  readonly id: string;
  readonly accountId: string;
}
const loop: Loop<Item> = { kind: 'sample', name: (item) => item, inTurn: true };
const ACCOUNTS = ['acc_1', 'acc_2', 'acc_3', 'acc_4', 'acc_5', 'acc_6', 'acc_7'];
const itemsOf = (accounts: readonly string[], each: number): Item[] =>
  accounts.flatMap((accountId) => Array.from({ length: each }, (_, at) => ({ id: `${accountId}-${at}`, accountId })));

beforeEach(async () => {
  await ItemFailures.deleteMany({});
  await mongoose.connection.collection('loop_turns').deleteMany({});
});

/** A run in a process that is killed after some items. @returns them; those named fail */
async function killedAfter(most: number, all: readonly Item[], failing: readonly string[] = []): Promise<string[]> {
  const done: string[] = [];
  await new Promise<void>((killed) => {
    const work = async ({ id }: Item) => {
      if (done.length === most) {
        killed();
        return new Promise<void>(() => undefined);
      }
      done.push(id);
      if (failing.includes(id)) throw new Error(`${id} is broken`);
    };
    eachOfAll(ctx, loop, all, work).then(
      () => killed(),
      () => killed(),
    );
  });
  return done;
}

describe('accounts that take turns', () => {
  it('get one item each, in their own order', async () => {
    const all = itemsOf(['acc_1', 'acc_2'], 3);
    const ids = ['acc_1-0', 'acc_2-0', 'acc_1-1', 'acc_2-1', 'acc_1-2', 'acc_2-2'];
    expect(await killedAfter(99, all)).toEqual(ids);
  });

  it.each([1, 2, 3])(
    'have all had one when each run is killed after %i items, however much there is to do',
    async (most) => {
      const all = itemsOf(ACCOUNTS, 50);
      const reached = new Set<string>();
      let runs = 0;
      for (; reached.size < ACCOUNTS.length; runs++)
        for (const id of await killedAfter(most, all)) reached.add(id.slice(0, 5));
      expect(runs).toBeLessThanOrEqual(Math.ceil((3 * ACCOUNTS.length) / most));
    },
  );

  it('are all finished when finished work is no longer due, even if each run is killed after two items', async () => {
    let left = itemsOf(ACCOUNTS, 4);
    let runs = 0;
    for (; left.length > 0; runs++) {
      const done = await killedAfter(2, left);
      left = left.filter(({ id }) => !done.includes(id));
    }
    expect(runs).toBe((ACCOUNTS.length * 4) / 2);
  });

  it('start with different accounts in several processes', async () => {
    const all = itemsOf(ACCOUNTS, 2);
    const firsts = await Promise.all([1, 2, 3].map(async () => (await killedAfter(1, all))[0]));
    expect(new Set(firsts).size).toBe(3);
  });

  it('don’t start with what has just failed', async () => {
    const all = itemsOf(['acc_1'], 3);
    expect(await killedAfter(1, all, ['acc_1-0'])).toEqual(['acc_1-0']);
    await ItemFailures.findOneAndUpdate({ _id: 'sample:acc_1-0' }, {}).orFail();
    expect(await killedAfter(99, all)).toEqual(['acc_1-1', 'acc_1-2', 'acc_1-0']);
  });

  it('each come first within three times as many runs as there are accounts, starting at any run', () => {
    for (let accounts = 1; accounts <= 60; accounts++) {
      for (const from of [0, 1, 17, 1_000_003]) {
        const starts = Array.from({ length: 3 * accounts }, (_, turn) => startOf(from + turn, accounts));
        expect(new Set(starts).size).toBe(accounts);
      }
    }
  });
});

describe('the loops over due work in accounts', () => {
  it.each([
    ['src/services/invoicing/close.ts', ['draft', 'close-account']],
    ['src/services/invoicing/estimates.ts', ['estimate']],
    ['src/services/invoicing/dry-run.ts', ['dry-run']],
    ['src/services/budgets/budget-checks.ts', ['budgets-account']],
    ['src/services/events/event-log.ts', ['log']],
    ['src/services/accounts/home-visits.ts', ['home']],
    ['src/services/notices/mails.ts', ['mail']],
    ['src/services/moves/move-tend.ts', ['move-expiry', 'move-reminder', 'move-facts']],
    ['src/services/settlement/charges.ts', ['charge-begin', 'charge']],
    ['jobs/moves.ts', ['move']],
    ['jobs/imports.ts', ['import', 'import-report']],
  ])('take turns in %s', (file, kinds) => {
    const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
    const without = kinds.filter((kind) => !new RegExp(`kind: '${kind}'[^;]*?inTurn: true[^;]*?;`).test(text));
    expect(without).toEqual([]);
  });
});
