import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { nameKey } from '../../../src/billing/group/names.ts';
import { whenAvailable } from '../../../src/platform/startup.ts';
import { EXIT_CONFIG, EXIT_UNAVAILABLE } from '../../../src/platform/startup-error.ts';
import { claimLease, freeLease, Leases } from '../../../src/store/kit/leases.ts';
import { indexesByAccount } from '../../../src/store/migrations/0005-indexes-by-account.ts';
import { MIGRATIONS } from '../../../src/store/migrations/list.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { type Migration, runMigrations } from '../../../src/store/migrations/run-migrations.ts';
import { readSchemaVersion, SchemaVersions } from '../../../src/store/migrations/schema-version.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase();

type IndexDescription = mongoose.mongo.IndexDescription;
type Docs = Record<string, Record<string, unknown>[]>;

const { EJSON } = mongoose.mongo.BSON;
const collection = (name: string) => mongoose.connection.collection(name);

beforeEach(async () => {
  await mongoose.connection.dropDatabase();
});

/** Restores a stored database from an earlier version, and returns its contents. */
async function restore(file: string): Promise<Docs> {
  const docs: Docs = EJSON.parse(readFileSync(`test/data/databases/${file}`, 'utf8'), { relaxed: false });
  for (const [name, some] of Object.entries(docs)) await collection(name).insertMany(some);
  return docs;
}

async function stored(names: readonly string[]): Promise<Docs> {
  const docs: Docs = {};
  for (const name of names) docs[name] = await collection(name).find({}).sort({ _id: 1 }).toArray();
  return docs;
}

/** Every document of every model, checked against its schema. */
async function faults(): Promise<string[]> {
  const found: string[] = [];
  for (const model of Object.values(mongoose.models)) {
    for (const doc of await model.find({})) {
      await doc.validate().catch((fault: unknown) => {
        found.push(`${model.modelName} ${String(doc._id)}: ${String(fault)}`);
      });
    }
  }
  return found;
}

/** Migrations that record when they run, one of which can fail. */
function noted(count: number, runs: number[], fails?: number): Migration[] {
  return Array.from({ length: count }, (_, at) => ({
    name: `number ${at + 1}`,
    run: async () => {
      runs.push(at + 1);
      if (fails === at + 1) throw new Error('killed');
    },
  }));
}

describe('a startup', () => {
  it('creates every missing collection and index, and no existing ones again', async () => {
    await migrate();
    const calls: string[] = [];
    mongoose.set('debug', (_collection: string, method: string) => calls.push(method));
    try {
      await migrate();
    } finally {
      mongoose.set('debug', false);
    }
    expect(calls).toContain('findOne');
    expect(calls.filter((method) => method.startsWith('create'))).toEqual([]);
    const names = async (name: string) => (await collection(name).indexes()).map((index) => index.name).sort();
    const before = await names('billing_groups');
    await collection('billing_groups').dropIndex('groups_due');
    await collection('mails').drop();
    await migrate();
    expect(await names('billing_groups')).toEqual(before);
    expect(await names('mails')).not.toEqual(['_id_']);
  });
});

describe('the list of migrations', () => {
  it('has every numbered file, in order and without gaps', () => {
    const files = readdirSync('src/store/migrations').filter((name) => /^\d/.test(name));
    const listed = [...readFileSync('src/store/migrations/list.ts', 'utf8').matchAll(/'\.\/(\d{4}-[^']+)'/g)];
    expect(listed.map(([, name]) => name)).toEqual(files);
    expect(files.map((name) => Number(name.slice(0, 4)))).toEqual(files.map((_name, at) => at + 1));
    expect(MIGRATIONS).toHaveLength(files.length);
  });
});

describe('the oldest database', () => {
  it('is upgraded, every document can be read, and a second start changes nothing', async () => {
    const names = Object.keys(await restore('oldest.json'));
    await collection('imports').createIndex({ slackFileId: 1 }, { name: 'import_of_slack_file', unique: true });
    await migrate();
    expect(await readSchemaVersion()).toBe(MIGRATIONS.length);
    // of two projects whose IDs differ only in case, the older one gets the key
    const projects = await collection('projects').find({}).sort({ createdAt: 1 }).toArray();
    expect(projects.map(({ externalId, externalKey }) => [externalId, externalKey])).toEqual([
      ['Team-A', 'team-a'],
      ['TEAM-A', undefined],
    ]);
    const groups = await collection('billing_groups').find({}).toArray();
    expect(groups.map((group) => group.nameKey)).toEqual(groups.map((group) => nameKey(group.name)));
    expect(groups.filter((group) => String(group.nameKey).includes('\u200D'))).toEqual([]);
    const estimates = await collection('invoices').find({ state: 'estimate' }).toArray();
    expect(estimates.length).toBeGreaterThan(0);
    expect(estimates.map(({ touchedAt }) => touchedAt instanceof Date)).toEqual(estimates.map(() => true));
    const indexes = await collection('imports').indexes();
    expect(indexes.map(({ name }) => name)).not.toContain('import_of_slack_file');
    expect(await faults()).toEqual([]);
    const once = await stored(names);
    await migrate();
    expect(await stored(names)).toEqual(once);
  });
});

