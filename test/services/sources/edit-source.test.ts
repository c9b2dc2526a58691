import { describe, expect, it } from '@jest/globals';
import { setMember } from '../../../src/services/access/members.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { mappingsOf, type NewMapping, saveMapping } from '../../../src/services/costs/mappings/cost-mappings.ts';
import { confirmReplacement } from '../../../src/services/costs/replacement-decide.ts';
import { inTransaction } from '../../../src/services/kit/transaction.ts';
import { type EditedSource, editSource } from '../../../src/services/sources/edit-source.ts';
import { openCredentials } from '../../../src/services/sources/source-secrets.ts';
import type { SourceTools } from '../../../src/services/sources/source-storage.ts';
import { addSource, type NewSource, pauseSource } from '../../../src/services/sources/sources.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Deliveries, Sources } from '../../../src/store/sources/sources.ts';
import { contextAt, person } from '../../support/context.ts';
import { beforeOpening, costFile, costRow, testBox, useSourceFolder } from '../../support/costs/source-world.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const world = useSourceFolder();
const { clock, ctx, connect, run, costs } = world;

const S3 = { bucket: 'acme', prefix: 'focus/', accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'very secret' };
const AZURE = { endpoint: 'https://acme.blob.core.windows.net', container: 'exports', sas: 'sv=1&sig=secret' };
const HTTPS = { url: 'https://example.com/costs.csv?token=secret', authorization: 'Bearer secret' };

async function added(more: Partial<NewSource>): Promise<string> {
  const input = { accountId: world.account._id, name: 'AWS', kind: 's3', typed: S3, ...more } as const;
  return (await addSource(ctx, world.folder.tools, input)).id;
}
const edit = (id: string, more: Partial<EditedSource>, tools: SourceTools = world.folder.tools) =>
  editSource(ctx, tools, { accountId: world.account._id, id, name: 'AWS', typed: {}, ...more });
const sourceOf = (id: string) => Sources.findOne({ _id: id }).orFail().lean();
const secretsOf = async (id: string) => openCredentials(world.folder.tools.box, await sourceOf(id));
const lastChange = () => Events.findOne({ accountId: world.account._id, type: 'source_changed' }).lean();

