import { expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { Refusal } from '../../../src/billing/refusal.ts';
import { cancelReplacement, confirmReplacement } from '../../../src/services/costs/replacement-decide.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { runSource } from '../../../src/services/sources/source-run.ts';
import { StorageFault, type StorageFaultKind } from '../../../src/services/sources/source-storage.ts';
import { removeSource, requestRun } from '../../../src/services/sources/sources.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Lines } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Deliveries, Sources } from '../../../src/store/sources/sources.ts';
import { beforeOpening, costFile, costRow, useSourceFolder } from '../../support/costs/source-world.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const world = useSourceFolder();
const { clock, ctx, connect, run, costs } = world;

async function close(month: string): Promise<string[]> {
  const group = await Groups.findOne({ accountId: world.account._id }).orFail().lean();
  const result = await closeInvoice(ctx, group, toPeriod(month));
  if (result.outcome === 'held_back') throw new Error(result.reason);
  const lines = await Lines.find({ invoiceId: result.invoice._id }).lean();
  return lines.map((line) => `${fromDecimal128(line.total).toFixed(2)} ${line.lateFrom ?? 'own'}`).sort();
}

async function unconfirmed(): Promise<{ accountId: string; importId: string }> {
  const { _id: importId } = await Imports.findOne({ accountId: world.account._id, state: 'unconfirmed' })
    .orFail()
    .lean();
  return { accountId: world.account._id, importId };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof Refusal ? error.code : String(error);
}

/** The folder, with something done before a file is opened. */
const before = (act: (key: string) => unknown) => beforeOpening(world.folder, act);

const SEPTEMBER = costRow('4', { month: '2026-09' });

it('a confirmation after the invoice is refused, asked for again, and then takes back what was invoiced', async () => {
  const id = await connect();
  world.folder.put({ 'costs.csv': costFile([SEPTEMBER, costRow('9', { payer: 'b2' })]) });
  await run(id);
  await close('2026-09');
  world.folder.put({ 'costs.csv': costFile([SEPTEMBER]) });
  expect((await run(id)).deliveries[0]).toContain('files unconfirmed ');
  clock.set('2026-11-03T12:00:00Z');
  const asked = await unconfirmed();
  expect(await close('2026-10')).toEqual(['9.00 own']);
  expect(await codeOf(confirmReplacement(ctx, asked))).toBe('invoiced_meanwhile');
  expect(await costs()).toBe('13.00 in 2');
  expect((await run(id)).deliveries[0]).toContain('files unconfirmed ');
  await confirmReplacement(ctx, await unconfirmed());
  expect((await run(id)).deliveries).toEqual(['files imported']);
  clock.set('2026-12-03T12:00:00Z');
  expect(await close('2026-11')).toEqual(['-9.00 2026-10']);
});

it('files that weren’t confirmed within 7 days are asked about again; canceled ones aren’t', async () => {
  const id = await connect({ restated: 'ask' });
  world.folder.put({ '2026-10.csv': costFile([costRow('10')]) });
  await run(id);
  world.folder.put({ '2026-10.csv': costFile([costRow('12'), costRow('3', { payer: 'b2' })]) });
  await run(id);
  const first = await unconfirmed();
  clock.set('2026-10-28T12:00:00Z');
  world.folder.put({ '2026-09.csv': costFile([SEPTEMBER]) });
  await run(id);
  expect((await run(id)).deliveries[0]).toContain('2026-10 unconfirmed ');
  const second = await unconfirmed();
  expect(second.importId).not.toBe(first.importId);
  await cancelReplacement(ctx, second);
  expect((await run(id)).deliveries[0]).toBe('2026-10 declined The replacement was canceled.');
  expect((await run(id)).deliveries[0]).toBe('2026-10 declined The replacement was canceled.');
  const { loads } = await Deliveries.findOne({ sourceId: id, name: '2026-10' }).orFail().lean();
  expect(loads).toEqual([{ source: 'focus:b1', billingMonth: '2026-10' }]);
  expect(await costs()).toBe('14.00 in 2');
});

it.each(['costs that can be read', 'costs that can’t be read'])(
  'a source that is removed while it is read leaves no delivery, with %s',
  async (what) => {
    const id = await connect();
    world.folder.put({
      '2026-10.csv': what.includes('can’t') ? Buffer.from('not a table') : costFile([costRow('10')]),
    });
    const tools = before(() => removeSource(ctx, world.account._id, id));
    expect(await runSource(ctx, tools, { accountId: world.account._id, _id: id })).toBe(true);
    expect(await Deliveries.countDocuments({ accountId: world.account._id })).toBe(0);
    expect(await costs()).toBe('0.00 in 0');
    world.folder.put({ '2026-10.csv': costFile([costRow('10')]) });
    expect((await run(await connect())).deliveries).toEqual(['2026-10 imported']);
  },
);

it('files that are refused while a person requests a run, such as with a new mapping, are read again', async () => {
  const id = await connect();
  world.folder.put({ '2026-10.csv': Buffer.from('not a table') });
  await Sources.updateOne({ _id: id }, { $set: { nextRunAt: new Date('2026-10-20T11:00:00Z') } });
  const tools = before(() => requestRun(ctx, world.account._id, id));
  await runSource(ctx, tools, { accountId: world.account._id, _id: id });
  let reads = 0;
  const counted = before(() => {
    reads += 1;
  });
  expect((await run(id, counted)).deliveries[0]).toContain('2026-10 refused ');
  expect(reads).toBe(1);
  // once is enough
  expect((await run(id, counted)).deliveries[0]).toContain('2026-10 refused ');
  expect(reads).toBe(1);
});

it('a person is asked when files that add up to a month disappear', async () => {
  const id = await connect();
  const month = { '2026-10-1.csv': costFile([costRow('10')]), '2026-10-2.csv': costFile([costRow('2')]) };
  world.folder.put({ ...month, '2026-10-3.csv': costFile([costRow('1')]) });
  await run(id);
  world.folder.delete('2026-10-3.csv');
  const doubt = '2026-10 unconfirmed 1 file of the last delivery no longer exists.';
  expect((await run(id)).deliveries).toEqual([doubt]);
  await cancelReplacement(ctx, await unconfirmed());
  await run(id);
  world.folder.delete('2026-10-2.csv');
  expect((await run(id)).deliveries).toEqual(['2026-10 unconfirmed 2 files of the last delivery no longer exist.']);
  expect(await costs()).toBe('13.00 in 3');
  await confirmReplacement(ctx, await unconfirmed());
  world.folder.put({ '2026-10-2.csv': costFile([costRow('5')]) });
  expect((await run(id)).deliveries).toEqual(['2026-10 imported']);
  expect(await costs()).toBe('15.00 in 2');
});

it('a file that can’t be read leaves the other months alone, and is tried again', async () => {
  const id = await connect();
  world.folder.put({
    '2026-08.csv': costFile([costRow('8', { month: '2026-08' })]),
    '2026-09.csv': costFile([SEPTEMBER]),
    '2026-10.csv': costFile([costRow('10')]),
  });
  const faulty = (kind: StorageFaultKind) =>
    before((key) => {
      if (key === '2026-08.csv') throw new StorageFault(kind, 'It can’t be read.');
    });
  for (const kind of ['denied', 'invalid'] as const) {
    const { deliveries, source } = await run(id, faulty(kind));
    expect(deliveries).toEqual(['2026-10 imported', '2026-09 imported', '2026-08 waiting It can’t be read.']);
    expect(source.failure).toBe('AWS for August 2026: It can’t be read.');
  }
  // deleted since it was listed
  const { outcome, source } = await run(id, faulty('missing'));
  expect([outcome, source.failure]).toEqual(['3 files: nothing new, files changed while they were read', null]);
  expect((await run(id)).deliveries[2]).toBe('2026-08 imported');
  world.folder.put({ '2026-08.csv': costFile([costRow('7', { month: '2026-08' })]) });
  expect((await run(id, faulty('unreachable'))).outcome).toBe('It can’t be read.');
  expect(await costs()).toBe('22.00 in 3');
});
