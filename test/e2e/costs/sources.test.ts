import { gzipSync } from 'node:zlib';
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
const { as, ask, open, modalSaying, clickFor, submitFor } = driving(() => product);
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

  it('is in a view that Home opens for people who may import, with runs, sums and failures', async () => {
    const { files, manifest } = dataExport([[costRow('10')]], { name: 'home' });
    folder.put({ ...files, ...manifest });
    for (const [name, path] of [
      ['A well', 'home'],
      ['B failing', 'nowhere'],
    ] as const) {
      await open('U0OWNER', '/billing source add folder', 'Below the folder');
      await submitFor('U0OWNER', { name, path }, `Connected *${name}*`);
    }
    await readNow();
    const homeOf = async (user: string) => {
      await as(user).openHome();
      return said(await as(user).waitFor(() => as(user).home()));
    };
    await homeOf('U0OWNER');
    await as('U0OWNER').click({ home: true, actionId: 'source.list.open' });
    const view = said(await modalSaying('U0OWNER', '2 sources'));
    expect(view).toContain('October 2026: 1 row, EUR 10.00');
    expect(view).toMatch(/:warning: Failing since .{5,80}: The folder nowhere doesn’t exist/);
    expect(view).toMatch(/Last run .{5,80}\(2 files: 1 new delivery\) · next run /);
    expect(await homeOf('U0MEMBER')).not.toContain('source.list.open');
  });

  it('is refused to people without the role', async () => {
    expect(said(await ask('U0MEMBER', '/billing source pause AWS'))).toContain('role');
    await open('U0MEMBER', '/billing source', 'role');
    await open('U0MEMBER', '/billing source add s3', 'role');
    expect(await Sources.countDocuments({ accountId })).toBe(0);
  });

  it('edits a source in a form with what it has, without its secrets', async () => {
    await open('U0ADMIN', '/billing source add s3', 'Secret access key');
    const typed = { name: 'S3', bucket: 'acme-exports', accessKeyId: 'AKIASECRET', secretAccessKey: 'hush hush' };
    await submitFor('U0ADMIN', typed, 'Connected *S3*');
    const form = said(await open('U0ADMIN', '/billing source edit s3', 'Leave empty to keep the stored one'));
    expect(form).toContain('"initial_value":"acme-exports"');
    expect(form).not.toMatch(/AKIASECRET|hush/);
    const again = said(
      await submitFor('U0ADMIN', { bucket: 'no bucket', everyHours: '24' }, 'Enter the bucket’s name'),
    );
    expect(again).toContain('"text":"Every 24 hours"');
    await submitFor('U0ADMIN', { bucket: 'acme-costs', restated: 'ask' }, 'Saved the changes to *S3*');
    const list = said(await open('U0ADMIN', '/billing source', '1 source'));
    expect(list).toContain('s3://acme-costs/');
    expect(list).toContain('every 24 hours');
    await clickFor('U0ADMIN', 'source.edit', 'Leave empty to keep the stored one');
    expect(await Sources.findOne({ accountId }).lean()).toMatchObject({ restated: 'ask', everyHours: 24 });
  });

  it('offers to choose the columns of files in an unknown layout, and reads them then', async () => {
    folder.put({
      'c/2026-10.csv.gz': gzipSync('Team,Product,Price,Currency\nred,Storage,12.50,EUR\nblue,Disk,1.25,EUR\n'),
    });
    await open('U0OWNER', '/billing source add folder', 'Below the folder');
    await submitFor('U0OWNER', { name: 'Hoster', path: 'c' }, 'Connected *Hoster*');
    await readNow();
    expect(said(await open('U0OWNER', '/billing source', 'Choose columns'))).toContain('refused: This is not a FOCUS');
    const form = said(await clickFor('U0OWNER', 'source.map', 'Its first rows'));
    expect(form).toContain('Team      red | blue');
    expect(form).toContain('"initial_value":"2026-10"');
    expect(form).not.toContain('If some of these costs were imported before');
    const preview = said(await submitFor('U0OWNER', { name: 'Hoster' }, 'nothing has been stored yet'));
    expect(preview).toContain('October 2026: EUR 13.75 in this file');
    await submitFor('U0OWNER', {}, 'Saved the mapping *Hoster*');
    await readNow();
    const list = said(await open('U0OWNER', '/billing source', '1 source'));
    expect(list).toContain('October 2026: 2 rows, EUR 13.75');
    expect(list).not.toContain('Choose columns');
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