describe('a source that is edited', () => {
  it('keeps its credentials if none are typed, and shows what changed in the log', async () => {
    const id = await added({});
    const typed = { bucket: 'acme-2', prefix: 'cur/', region: 'eu-central-1', accessKeyId: '', secretAccessKey: '' };
    expect(await edit(id, { name: 'Amazon', typed, everyHours: 12, silentDays: 5, restated: 'ask' })).toMatchObject({
      name: 'Amazon',
    });
    expect(await sourceOf(id)).toMatchObject({
      ...{ name: 'Amazon', everyHours: 12, silentDays: 5, restated: 'ask', files: 'together' },
      location: { bucket: 'acme-2', prefix: 'cur/', region: 'eu-central-1', endpoint: null },
    });
    expect(await secretsOf(id)).toEqual({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'very secret' });
    const event = await lastChange();
    expect(event).toMatchObject({
      description:
        'Changed source "Amazon": name, location, schedule, days until it counts as silent, what happens to restated months',
      before: { name: 'AWS', place: 's3://acme/focus/', everyHours: 6, restated: 'replace' },
      after: { name: 'Amazon', place: 's3://acme-2/cur/', everyHours: 12, restated: 'ask' },
    });
  });

  it('gets new credentials, which are stored nowhere in plain text', async () => {
    const id = await added({});
    await edit(id, { typed: { ...S3, accessKeyId: 'AKIANEW', secretAccessKey: 'hush hush' } });
    expect(await secretsOf(id)).toEqual({ accessKeyId: 'AKIANEW', secretAccessKey: 'hush hush' });
    const event = await lastChange();
    expect(event).toMatchObject({
      description: 'Changed source "AWS": credentials',
      after: { hasNewCredentials: true },
    });
    expect(JSON.stringify([event, await sourceOf(id)])).not.toMatch(/AKIA|hush|very secret/);
  });

  it.each<[string, Partial<NewSource>, Record<string, string>, string]>([
    [
      'S3',
      { typed: S3 },
      { ...S3, endpoint: 'https://evil.example', accessKeyId: '', secretAccessKey: '' },
      'accessKeyId',
    ],
    ['Azure', { kind: 'azure', typed: AZURE }, { ...AZURE, endpoint: 'https://evil.example', sas: '' }, 'sas'],
  ])(
    'never sends the credentials for %s to another server: they have to be typed again',
    async (_kind, one, typed, field) => {
      const id = await added(one);
      await expect(edit(id, { typed })).rejects.toMatchObject({ code: 'source_invalid', data: { field } });
      expect(await lastChange()).toBeNull();
    },
  );

  it('keeps the query and header of a URL only for the same URL and server', async () => {
    const id = await added({ kind: 'https', typed: HTTPS });
    await edit(id, { typed: { url: 'https://example.com/costs.csv' }, everyHours: 24 });
    expect(await secretsOf(id)).toEqual({ query: 'token=secret', authorization: 'Bearer secret' });
    await edit(id, { typed: { url: 'https://example.com/other.csv' } });
    expect(await secretsOf(id)).toEqual({ authorization: 'Bearer secret' });
    await edit(id, { typed: { url: 'https://example.org/other.csv' } });
    expect(await sourceOf(id)).toMatchObject({ credentials: null, location: { url: 'https://example.org/other.csv' } });
  });

  it('asks for credentials that the server’s key can’t read any longer', async () => {
    const id = await added({ kind: 'azure', typed: AZURE });
    const tools = { ...world.folder.tools, box: testBox('another key') };
    await expect(edit(id, { typed: { ...AZURE, sas: '' } }, tools)).rejects.toMatchObject({ code: 'source_invalid' });
    await edit(id, { typed: AZURE }, tools);
    expect(openCredentials(tools.box, await sourceOf(id))).toEqual({ sas: AZURE.sas });
  });

  it('is read again at once, but not while it is paused', async () => {
    const id = await added({});
    const typed = { ...S3, accessKeyId: '', secretAccessKey: '' };
    await Sources.updateOne({ _id: id }, { $set: { nextRunAt: new Date('2026-11-01') } });
    expect(await edit(id, { typed, everyHours: 1 })).toMatchObject({ isRead: true, hasOtherMapping: false });
    expect((await sourceOf(id)).nextRunAt).toEqual(clock.now());
    await pauseSource(ctx, world.account._id, id);
    expect(await edit(id, { typed, everyHours: 24 })).toMatchObject({ hasChanged: true, isRead: false });
    expect((await sourceOf(id)).nextRunAt).toBeNull();
  });

  it('changes nothing if nothing is different', async () => {
    const id = await added({});
    const before = await sourceOf(id);
    const edited = await edit(id, { typed: { ...S3, accessKeyId: '', secretAccessKey: '' } });
    expect(edited).toMatchObject({ hasChanged: false, isRead: false });
    expect([await sourceOf(id), await lastChange()]).toEqual([before, null]);
  });

  it('is refused for a name that is taken, a source that is gone, and people without the role', async () => {
    const id = await added({});
    await added({ name: 'Other' });
    await expect(edit(id, { name: 'OTHER', typed: S3 })).rejects.toMatchObject({ code: 'source_name_taken' });
    await expect(edit('src_gone', { typed: S3 })).rejects.toMatchObject({ code: 'source_not_found' });
    await setMember(ctx, world.account._id, 'U0MEMBER', 'member');
    const member = contextAt(clock, person('U0MEMBER'));
    await expect(
      editSource(member, world.folder.tools, { accountId: world.account._id, id, name: 'AWS', typed: S3 }),
    ).rejects.toMatchObject({ code: 'role_needed' });
  });
});

describe('a source with another place', () => {
  it('replaces its months with what is there', async () => {
    world.folder.put({ 'old/2026-10.csv': costFile([costRow('10'), costRow('5')]) });
    world.folder.put({ 'new/2026-10.csv': costFile([costRow('10'), costRow('4')]) });
    const id = await connect({ typed: { path: 'old' } });
    await run(id);
    expect(await costs()).toBe('15.00 in 2');
    await edit(id, { typed: { path: 'new' } });
    await run(id);
    expect(await costs()).toBe('14.00 in 2');
    expect(await Deliveries.countDocuments({ sourceId: id })).toBe(1);
  });

  it('gets it while it is read, and imports nothing from the old one', async () => {
    world.folder.put({ 'old/2026-10.csv': costFile([costRow('10')]) });
    const id = await connect({ typed: { path: 'old' } });
    const tools = beforeOpening(world.folder, () => edit(id, { typed: { path: 'new' } }));
    const { deliveries } = await run(id, tools);
    expect([deliveries, await costs()]).toEqual([[], '0.00 in 0']);
    expect((await sourceOf(id)).nextRunAt).toEqual(clock.now());
  });
});

