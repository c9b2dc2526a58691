import { describe, expect, it } from '@jest/globals';
import { Refusal } from '../../../src/billing/refusal.ts';
import { setMember } from '../../../src/services/access/members.ts';
import { type NewMapping, saveMapping } from '../../../src/services/costs/mappings/cost-mappings.ts';
import { inTransaction } from '../../../src/services/kit/transaction.ts';
import { SourcePoller } from '../../../src/services/sources/source-poller.ts';
import { openCredentials, resealSources } from '../../../src/services/sources/source-secrets.ts';
import { type SourceStorage, type SourceTools, StorageFault } from '../../../src/services/sources/source-storage.ts';
import { testSource } from '../../../src/services/sources/source-test.ts';
import {
  addSource,
  findSource,
  listSources,
  type NewSource,
  noteDecision,
  pauseSource,
  removeSource,
  requestRun,
  resumeSource,
} from '../../../src/services/sources/sources.ts';
import { refusalInFull } from '../../../src/slack/refusal-texts/index.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Deliveries, Sources } from '../../../src/store/sources/sources.ts';
import { anAccount, contextAt, person } from '../../support/context.ts';
import { aFolderSource, costFile, costRow, testBox, useSourceFolder } from '../../support/costs/source-world.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const world = useSourceFolder();
const { clock, ctx, connect, run, costs } = world;

const UNDATED: NewMapping = {
  ...{ name: 'Hoster', header: ['Projekt', 'Leistung', 'Betrag'], separator: ';', encoding: 'utf-8' },
  ...{ timeZone: 'Europe/Berlin', amount: 'Betrag', numberFormat: ',.', currency: null, fixedCurrency: 'EUR' },
  ...{ date: null, dateFormat: null, lastDay: null, project: 'Projekt', projectName: null, service: 'Leistung' },
  ...{ description: null, payer: null, tags: [] },
};
const S3 = { bucket: 'acme-exports', prefix: 'focus/', accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'very secret' };
const add = (more: Partial<NewSource> = {}, tools: SourceTools = world.folder.tools) =>
  addSource(ctx, tools, { accountId: world.account._id, name: 'AWS', kind: 's3', typed: S3, ...more });
const events = async () =>
  (
    await Events.find({ accountId: world.account._id, type: /^source_/ })
      .sort({ _id: 1 })
      .lean()
  ).map(({ type, description }) => `${type}: ${description}`);

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof Refusal ? `${error.code}: ${refusalInFull(error)}` : String(error);
}

