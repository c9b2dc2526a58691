import { Readable } from 'node:stream';
import { expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { inBatches } from '../../../src/services/costs/read-ahead.ts';
import { SeenRows } from '../../../src/services/costs/seen-rows.ts';
import { Costs } from '../../../src/store/costs/costs.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, FOCUS_HEAD } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-10-20T12:00:00Z'));

it('batches are complete and in order, and at most one is read ahead', async () => {
  let read = 0;
  const items = async function* () {
    for (; read < 25; read++) yield read;
  };
  const found: number[][] = [];
  for await (const batch of inBatches(items(), 10)) {
    found.push(batch);
    expect(read).toBeLessThanOrEqual(found.length * 10 + 10);
  }
  expect(found.map((batch) => batch.length)).toEqual([10, 10, 5]);
  expect(found.flat()).toEqual(Array.from({ length: 25 }, (_, at) => at));
});

it('an error comes after the batches before it, and an early end closes the source', async () => {
  let isClosed = false;
  const items = async function* () {
    try {
      yield* [1, 2, 3];
      throw new Error('cut off');
    } finally {
      isClosed = true;
    }
  };
  const found: number[] = [];
  const reading = (async () => {
    for await (const batch of inBatches(items(), 1)) found.push(...batch);
  })();
  await expect(reading).rejects.toThrow('cut off');
  expect(found).toEqual([1, 2, 3]);
  isClosed = false;
  for await (const _batch of inBatches(items(), 1)) break;
  expect(isClosed).toBe(true);
});

it('every stored hash is found in the filter, and only loads that were empty at the beginning use it', () => {
  const seen = new SeenRows();
  const hashes = Array.from({ length: 2000 }, (_, at) => (at * 7_919 + 1).toString(16).padStart(32, '0'));
  seen.add({ empty: new Map([[new mongoose.Types.ObjectId(), true]]), hashes });
  expect(hashes.every((hash) => seen.has(hash))).toBe(true);
  expect(seen.has('f'.repeat(32))).toBe(false);
});

it('equal rows of one file stay separate costs across batches, in an empty month and after others', async () => {
  const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
  const [one, two] = [costRow('1.00', { project: 'p' }), costRow('2.00', { project: 'p' })];
  const load = (rows: readonly string[]) =>
    importFocus(ctx, {
      ...{ accountId, fileName: 'x.csv', replace: false, batchSize: 2 },
      open: () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]),
    });
  expect(await load([one, two, one, one, two, one])).toMatchObject({ added: 6, repeated: 0 });
  expect(await load([one, two, one, one, two, one])).toMatchObject({ added: 0, repeated: 6 });
  expect(await load([one, one, one, one, one, two, two, two])).toMatchObject({ added: 2, repeated: 6 });
  expect(await Costs.countDocuments({ accountId })).toBe(8);
});