describe('indexes that didn’t start with the account', () => {
  const NEW = ['open_membership_of_project', 'memberships_by_project', 'memberships_by_group'];
  const names = async () => (await collection('memberships').indexes()).map(({ name }) => name);
  const open = (projectId: string, billingGroupId: string) => ({
    ...{ accountId: 'acc_1', projectId, projectKey: projectId, billingGroupId },
    ...{ from: null, to: null, open: true },
  });

  beforeEach(async () => {
    const memberships = collection('memberships');
    await memberships.createIndex(
      { projectId: 1 },
      { name: 'one_open_membership', unique: true, partialFilterExpression: { open: true } },
    );
    await memberships.createIndex({ projectId: 1, from: 1 }, { name: 'memberships_of_project', unique: true });
    await memberships.createIndex({ billingGroupId: 1, projectKey: 1 }, { name: 'memberships_by_name' });
    await collection('billing_groups').createIndex({ paymentMethodId: 1, state: 1 }, { name: 'groups_by_method' });
    await collection('events').createIndex({ billingGroupId: 1, logEntryId: -1 }, { name: 'events_of_group' });
    await collection('events').createIndex({ projectId: 1, logEntryId: -1 }, { name: 'events_of_project' });
  });

  it('are replaced, and a project still can’t be in two groups at once', async () => {
    await migrate();
    expect((await names()).sort()).toEqual(['_id_', ...NEW].sort());
    for (const name of ['billing_groups', 'events']) {
      const indexes = (await collection(name).indexes()).filter((index) => index.name !== '_id_');
      const other = indexes.filter(({ key }) => Object.keys(key)[0] !== 'accountId').map((index) => index.name);
      expect({ name, other }).toEqual({
        name,
        other: name === 'events' ? [] : ['groups_due_anywhere', 'vat_to_check'],
      });
    }
    await collection('memberships').insertOne(open('prj_1', 'bg_1'));
    await expect(collection('memberships').insertOne(open('prj_1', 'bg_2'))).rejects.toMatchObject({ code: 11000 });
  });

  it('stay until their replacements exist', async () => {
    await collection('memberships').dropIndex('one_open_membership');
    await collection('memberships').dropIndex('memberships_of_project');
    await collection('memberships').insertMany([open('prj_1', 'bg_1'), open('prj_1', 'bg_2')]);
    await expect(migrate()).rejects.toMatchObject({ code: 11000 });
    expect(await names()).toContain('memberships_by_name');
    expect(await readSchemaVersion()).toBe(MIGRATIONS.indexOf(indexesByAccount));
  });
});

describe('a database from the version before numbered migrations', () => {
  it('is recognized and left unchanged, but for the sums to be computed and the accounts of lines', async () => {
    const names = Object.keys(await restore('before-numbers.json'));
    const { cost_loads: loads = [], ...before } = await stored(names);
    await migrate();
    const accountId = before.accounts?.[0]?._id;
    const withAccount = (docs: Docs[string] = []) => docs.map((doc) => ({ ...doc, accountId }));
    expect(await stored(names)).toEqual({
      ...before,
      cost_loads: loads.map((load) => ({ ...load, unsummed: true })),
      invoice_lines: withAccount(before.invoice_lines),
      invoice_trails: withAccount(before.invoice_trails),
    });
    expect(await readSchemaVersion()).toBe(MIGRATIONS.length);
    expect(await faults()).toEqual([]);
  });
});