describe('a source', () => {
  it('is stored with encrypted credentials, which nobody sees again', async () => {
    const shown = await add();
    const stored = await Sources.findOne({ _id: shown.id }).orFail().lean();
    expect(stored.credentials).toMatch(/^v1\./);
    const all = JSON.stringify([shown, await listSources(ctx, world.account._id), stored, await Events.find().lean()]);
    expect(all).not.toContain('very secret');
    expect(all).not.toContain('AKIAEXAMPLE');
    expect(openCredentials(world.folder.tools.box, stored)).toEqual({
      accessKeyId: 'AKIAEXAMPLE',
      secretAccessKey: 'very secret',
    });
    expect(await events()).toEqual(['source_connected: Connected source "AWS" (S3 bucket, s3://acme-exports/focus/)']);
    expect(shown).toMatchObject({ hasCredentials: true, isPaused: false, everyHours: 6, restated: 'replace' });
  });

  it('can’t be connected without SECRETS_KEY, of whatever kind', async () => {
    const keyless = { ...world.folder.tools, box: undefined };
    const message =
      'secrets_key_missing: Sources can’t be connected yet, because this server has no key to encrypt their credentials. Ask the people who run the app to set `SECRETS_KEY` (`openssl rand -base64 32`) and restart it.';
    expect(await refusal(add({}, keyless))).toBe(message);
    expect(await refusal(add({ kind: 'folder', typed: { path: 'a' } }, keyless))).toBe(message);
    expect(await Sources.countDocuments({ accountId: world.account._id })).toBe(0);
  });

  it('is only for owners and billing admins', async () => {
    const owner = contextAt(clock, person('U_OWNER'));
    await setMember(owner, world.account._id, 'U_MEMBER', 'member');
    await setMember(owner, world.account._id, 'U_ADMIN', 'billing_admin');
    const { id } = await add();
    const member = contextAt(clock, person('U_MEMBER'));
    const tries = [
      addSource(member, world.folder.tools, { accountId: world.account._id, name: 'X', kind: 's3', typed: S3 }),
      listSources(member, world.account._id),
      findSource(member, world.account._id, 'AWS'),
      pauseSource(member, world.account._id, id),
      resumeSource(member, world.account._id, id),
      requestRun(member, world.account._id, id),
      removeSource(member, world.account._id, id),
    ];
    for (const one of tries) expect(await refusal(one)).toContain('role_needed');
    expect(await listSources(contextAt(clock, person('U_ADMIN')), world.account._id)).toHaveLength(1);
    const stranger = contextAt(clock, person('U_STRANGER', 'T2'));
    expect(await refusal(listSources(stranger, world.account._id))).toContain('account_not_found');
  });

  it('belongs to its account', async () => {
    const other = await anAccount(ctx);
    const { id } = await add();
    expect(await refusal(findSource(ctx, other._id, id))).toContain('source_not_found');
    expect(await refusal(pauseSource(ctx, other._id, id))).toContain('source_not_found');
    await removeSource(ctx, other._id, id);
    expect(await listSources(ctx, world.account._id)).toHaveLength(1);
  });

  it('has a unique name within limits, and an account has no more than 20', async () => {
    await add();
    expect(await refusal(add({ name: ' aws ' }))).toBe(
      'source_name_taken: There is already a source named “aws”. Choose another name.',
    );
    expect(await refusal(add({ name: '' }))).toBe('source_invalid: Enter a name of up to 60 characters.');
    expect(await refusal(add({ name: 'x'.repeat(61) }))).toBe('source_invalid: Enter a name of up to 60 characters.');
    for (let at = 2; at <= 20; at += 1) await add({ name: `Source ${at}` });
    expect(await refusal(add({ name: 'One more' }))).toContain(
      'too_many_sources: An account can have up to 20 sources.',
    );
    // two at once
    await Sources.deleteMany({ accountId: world.account._id });
    const both = await Promise.all([refusal(add({ name: 'Twin' })), refusal(add({ name: 'twin' }))]);
    expect(both.filter((one) => one === 'undefined')).toHaveLength(1);
  });

  it('needs a place of its kind', async () => {
    const wrong: readonly (readonly [NewSource['kind'], Record<string, string>, string])[] = [
      ['s3', { ...S3, bucket: 'no spaces' }, 'Enter the bucket’s name'],
      ['s3', { ...S3, secretAccessKey: '' }, 'Enter both the access key ID'],
      ['s3', { ...S3, endpoint: 'https://minio.example.com/path' }, 'Enter only the address'],
      ['s3', { ...S3, endpoint: 'file:///etc/passwd' }, 'begins with https://'],
      [
        'azure',
        { endpoint: 'https://a.blob.core.windows.net', container: 'C', sas: 's' },
        'Enter the container’s name',
      ],
      ['azure', { endpoint: 'https://a.blob.core.windows.net', container: 'exports' }, 'Enter either a shared access'],
      ['https', { url: 'ftp://example.com/a' }, 'begins with https://'],
      ['https', { url: 'https://user:pass@example.com/a' }, 'not in the address'],
      ['folder', { path: '../etc' }, 'Enter a folder below'],
      ['folder', { path: 'a/../../b' }, 'Enter a folder below'],
    ];
    for (const [kind, typed, message] of wrong) {
      const refused = await refusal(add({ kind, typed }));
      expect(refused).toContain('source_invalid');
      expect(refused).toContain(message);
    }
    const shared = { ...world.folder.tools, isShared: true };
    expect(await refusal(add({ kind: 'folder', typed: { path: 'a' } }, shared))).toContain('aren’t available');
    expect(await refusal(add({ typed: { bucket: 'acme-exports' } }, shared))).toContain('Enter an access key');
    const rootless = { ...world.folder.tools, hasFolder: false };
    expect(await refusal(add({ kind: 'folder', typed: { path: 'a' } }, rootless))).toContain('SOURCES_FOLDER');
  });

  it('keeps the secret part of a URL encrypted', async () => {
    const { id } = await add({
      kind: 'https',
      typed: { url: 'https://example.com/costs.csv?sig=hush', authorization: 'Bearer shh' },
    });
    const stored = await Sources.findOne({ _id: id }).orFail().lean();
    expect(stored.location).toEqual({ kind: 'https', url: 'https://example.com/costs.csv' });
    expect(openCredentials(world.folder.tools.box, stored)).toEqual({ query: 'sig=hush', authorization: 'Bearer shh' });
    expect(JSON.stringify(await Events.find().lean())).not.toContain('hush');
  });

  it('gets a new key when keys are rotated', async () => {
    const { id } = await add();
    const rotated = testBox('new', 'a key');
    expect(await resealSources(rotated)).toBeGreaterThan(0);
    expect(await resealSources(rotated)).toBe(0);
    const stored = await Sources.findOne({ _id: id }).orFail().lean();
    expect(openCredentials(testBox('new'), stored)).toMatchObject({ secretAccessKey: 'very secret' });
    expect(() => openCredentials(testBox(), stored)).toThrow('can’t be decrypted');
  });

  it('can be paused, resumed and removed', async () => {
    const { id } = await add();
    await pauseSource(ctx, world.account._id, id);
    await pauseSource(ctx, world.account._id, id);
    expect(await listSources(ctx, world.account._id)).toMatchObject([{ isPaused: true }]);
    await resumeSource(ctx, world.account._id, id);
    await removeSource(ctx, world.account._id, id);
    await removeSource(ctx, world.account._id, id);
    expect((await events()).slice(1)).toEqual([
      'source_changed: Paused source "AWS"',
      'source_changed: Resumed source "AWS"',
      'source_removed: Removed source "AWS". Its costs stay',
    ]);
    expect(await refusal(resumeSource(ctx, world.account._id, id))).toContain('source_not_found');
  });

  it('stays paused after a decision about one of its months, and is read soon otherwise', async () => {
    const { id } = await add();
    await Sources.updateOne({ _id: id, accountId: world.account._id }, { $set: { nextRunAt: new Date('2026-10-21') } });
    await noteDecision(ctx, world.account._id, id);
    expect(await Sources.findById(id).lean()).toMatchObject({ nextRunAt: clock.now() });
    await pauseSource(ctx, world.account._id, id);
    await noteDecision(ctx, world.account._id, id);
    expect(await Sources.findById(id).lean()).toMatchObject({ nextRunAt: null });
  });

  it('is read again at once if that was requested while it was being read', async () => {
    world.folder.put({ '2026-10.csv': costFile([costRow('10')]) });
    const id = await connect();
    const tools: SourceTools = {
      ...world.folder.tools,
      async open(...of) {
        clock.set('2026-10-20T12:05:00Z');
        await requestRun(ctx, world.account._id, id);
        return world.folder.tools.open(...of);
      },
    };
    const { source } = await run(id, tools);
    expect(source.nextRunAt).toEqual(new Date('2026-10-20T12:05:00Z'));
  });

  it('takes the month of a bill without dates from its key', async () => {
    await inTransaction(ctx, (tx) => saveMapping(tx, world.account._id, UNDATED, undefined));
    world.folder.put({ 'bills/2026-10.csv': Buffer.from('Projekt;Leistung;Betrag\nShop;Server;1.234,50\n') });
    const id = await connect();
    const { rows, problem } = await testSource(ctx, world.folder.tools, world.account._id, 'AWS');
    expect({ problem, rows }).toMatchObject({ problem: undefined, rows: [{ subAccountId: 'Shop' }] });
    await run(id);
    expect(await costs()).toBe('1234.50 in 1');
  });

  it('leaves its costs when it is removed', async () => {
    world.folder.put({ '2026-10.csv': costFile([costRow('10')]) });
    const id = await connect();
    await run(id);
    await removeSource(ctx, world.account._id, id);
    expect(await costs()).toBe('10.00 in 1');
    expect(await Deliveries.countDocuments({ accountId: world.account._id })).toBe(0);
  });
});