describe('a source with its own mapping', () => {
  const mapping = (name: string, fixedCurrency: string): NewMapping => ({
    ...{ name, header: ['Project', 'Cost', 'Day'], separator: ',', encoding: 'utf-8', timeZone: 'Etc/UTC' },
    ...{ amount: 'Cost', numberFormat: '.,', currency: null, fixedCurrency, date: 'Day', dateFormat: 'ymd' },
    ...{
      lastDay: null,
      project: 'Project',
      projectName: null,
      service: null,
      description: null,
      payer: null,
      tags: [],
    },
  });

  it('reads its files with it, and not with another one for the same columns', async () => {
    const save = (one: NewMapping) => inTransaction(ctx, (tx) => saveMapping(tx, world.account._id, one, undefined));
    await save(mapping('Dollars', 'USD'));
    const { id: mappingId } = await save(mapping('Euros', 'EUR'));
    world.folder.put({ '2026-10.csv': Buffer.from('Project,Cost,Day\np1,12.50,2026-10-05\n') });
    const id = await connect({ mappingId });
    await run(id);
    expect((await Deliveries.findOne({ sourceId: id }).lean())?.sums).toEqual({ EUR: '12.5' });
    await edit(id, { typed: { path: '' }, mappingId: null });
    expect(await lastChange()).toMatchObject({ description: 'Changed source "AWS": mapping' });
  });

  it('reads only files with another one that come after it was changed, and has their months confirmed', async () => {
    const header = ['Project', 'Cost', 'Gross', 'Day'];
    const [net, gross] = await inTransaction(ctx, async (tx) => [
      await saveMapping(tx, world.account._id, { ...mapping('Net', 'EUR'), header }, undefined),
      await saveMapping(tx, world.account._id, { ...mapping('Gross', 'EUR'), header, amount: 'Gross' }, undefined),
    ]);
    const files = { '2026-10.csv': Buffer.from(`${header.join(',')}\np1,10.00,12.00,2026-10-05\n`) };
    world.folder.put(files);
    const id = await connect({ mappingId: net?.id ?? null });
    await run(id);
    const { lastNewAt } = await sourceOf(id);
    clock.set('2026-10-21T12:00:00Z');
    expect(await edit(id, { typed: { path: '' }, mappingId: gross?.id ?? null })).toMatchObject({
      ...{ isRead: true, hasOtherMapping: true },
    });
    expect(await run(id)).toMatchObject({ outcome: '1 file: nothing new', deliveries: ['2026-10 imported'] });
    expect(await sourceOf(id)).toMatchObject({ lastNewAt });
    expect(await costs()).toBe('10.00 in 1');
    // the same contents, with a newer time
    world.folder.put(files);
    expect((await run(id)).deliveries[0]).toContain('2026-10 unconfirmed');
    const { importId } = await Deliveries.findOne({ sourceId: id }).orFail().lean();
    await confirmReplacement(ctx, { accountId: world.account._id, importId: importId ?? '' });
    // what the other mapping has read no longer counts
    expect(await costs()).toBe('12.00 in 1');
    // by hand, it would be added, since each mapping's costs are a source of their own
    const read = async function* () {
      yield files['2026-10.csv'];
    };
    const mappings = (await mappingsOf(world.account._id)).filter(({ name }) => name === 'Net');
    const byHand = { accountId: world.account._id, fileName: '2026-10.csv', open: async () => read() };
    await importFocus(ctx, { ...byHand, mappings, replace: true, confirmation: 'given' });
    expect(await costs()).toBe('22.00 in 2');
  });

  it('imports nothing with an earlier one if that changes while it is read', async () => {
    const [dollars, euros] = await inTransaction(ctx, async (tx) => [
      await saveMapping(tx, world.account._id, mapping('Dollars', 'USD'), undefined),
      await saveMapping(tx, world.account._id, mapping('Euros', 'EUR'), undefined),
    ]);
    world.folder.put({ '2026-10.csv': Buffer.from('Project,Cost,Day\np1,12.50,2026-10-05\n') });
    const id = await connect({ mappingId: dollars?.id ?? null });
    const tools = beforeOpening(world.folder, () => edit(id, { typed: { path: '' }, mappingId: euros?.id ?? null }));
    await run(id, tools);
    expect(await Deliveries.countDocuments({ sourceId: id })).toBe(0);
    await run(id, tools);
    expect((await Deliveries.findOne({ sourceId: id }).lean())?.sums).toEqual({ EUR: '12.5' });
  });
});
