import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { numberEvents } from '../../../src/services/events/event-log.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Deliveries, Sources } from '../../../src/store/sources/sources.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { costFile, costRow, countingCosts, dataExport, SourceFolder } from '../../support/costs/source-world.ts';
import { useDatabase } from '../../support/database/database.ts';
import { type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-10-20T12:00:00Z');
const ctx = contextAt(clock);
const folder = new SourceFolder();
const { ask, open, clickFor, submitFor } = driving(() => product);
let product: Product;
let accountId = '';

beforeAll(async () => {
  product = await startProduct(clock, { sources: folder.tools });
  accountId = await createAcme(ctx);
  await setMember(ctx, accountId, 'U0ADMIN', 'billing_admin');
  await setMember(ctx, accountId, 'U0MEMBER', 'member');
});
beforeEach(async () => {
  await Sources.deleteMany({ accountId });
  await Deliveries.deleteMany({ accountId });
});
afterAll(async () => {
  await product.stop();
  folder.end();
});

async function readNow(): Promise<void> {
  await Sources.updateMany({ accountId }, { $set: { nextRunAt: clock.now() } });
  await product.ticks.run('sources');
  await product.ticks.idle();
}

describe('/billing source', () => {
  it('connects a folder with a form, imports it and shows what was imported', async () => {
    const { files, manifest } = dataExport([[costRow('10')], [costRow('2.50')]]);
    folder.put({ ...files, ...manifest });
    await open('U0OWNER', '/billing source add folder', 'Below the folder that the app');
    await submitFor('U0OWNER', { name: 'AWS', path: 'focus' }, 'Connected *AWS*');
    await readNow();
    expect(await countingCosts(accountId)).toBe('12.50 in 2');
    const list = said(await open('U0OWNER', '/billing source', '1 source'));
    expect(list).toContain('*AWS*');
    expect(list).toContain('October 2026: 2 rows, EUR 12.50');
    expect(list).toContain('(3 files: 1 new delivery)');
    expect(list).toContain('every 6 hours');
    const test = said(await clickFor('U0OWNER', 'source.test', 'Nothing was imported'));
    expect(test).toContain('Connected to *AWS*. Found 3 files.');
    expect(test).toContain('October 2026: already imported');
    expect(test).toContain('10 October 2026 · p1 · Compute · EUR 10.00');
  });

  it('never sends secrets back, nor stores them in plain text', async () => {
    await open('U0ADMIN', '/billing source add s3', 'Secret access key');
    const typed = { name: 'S3', bucket: 'not a bucket', accessKeyId: 'AKIASECRET', secretAccessKey: 'hush hush' };
    const again = said(await submitFor('U0ADMIN', typed, 'Enter the bucket’s name'));
    expect(again).toContain('not a bucket');
    expect(again).not.toMatch(/AKIASECRET|hush/);
    const done = await submitFor('U0ADMIN', { ...typed, bucket: 'acme-exports' }, 'Connected *S3*');
    const list = await open('U0ADMIN', '/billing source list', '1 source');
    const everything = [done, list, await Sources.find().lean(), await Events.find().lean()].map((one) =>
      JSON.stringify(one),
    );
    expect(everything.join()).not.toMatch(/AKIASECRET|hush/);
  });

  it('pauses, resumes, runs and removes a source by its name', async () => {
    await open('U0OWNER', '/billing source add folder', 'Below the folder');
    await submitFor('U0OWNER', { name: 'My files' }, 'Connected *My files*');
    expect(said(await ask('U0OWNER', '/billing source pause "my files"'))).toContain('Paused *My files*');
    expect(said(await open('U0OWNER', '/billing source', '1 source'))).toContain('*paused*');
    expect(said(await clickFor('U0OWNER', 'source.resume', 'Pause source'))).not.toContain('*paused*');
    expect(said(await ask('U0OWNER', '/billing source run My files'))).toContain('will be read now');
    expect(said(await ask('U0OWNER', '/billing source remove My files'))).toContain('Costs that it imported stay');
    expect(said(await ask('U0OWNER', '/billing source pause My files'))).toContain('There’s no source named');
    expect(said(await ask('U0OWNER', '/billing source fly'))).toContain('There is no source command');
    expect(said(await ask('U0OWNER', '/billing source add ftp'))).toContain('There is no kind of source');
  });

  it('is refused to people without the role', async () => {
    expect(said(await ask('U0MEMBER', '/billing source pause AWS'))).toContain('role');
    await open('U0MEMBER', '/billing source', 'role');
    await open('U0MEMBER', '/billing source add s3', 'role');
    expect(await Sources.countDocuments({ accountId })).toBe(0);
  });

  it('asks before costs fall by more than half, and replaces them once confirmed', async () => {
    folder.put({ 'b/2026-10.csv': costFile([costRow('100', { payer: 'b9' })]) });
    await open('U0OWNER', '/billing source add folder', 'Below the folder');
    await submitFor('U0OWNER', { name: 'B', path: 'b' }, 'Connected *B*');
    await readNow();
    folder.put({ 'b/2026-10.csv': costFile([costRow('1', { payer: 'b9' })]) });
    await readNow();
    const list = said(await open('U0OWNER', '/billing source', 'Confirm restatement'));
    expect(list).toContain('would fall from EUR 100.00 to EUR 1.00');
    expect(list).toContain('EUR 100.00 (1 record) became EUR 1.00 (1 record)');
    const noted = said(await clickFor('U0OWNER', 'source.confirm', 'your decision is noted'));
    expect(noted).not.toContain('Confirm restatement');
    await readNow();
    expect(said(await open('U0OWNER', '/billing source', '1 source'))).toContain('October 2026: 1 row, EUR 1.00');
    const states = await Imports.find({ accountId, fileName: 'B for October 2026' }).sort({ queuedAt: 1 }).lean();
    expect(states.map(({ state }) => state)).toEqual(['finished', 'finished']);
    await numberEvents(ctx);
  });
});
