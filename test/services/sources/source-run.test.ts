import { utimesSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { EventType } from '../../../src/billing/event/event-types.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { cancelReplacement, confirmReplacement } from '../../../src/services/costs/replacement-decide.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { runSource } from '../../../src/services/sources/source-run.ts';
import { testSource } from '../../../src/services/sources/source-test.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Lines } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Deliveries, Sources } from '../../../src/store/sources/sources.ts';
import { costFile, costRow, dataExport, toolsAt, useSourceFolder } from '../../support/costs/source-world.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const world = useSourceFolder();
const { clock, ctx, connect, run, costs } = world;

const descriptions = async (type: EventType) =>
  (await Events.find({ accountId: world.account._id, type }).sort({ _id: 1 }).lean()).map(
    ({ description }) => description,
  );

/** Delivers a month in parts, its manifest last. */
function deliver(parts: readonly (readonly string[])[], of: Parameters<typeof dataExport>[1] = {}): void {
  const { files, manifest } = dataExport(parts, of);
  world.folder.put(files);
  world.folder.put(manifest);
}

async function close(month: string): Promise<string[]> {
  const group = await Groups.findOne({ accountId: world.account._id }).orFail().lean();
  const result = await closeInvoice(ctx, group, toPeriod(month));
  if (result.outcome === 'held_back') throw new Error(result.reason);
  const lines = await Lines.find({ invoiceId: result.invoice._id }).lean();
  return lines
    .map((line) => `${fromDecimal128(line.total).toFixed(2)} ${line.projectName} ${line.lateFrom ?? 'own'}`)
    .sort();
}

describe('a file that is written while its folder is read', () => {
  const every = { everyHours: 6 };
  const dated = (key: string, time: Date) => utimesSync(path.join(world.folder.root, key), time, time);
  const inSeconds = async (id: string) => {
    const { nextRunAt } = await Sources.findOne({ _id: id }).orFail().lean();
    return nextRunAt && Math.round((nextRunAt.getTime() - clock.now().getTime()) / 1000);
  };

  it('is read as soon as it has been unchanged for a minute', async () => {
    const id = await connect(every);
    world.folder.put({ 'a/2026-10.csv': costFile([costRow('10')]) });
    const young = toolsAt(world.folder, 20_000);
    expect(await run(id, young)).toMatchObject({
      outcome: '0 files: nothing new, files are still being written',
    });
    const pause = await inSeconds(id);
    expect(pause).toBeGreaterThan(30);
    expect(pause).toBeLessThanOrEqual(40);
    clock.set('2026-10-20T12:01:00Z');
    expect(await runSource(ctx, world.folder.tools, { accountId: world.account._id, _id: id })).toBe(true);
    expect(await costs()).toBe('10.00 in 1');
    expect(await inSeconds(id)).toBe(6 * 3_600);
  });

  it('does so beside others, also if it is dated in the future', async () => {
    const id = await connect(every);
    world.folder.put({ '2026-09.csv': costFile([costRow('1', { month: '2026-09' })]) });
    world.folder.put({ '2026-10.csv': costFile([costRow('10')]) });
    const past = new Date(Date.now() - 3_600_000);
    dated('2026-09.csv', past);
    dated('2026-10.csv', new Date('2099-01-01'));
    const young = toolsAt(world.folder, 20_000);
    expect(await run(id, young)).toMatchObject({ outcome: '1 file: 1 new delivery, files are still being written' });
    expect(await inSeconds(id)).toBeLessThanOrEqual(40);
    expect(await run(id)).toMatchObject({ outcome: '2 files: 1 new delivery' });
    expect(await inSeconds(id)).toBe(6 * 3_600);
  });

  it('is waited for as long as it takes if the clock of its server is ahead', async () => {
    const id = await connect(every);
    world.folder.put({ '2026-10.csv': costFile([costRow('10')]) });
    await run(id, toolsAt(world.folder, -600_000));
    expect(await inSeconds(id)).toBeGreaterThan(600);
    expect(await inSeconds(id)).toBeLessThanOrEqual(660);
  });

  it('doesn’t count if it is no cost file', async () => {
    const id = await connect(every);
    world.folder.put({ '2026-10.csv': costFile([costRow('10')]) });
    dated('2026-10.csv', new Date(Date.now() - 3_600_000));
    await run(id);
    world.folder.put({ 'sync.log': Buffer.from('…'), '2026-10.csv.part': Buffer.from('…'), '.lock': Buffer.from('…') });
    const young = toolsAt(world.folder, 20_000);
    expect(await run(id, young)).toMatchObject({ outcome: '1 file: nothing new' });
    expect(await inSeconds(id)).toBe(6 * 3_600);
    expect(await testSource(ctx, young, world.account._id, id)).toMatchObject({ hasUnsettled: false });
    world.folder.put({ 'a-Manifest.json': Buffer.from('{}') });
    expect(await run(id, young)).toMatchObject({ outcome: '1 file: nothing new, files are still being written' });
  });

  it.each(['together', 'newest'] as const)('keeps its month as it is until then: files count %s', async (files) => {
    const id = await connect({ ...every, files });
    world.folder.put({ '2026-10/a.csv': costFile([costRow('10')]), '2026-10/b.csv': costFile([costRow('7')]) });
    dated('2026-10/a.csv', new Date(Date.now() - 3_600_000));
    await run(id);
    const before = await costs();
    world.folder.put({ '2026-10/b.csv': costFile([costRow('8')]) });
    const { deliveries, source } = await run(id, toolsAt(world.folder, 20_000));
    expect(deliveries).toEqual(['2026-10 imported']);
    expect(source).toMatchObject({
      failures: 0,
      outcome: '1 file: nothing new, 1 waiting, files are still being written',
    });
    expect(await costs()).toBe(before);
    expect(await descriptions('restatement_unconfirmed')).toEqual([]);
    expect((await run(id)).deliveries).toEqual(['2026-10 imported']);
    expect(await costs()).toBe(files === 'newest' ? '8.00 in 1' : '18.00 in 2');
  });

  it('keeps what waits for confirmation, or was declined, until its month is read with it', async () => {
    const id = await connect({ ...every, restated: 'ask' });
    const stored = async () => {
      const { _id, state, version, importId, imported } = await Deliveries.findOne({ sourceId: id }).orFail().lean();
      return { _id, state, version, importId, imported };
    };
    const rewrite = (cost: string) => {
      world.folder.put({ '2026-10/a.csv': costFile([costRow('10')]), '2026-10/b.csv': costFile([costRow(cost)]) });
      dated('2026-10/a.csv', new Date(Date.now() - 3_600_000));
    };
    rewrite('7');
    await run(id);
    rewrite('8');
    const written = new Date('2026-01-01');
    dated('2026-10/b.csv', written);
    await run(id);
    const asked = await stored();
    expect(asked).toMatchObject({ state: 'unconfirmed', importId: expect.any(String) });
    const young = toolsAt(world.folder, 20_000);
    // only its time changes, and back again
    dated('2026-10/b.csv', new Date());
    expect((await run(id, young)).outcome).toBe('1 file: nothing new, 1 waiting, files are still being written');
    expect(await stored()).toEqual(asked);
    expect(await Imports.findOne({ _id: asked.importId }).lean()).toMatchObject({ state: 'unconfirmed' });
    await cancelReplacement(ctx, { accountId: world.account._id, importId: asked.importId ?? '' });
    await run(id, young);
    expect(await stored()).toMatchObject({ state: 'declined', version: asked.version });
    dated('2026-10/b.csv', written);
    expect((await run(id)).deliveries).toEqual(['2026-10 declined The replacement was canceled.']);
    expect(await descriptions('restatement_unconfirmed')).toHaveLength(1);
  });

  it('isn’t announced as imported again before it is', async () => {
    const id = await connect(every);
    world.folder.put({ '2026-10/a.csv': Buffer.from('no costs\n1\n'), '2026-10/b.csv': costFile([costRow('7')]) });
    dated('2026-10/b.csv', new Date(Date.now() - 3_600_000));
    const refused = await run(id);
    expect(refused.deliveries[0]).toContain('2026-10 refused');
    world.folder.put({ '2026-10/a.csv': Buffer.from('still no costs\n1\n') });
    expect((await run(id, toolsAt(world.folder, 20_000))).deliveries).toEqual(refused.deliveries);
    expect(await inSeconds(id)).toBeLessThanOrEqual(40);
    await run(id);
    expect([await descriptions('source_failing'), await descriptions('source_recovered')]).toEqual([
      [expect.any(String)],
      [],
    ]);
  });

  it('keeps a month whose manifest it is as it is', async () => {
    const id = await connect({ ...every, restated: 'ask' });
    const [older, newer] = ['1', '2'].map((cost, at) => dataExport([[costRow(cost)]], { run: String(at) }));
    world.folder.put({ ...older?.files, ...older?.manifest });
    await run(id);
    for (const part of Object.keys(older?.files ?? {})) dated(part, new Date(Date.now() - 3_600_000));
    world.folder.put({ ...newer?.manifest });
    const young = toolsAt(world.folder, 20_000);
    expect(await run(id, young)).toMatchObject({
      outcome: '1 file: nothing new, 1 waiting, files are still being written',
      deliveries: ['focus/2026-10 imported'],
    });
    expect(await costs()).toBe('1.00 in 1');
  });

  it('doesn’t make a paused source go on', async () => {
    const id = await connect(every);
    world.folder.put({ '2026-10.csv': costFile([costRow('10')]) });
    const pausing: typeof world.folder.tools = {
      ...world.folder.tools,
      open: async (...given) => {
        await Sources.updateOne({ _id: id }, { $set: { nextRunAt: null } });
        return toolsAt(world.folder, 20_000).open(...given);
      },
    };
    await run(id, pausing);
    expect(await inSeconds(id)).toBeNull();
  });
});

describe('a source with manifests', () => {
  it('is imported once all parts are there, as one load', async () => {
    const id = await connect();
    const { files, manifest } = dataExport([
      [costRow('10'), costRow('10')],
      [costRow('10'), costRow('5', { project: 'p2' })],
    ]);
    world.folder.put(files);
    expect((await run(id)).deliveries).toEqual([
      'focus/2026-10 waiting The manifest for 2 files is missing. It is written last.',
    ]);
    expect(await costs()).toBe('0.00 in 0');
    world.folder.put(manifest);
    expect(await run(id)).toMatchObject({ outcome: '3 files: 1 new delivery', deliveries: ['focus/2026-10 imported'] });
    // equal rows in two parts are two costs
    expect(await costs()).toBe('35.00 in 4');
    expect((await run(id)).outcome).toBe('3 files: nothing new');
    expect(await Imports.countDocuments({ accountId: world.account._id })).toBe(1);
  });

  it('changes nothing while a part is missing, or a newer refresh is being written', async () => {
    const id = await connect();
    deliver([[costRow('10')], [costRow('20')]]);
    await run(id);
    const { files, manifest } = dataExport([[costRow('11')], [costRow('21')], [costRow('31')]], { run: '2' });
    const [first = '', second = '', third = ''] = Object.keys(files);
    const only = (...keys: string[]) => Object.fromEntries(keys.map((key) => [key, files[key] ?? Buffer.alloc(0)]));
    world.folder.put(only(first));
    expect((await run(id)).outcome).toBe('3 files: nothing new');
    world.folder.put(manifest);
    expect((await run(id)).deliveries).toEqual([
      'focus/2026-10 waiting focus-Manifest.json lists 3 files, of which focus-00003.csv.gz is missing.',
    ]);
    world.folder.put(only(second, third));
    expect((await run(id)).deliveries[0]).toContain('newer than focus-Manifest.json, which is written last.');
    expect(await costs()).toBe('30.00 in 2');
    world.folder.put(manifest);
    await run(id);
    expect(await costs()).toBe('63.00 in 3');
  });

  it('books differences to an invoiced month as late costs, once, however often it is delivered', async () => {
    const id = await connect();
    deliver([[costRow('10'), costRow('7', { project: 'p2' })], [costRow('20')]]);
    await run(id);
    clock.set('2026-11-03T12:00:00Z');
    expect(await close('2026-10')).toEqual(['30.00 p1 own', '7.00 p2 own']);
    for (const amount of ['21', '22', '22', '25']) {
      deliver([[costRow('10'), costRow('7', { project: 'p2' })], [costRow(amount)]], { run: `run ${amount}` });
      expect((await run(id)).deliveries).toEqual(['focus/2026-10 imported']);
    }
    expect(await costs()).toBe('42.00 in 5');
    expect(await descriptions('month_restated')).toHaveLength(3);
    expect((await descriptions('month_restated'))[0]).toBe(
      'Costs of AWS for October 2026 were restated: p1: EUR 30.00 (2 records) became EUR 31.00 (4 records). Differences to issued invoices go on the next invoices as late costs',
    );
    clock.set('2026-12-03T12:00:00Z');
    expect(await close('2026-11')).toEqual(['5.00 p1 2026-10']);
    // back to what was invoiced first
    deliver([[costRow('10'), costRow('7', { project: 'p2' })], [costRow('20')]], { run: 'back' });
    await run(id);
    clock.set('2027-01-03T12:00:00Z');
    expect(await close('2026-12')).toEqual(['-5.00 p1 2026-10']);
    expect(await costs()).toBe('37.00 in 7');
  });

  it('books a month that was invoiced before its first delivery as late costs', async () => {
    const id = await connect();
    clock.set('2026-11-03T12:00:00Z');
    deliver([[costRow('1', { month: '2026-09' })]], { month: '2026-09' });
    await run(id);
    await close('2026-09');
    await close('2026-10');
    deliver([[costRow('10')]]);
    await run(id);
    clock.set('2026-12-03T12:00:00Z');
    expect(await close('2026-11')).toEqual(['10.00 p1 2026-10']);
  });

  it('forgets what is no longer delivered, also the last cost of a billing account', async () => {
    const id = await connect();
    deliver([[costRow('10'), costRow('9', { payer: 'b2' })]]);
    await run(id);
    deliver([[costRow('18', { payer: 'b1' })]], { run: '2' });
    await run(id);
    const doubts = 'The costs of focus:b2 for October 2026 would fall from EUR 9.00 to EUR 0.00.';
    expect((await run(id)).deliveries).toEqual([`focus/2026-10 unconfirmed ${doubts}`]);
    expect(await descriptions('restatement_unconfirmed')).toEqual([
      'New files of AWS for October 2026 have to be confirmed before they replace its costs. The costs of focus:b2 for October 2026 would fall from EUR 9.00 to EUR 0.00. p1: EUR 9.00 (1 record) became EUR 0.00 (0 records). p1: EUR 10.00 (1 record) became EUR 18.00 (1 record)',
    ]);
    expect(await costs()).toBe('19.00 in 2');
    const { _id: importId } = await Imports.findOne({ accountId: world.account._id, state: 'unconfirmed' })
      .orFail()
      .lean();
    await confirmReplacement(ctx, { accountId: world.account._id, importId });
    expect((await run(id)).deliveries).toEqual(['focus/2026-10 imported']);
    expect(await costs()).toBe('18.00 in 1');
  });

  it('replaces an unconfirmed delivery by a newer one', async () => {
    const id = await connect({ restated: 'ask' });
    deliver([[costRow('10')]]);
    await run(id);
    deliver([[costRow('12')]], { run: '2' });
    expect((await run(id)).deliveries).toEqual([
      'focus/2026-10 unconfirmed Restated months have to be confirmed for this source.',
    ]);
    deliver([[costRow('10')]], { run: '3' });
    expect((await run(id)).deliveries).toEqual(['focus/2026-10 imported']);
    const states = (await Imports.find({ accountId: world.account._id }).lean()).map(({ state }) => state);
    // two of them may have been queued at the same instant
    expect(states.sort()).toEqual(['finished', 'finished', 'refused']);
    expect(await costs()).toBe('10.00 in 1');
  });

  it('imports the other months if one can’t be read', async () => {
    const id = await connect();
    deliver([[costRow('3', { month: '2026-09' })]], { month: '2026-09' });
    const { files, manifest } = dataExport([[costRow('10')]]);
    world.folder.put({ ...files, [Object.keys(files)[0] ?? '']: Buffer.from('not a table') });
    world.folder.put(manifest);
    const { deliveries, source } = await run(id);
    expect(deliveries[1]).toBe('focus/2026-09 imported');
    expect(deliveries[0]).toContain('focus/2026-10 refused ');
    expect(source.failure).toContain('AWS for October 2026: ');
    expect(await costs()).toBe('3.00 in 1');
    expect(await descriptions('source_failing')).toHaveLength(1);
  });
});

describe('a source without manifests', () => {
  it('adds up all files of a month', async () => {
    const id = await connect();
    world.folder.put({
      '2026-10-part1.csv': costFile([costRow('10')]),
      '2026-09.csv': costFile([costRow('4', { month: '2026-09' })]),
    });
    await run(id);
    expect(await costs()).toBe('14.00 in 2');
    world.folder.put({ '2026-10-part2.csv': costFile([costRow('1')]), 'notes.txt': Buffer.from('x') });
    expect(await run(id)).toMatchObject({ outcome: '4 files: 1 new delivery' });
    expect(await costs()).toBe('15.00 in 3');
  });

  it('takes the newest file of a month if each contains the whole month', async () => {
    const id = await connect({ files: 'newest' });
    world.folder.put({ '2026-10-01.csv': costFile([costRow('10')]) });
    await run(id);
    await new Promise((resolve) => setTimeout(resolve, 20));
    world.folder.put({ '2026-10-02.csv': costFile([costRow('10'), costRow('2')]) });
    await run(id);
    expect(await costs()).toBe('12.00 in 2');
  });

  it('refuses a month that comes from two deliveries', async () => {
    const id = await connect();
    world.folder.put({ '2026-09.csv': costFile([costRow('10')]) });
    await run(id);
    world.folder.put({ '2026-10.csv': costFile([costRow('11')]) });
    expect((await run(id)).deliveries[0]).toBe(
      '2026-10 refused These files contain costs of focus:b1 for October 2026, which also come from other files of this source. Choose a longer prefix, so that each month comes from one export.',
    );
    expect(await costs()).toBe('10.00 in 1');
  });
});