describe('people', () => {
  /** Tools whose storage fails as given, or has nothing. */
  const failing = (fault: () => StorageFault | undefined): SourceTools => ({
    ...world.folder.tools,
    open: async (): Promise<SourceStorage> => {
      const error = fault();
      if (error) throw error;
      return {
        async *list() {},
        open: () => Promise.reject(new Error('nothing to open')),
        close: async () => undefined,
      };
    },
  });

  it('are notified once of a failure, then daily, and when it is over', async () => {
    const { id } = await add();
    let fault: StorageFault | undefined = new StorageFault('denied', 'Access to the bucket was denied.');
    const tools = failing(() => fault);
    for (const at of ['20T12:00', '20T18:00', '21T06:00', '21T13:00', '22T06:00', '22T13:30']) {
      clock.set(`2026-10-${at}:00Z`);
      await run(id, tools);
    }
    fault = undefined;
    await run(id, tools);
    expect((await events()).slice(1)).toEqual([
      'source_failing: Could not import source "AWS": Access to the bucket was denied',
      'source_failing: For 1 day, nothing could be imported from source "AWS": Access to the bucket was denied',
      'source_failing: For 2 days, nothing could be imported from source "AWS": Access to the bucket was denied',
      'source_recovered: Source "AWS" can be imported again',
    ]);
  });

  it('aren’t notified of a failure that passes soon, and the pauses grow', async () => {
    const { id } = await add();
    const tools = failing(() => new StorageFault('unreachable', 'The server doesn’t answer.'));
    const pauses: number[] = [];
    for (let failures = 1; failures <= 11; failures += 1) {
      const { source } = await run(id, tools);
      pauses.push(((source.nextRunAt?.getTime() ?? 0) - clock.now().getTime()) / 60_000);
      expect(source.failures).toBe(failures);
      expect(await events()).toHaveLength(failures < 3 ? 1 : 2);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
  });

  it('are notified once when nothing new comes', async () => {
    const { id } = await add({ silentDays: 2 });
    const tools = failing(() => undefined);
    for (const day of ['20', '21', '22', '23', '24']) {
      clock.set(`2026-10-${day}T12:00:00Z`);
      await run(id, tools);
    }
    expect((await events()).slice(1)).toEqual(['source_silent: Source "AWS" has had nothing new for 2 days']);
  });

  it('are told when the credentials can’t be decrypted', async () => {
    const { id } = await add();
    const { source } = await run(id, { ...world.folder.tools, box: testBox('another') });
    expect(source.failure).toBe('The stored credentials can’t be decrypted with this server’s SECRETS_KEY.');
  });
});

describe('a process', () => {
  it('reads two sources of an account at once, and none of a workspace without the app', async () => {
    const other = await anAccount(ctx, { currency: 'EUR' });
    const gone = await anAccount(ctx, { currency: 'EUR' });
    for (const [accountId, names] of [
      [world.account._id, ['A', 'B', 'C']],
      [other._id, ['A']],
      [gone._id, ['A']],
    ] as const) {
      for (const name of names) await aFolderSource(ctx, world.folder.tools, accountId, { name });
    }
    const opened: string[] = [];
    const tools: SourceTools = {
      ...world.folder.tools,
      async open(...of) {
        opened.push('one');
        return world.folder.tools.open(...of);
      },
    };
    const poller = new SourcePoller(tools, {}, async (all) => all.filter(({ accountId }) => accountId !== gone._id));
    await Sources.updateMany(
      { accountId: { $nin: [world.account._id, other._id, gone._id] } },
      { $set: { nextRunAt: null } },
    );
    await poller.poke(ctx);
    await poller.idle();
    expect(opened).toHaveLength(3);
    await poller.poke(ctx);
    await poller.idle();
    expect(opened).toHaveLength(4);
    expect(await Sources.countDocuments({ accountId: gone._id, lastRunAt: null })).toBe(1);
  });

  it('are read however many of workspaces without the app are due before them', async () => {
    await Sources.updateMany({}, { $set: { nextRunAt: null } });
    const [account, gone] = [await anAccount(ctx, { currency: 'EUR' }), await anAccount(ctx, { currency: 'EUR' })];
    await aFolderSource(ctx, world.folder.tools, account._id);
    await aFolderSource(ctx, world.folder.tools, gone._id);
    const one = await Sources.findOne({ accountId: gone._id }).orFail().lean();
    const before = new Date(clock.now().getTime() - 60_000);
    await Sources.collection.insertMany(
      Array.from({ length: 1_000 }, (_, at) => ({
        ...{ ...one, _id: `${one._id}${at}`, nameKey: `${at}`, nextRunAt: before },
      })) as never,
    );
    const poller = new SourcePoller(world.folder.tools, {}, async (all) =>
      all.filter(({ accountId }) => accountId === account._id),
    );
    await poller.poke(ctx);
    await poller.idle();
    expect(await Sources.countDocuments({ accountId: account._id, lastRunAt: { $ne: null } })).toBe(1);
    expect(await Sources.countDocuments({ accountId: gone._id, lastRunAt: null })).toBe(1_001);
    await Sources.deleteMany({ accountId: gone._id });
  });
});