describe('a database of schema version 6', () => {
  /** The collections whose documents didn't name their account. */
  const FILLED = ['credit_memo_lines', 'invoice_lines', 'invoice_trails', 'open_moves'];

  async function restoreVersion6(): Promise<Docs> {
    const docs = await restore('version-6.json');
    const indexes: Readonly<Record<string, IndexDescription[]>> = JSON.parse(
      readFileSync('test/data/databases/version-6-indexes.json', 'utf8'),
    );
    for (const [name, some] of Object.entries(indexes)) await collection(name).createIndexes(some);
    return docs;
  }

  /** A start of a process, which waits while another one upgrades. */
  async function start(): Promise<void> {
    const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
    await whenAvailable(migrate, { limitMs: 3_600_000, tell: () => undefined, pause });
  }

  const indexesOf = async (names: readonly string[]) =>
    Promise.all(
      names.map(async (name) => {
        const indexes = (await collection(name).indexes()).map((index) => JSON.stringify([index.name, index.key]));
        return [name, indexes.sort()];
      }),
    );

  it('gets the account into its documents and indexes, when two processes start at once', async () => {
    const docs = await restoreVersion6();
    const names = Object.keys(docs);
    const before = await stored(names);
    await Promise.all([start(), start()]);
    const after = await stored(names);
    const accountId = docs.accounts?.[0]?._id;
    expect(after).toEqual({
      ...before,
      schema_versions: after.schema_versions,
      cost_loads: before.cost_loads?.map((load) => ({ ...load, unsummed: true })),
      ...Object.fromEntries(
        FILLED.map((name) => [name, before[name]?.map((doc) => ({ ...doc, accountId: doc.accountId ?? accountId }))]),
      ),
    });
    expect(FILLED.map((name) => after[name]?.every((doc) => doc.accountId === accountId))).toEqual(
      FILLED.map(() => true),
    );
    expect(await faults()).toEqual([]);
    expect(await readSchemaVersion()).toBe(MIGRATIONS.length);
    await start();
    expect(await stored(names)).toEqual(after);
  });

  it('has the same indexes then as a new database', async () => {
    await restoreVersion6();
    await start();
    const names = (await mongoose.connection.listCollections()).map(({ name }) => name).sort();
    const upgraded = await indexesOf(names);
    await mongoose.connection.dropDatabase();
    await start();
    expect(upgraded).toEqual(await indexesOf(names));
  });

  it('takes no more documents without an account from processes of that version', async () => {
    const docs = await restoreVersion6();
    await start();
    for (const name of FILLED) {
      const { _id, ...doc } = docs[name]?.[0] ?? {};
      const old = { ...doc, ...(typeof _id === 'string' && { _id: `${_id}2` as never }), place: 99 };
      await expect(collection(name).insertOne(old)).rejects.toMatchObject({ code: 121 });
    }
  });
});

describe('migrations', () => {
  beforeEach(async () => {
    await Promise.all([Leases.createCollection(), SchemaVersions.createCollection()]);
  });

  it('run once, in order, however many processes start at the same time', async () => {
    const runs: number[] = [];
    const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
    const start = () =>
      whenAvailable(() => runMigrations(noted(3, runs)), { limitMs: 3_600_000, tell: () => undefined, pause });
    await Promise.all(Array.from({ length: 5 }, start));
    await runMigrations(noted(3, runs));
    expect(runs).toEqual([1, 2, 3]);
    expect(await readSchemaVersion()).toBe(3);
  });

  it('resume after the last recorded one when one fails', async () => {
    const runs: number[] = [];
    await expect(runMigrations(noted(3, runs, 2))).rejects.toThrow('killed');
    expect(await readSchemaVersion()).toBe(1);
    await runMigrations(noted(3, runs));
    expect(runs).toEqual([1, 2, 2, 3]);
  });

  it('are left to the process with their lease, and other starting processes wait for it', async () => {
    const lease = await claimLease('migrations', 60_000);
    if (!lease) throw new Error('The lease is taken');
    const runs: number[] = [];
    await expect(runMigrations(noted(1, runs))).rejects.toMatchObject({
      exitCode: EXIT_UNAVAILABLE,
      mayPassWithinMs: Number.POSITIVE_INFINITY,
      message: 'Another process is upgrading the database. Wait until it has finished, then start again.',
    });
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
      if (pauses === 3) await freeLease(lease);
    };
    await whenAvailable(() => runMigrations(noted(1, runs)), { limitMs: 60_000, tell: () => undefined, pause });
    expect([runs, pauses]).toEqual([[1], 3]);
  });

  it('that outlast their lease don’t count as finished', async () => {
    const slow: Migration = {
      name: 'is overtaken',
      run: async () => void (await SchemaVersions.create({ _id: 'schema', version: 1 })),
    };
    await expect(runMigrations([slow, ...noted(1, [])])).rejects.toMatchObject({ exitCode: EXIT_UNAVAILABLE });
  });

  it('run after the collections of all store models exist', async () => {
    const files = readdirSync('src/store', { recursive: true, encoding: 'utf8' }).filter((file) => /\.ts$/.test(file));
    const declared = files.flatMap((file) =>
      [...readFileSync(`src/store/${file}`, 'utf8').matchAll(/\{ collection: '(\w+)'/g)].map(([, name]) => name),
    );
    await migrate();
    const made = await mongoose.connection.listCollections();
    expect(made.map(({ name }) => name).sort()).toEqual(declared.sort());
  });

  it('from a newer version keep an older one from starting, with one sentence and exit code 78', async () => {
    await SchemaVersions.create({ _id: 'schema', version: MIGRATIONS.length + 1 });
    await expect(migrate()).rejects.toMatchObject({
      exitCode: EXIT_CONFIG,
      mayPassWithinMs: 0,
      message: `The database has schema version ${MIGRATIONS.length + 1}, but this version of the app knows only versions up to ${MIGRATIONS.length}: run the newer version of the app, or restore a backup from before the upgrade.`,
    });
  });
});
