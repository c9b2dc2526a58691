import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { readArguments, UsageError } from '../../src/imports/command-line/arguments.ts';
import { ADDRESS_FILE, connectFound } from '../../src/imports/command-line/database-uri.ts';
import { readBytes } from '../../src/imports/command-line/files.ts';
import { whenAvailable } from '../../src/platform/startup.ts';
import { StartupError, unavailable, wrongSetting } from '../../src/platform/startup-error.ts';
import { checkDeployment } from '../../src/store/kit/deployment.ts';
import { MIGRATIONS } from '../../src/store/migrations/list.ts';
import { type Child, nextLine, startChild } from '../support/children.ts';
import { testDatabaseUri } from '../support/database/database.ts';
import { found, type ScriptedMongod, startScriptedMongod } from '../support/database/scripted-mongod.ts';
import { startStallingProxy } from '../support/database/stalling-proxy.ts';
import { type SlackApiStandIn, startSlackApi } from '../support/slack/slack-api.ts';
import { startSocketMode } from '../support/slack/socket-mode.ts';

const SERVER = 'src/bin/server.ts';
const API = 'src/bin/api.ts';
const IMPORT = 'src/bin/import.ts';
const NO_MONGODB = { MONGODB_URI: '', TEST_MONGODB_URI: '' };
const { MongoClient } = mongoose.mongo;
/** A port that nothing listens on. */
const CLOSED = 9;
const EXIT_UNAVAILABLE = 69;
const EXIT_CONFIG = 78;

let folder = '';
let csv = '';
let taken: Server;
let takenPort = 0;
let standalone: ScriptedMongod;
let primary: ScriptedMongod;
let secondary: ScriptedMongod;
let strict: ScriptedMongod;
let uninitiated: ScriptedMongod;
let slack: SlackApiStandIn;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'startup-test-'));
  csv = path.join(folder, 'costs.csv');
  writeFileSync(csv, 'BilledCost\n1\n');
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  takenPort = (taken.address() as AddressInfo).port;
  [standalone, primary, secondary, strict, uninitiated] = await Promise.all([
    startScriptedMongod('standalone'),
    startScriptedMongod('primary'),
    startScriptedMongod('secondary'),
    startScriptedMongod('primary'),
    startScriptedMongod('uninitiated'),
  ]);
  const rejected = { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' };
  strict.answer('saslStart', rejected);
  slack = await startSlackApi();
  slack.answer('auth.test', { body: { ok: false, error: 'invalid_auth' } });
  // up to date, so that nothing has to be stored at startup
  const schema = { _id: 'schema', version: MIGRATIONS.length };
  primary.answer('find', (command) => found(command, command.find === 'schema_versions' ? [schema] : []));
  const denied = { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'command create requires authentication' };
  strict.answer('create', denied);
});
afterAll(async () => {
  taken.close();
  for (const server of [standalone, primary, secondary, strict, uninitiated]) await server.close();
  await slack.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts one of the processes with valid settings, except for the given ones. */
function start(file: string, env: NodeJS.ProcessEnv, args: readonly string[] = []): Child {
  const slack = file === SERVER ? { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: '12345678' } : {};
  const words = file === IMPORT && args.length === 0 ? [csv, '--account', 'Acme'] : args;
  return startChild(file, words, { ...NO_MONGODB, ...slack, PORT: '0', STARTUP_TIMEOUT_SECONDS: '0', ...env });
}

/** How it ended, and its terminal output by lines. */
async function outcome(child: Child): Promise<{ code: number | NodeJS.Signals; lines: string[] }> {
  const code = await child.ended;
  return { code, lines: child.errors().trim().split('\n') };
}

const uri = (server: ScriptedMongod, options = '') => `mongodb://${server.host}/billing${options}`;

/** An unusable database, the exit code, and what the sentence must name. */
const DATABASES: readonly (readonly [string, () => string, number, RegExp])[] = [
  ['a standalone server', () => uri(standalone), EXIT_CONFIG, /replica set/],
  ['a standalone server, with replicaSet', () => uri(standalone, '?replicaSet=rs0'), EXIT_CONFIG, /replica set/],
  ['a set with another name', () => uri(primary, '?replicaSet=other'), EXIT_CONFIG, /replicaSet=rs0/],
  ['a set without a primary', () => uri(secondary, '?replicaSet=rs0'), EXIT_UNAVAILABLE, /no primary/],
  ['a set that is not initiated', () => uri(uninitiated), EXIT_UNAVAILABLE, /rs\.initiate\(\)/],
  ['a wrong password', () => `mongodb://me:wrong@${strict.host}/d?replicaSet=rs0`, EXIT_CONFIG, /password/],
  ['an unknown host', () => 'mongodb://nowhere.invalid/d?replicaSet=rs0', EXIT_CONFIG, /nowhere\.invalid/],
  ['an unknown option', () => uri(primary, '?retryWrits=true'), EXIT_CONFIG, /retrywrits/i],
  ['a wrong value of an option', () => uri(primary, '?maxPoolSize=many'), EXIT_CONFIG, /maxPoolSize/i],
  ['no host', () => 'mongodb:///d', EXIT_CONFIG, /host/i],
  ['a server that does not listen', () => `mongodb://127.0.0.1:${CLOSED}/d`, EXIT_UNAVAILABLE, /127\.0\.0\.1:9/],
  ['another protocol', () => 'postgres://127.0.0.1/d', EXIT_CONFIG, /mongodb:\/\//],
];

it('an unusable database is reported in one sentence that names MONGODB_URI and what to do', async () => {
  const sentences = await Promise.all(
    DATABASES.map(async ([what, address, , words]) => {
      const error: unknown = await checkDeployment(address()).catch((reason: unknown) => reason);
      if (!(error instanceof StartupError)) return { what, error };
      const isOneLine = !error.message.includes('\n') && error.message.includes('MONGODB_URI');
      return { what, exitCode: error.exitCode, says: words.test(error.message) ? isOneLine : error.message };
    }),
  );
  expect(sentences).toEqual(DATABASES.map(([what, , exitCode]) => ({ what, exitCode, says: true })));
});

/** A process, its settings and arguments, the exit code, and the line on standard error. */
type Ending = readonly [string, string, () => NodeJS.ProcessEnv, readonly string[], number, RegExp];

const good = () => ({ MONGODB_URI: uri(primary, '?replicaSet=rs0') });

const local = () => ({ SLACK_BOT_TOKEN: '', SLACK_SIGNING_SECRET: '', DATA_DIR: path.join(folder, 'data') });

const ENDINGS: readonly Ending[] = [
  [
    'standalone database',
    SERVER,
    () => ({ MONGODB_URI: uri(standalone) }),
    [],
    EXIT_CONFIG,
    /^The database in MONGODB_URI is a standalone/,
  ],
  [
    'user without rights',
    API,
    () => ({ MONGODB_URI: uri(strict, '?replicaSet=rs0') }),
    [],
    EXIT_CONFIG,
    /MONGODB_URI.*readWrite/,
  ],
  [
    'database that is off',
    IMPORT,
    () => ({ MONGODB_URI: `mongodb://127.0.0.1:${CLOSED}/d` }),
    [],
    EXIT_UNAVAILABLE,
    /127\.0\.0\.1:9.*MONGODB_URI/,
  ],
  [
    'port in use',
    SERVER,
    () => ({ ...good(), PORT: String(takenPort) }),
    [],
    EXIT_UNAVAILABLE,
    /^PORT \d+ is already in use/,
  ],
  [
    'address of another machine',
    SERVER,
    () => ({ ...good(), HOST: '192.0.2.1' }),
    [],
    EXIT_CONFIG,
    /^HOST 192\.0\.2\.1 isn't/,
  ],
  [
    'token that Slack rejects',
    SERVER,
    () => ({ ...good(), SLACK_API_URL: slack.url }),
    [],
    EXIT_CONFIG,
    /^Slack doesn’t accept SLACK_BOT_TOKEN/,
  ],
  ['missing file', IMPORT, good, ['none.csv', '--account', 'Acme'], 1, /^The file “none.csv” doesn't exist\.$/],
  ['account that does not exist', IMPORT, good, [], 1, /Acme/],
  ['data folder that is a file', SERVER, () => ({ ...local(), DATA_DIR: csv }), [], EXIT_CONFIG, /^DATA_DIR .*EEXIST/],
  [
    'local mode, port in use',
    SERVER,
    () => ({ ...local(), LOCAL_PORT: String(takenPort) }),
    [],
    EXIT_UNAVAILABLE,
    /^LOCAL_PORT \d+ is already/,
  ],
  ['no database', IMPORT, () => ({ MONGODB_URI: '', DATA_DIR: folder }), [], EXIT_CONFIG, /^MONGODB_URI is missing/],
];

it.each(ENDINGS)('%s: %s stops with one plain sentence', async (_what, file, env, args, code, words) => {
  const { code: actual, lines } = await outcome(start(file, env(), args));
  expect(lines).toEqual([expect.stringMatching(words)]);
  expect(actual).toBe(code);
});

describe('without MONGODB_URI, local mode’s database', () => {
  const dataFolder = (address: string) => {
    const folderOfMode = mkdtempSync(path.join(folder, 'mode-'));
    writeFileSync(path.join(folderOfMode, ADDRESS_FILE), `${address}\n`);
    return folderOfMode;
  };

  it('that is newer than this version is reported as such, not as local mode that isn’t running', async () => {
    const newer = await startScriptedMongod('primary');
    newer.answer('find', (command) => found(command, [{ _id: 'schema', version: MIGRATIONS.length + 1 }]));
    await expect(connectFound({ DATA_DIR: dataFolder(uri(newer)) })).rejects.toMatchObject({
      exitCode: EXIT_CONFIG,
      message: expect.stringMatching(/^The database has schema version/),
    });
    await newer.close();
  });

  it('that doesn’t respond is reported as local mode that isn’t running', async () => {
    await expect(connectFound({ DATA_DIR: dataFolder(`mongodb://127.0.0.1:${CLOSED}/d`) })).rejects.toMatchObject({
      exitCode: EXIT_CONFIG,
      message: expect.stringMatching(/^Local mode isn't running/),
    });
  });
});

it.each([
  [['--nonsense'], "Unknown option '--nonsense'."],
  [['--account', 'Acme'], 'Specify the file to import.'],
  [['costs.csv'], 'Specify the account with --account.'],
  [['costs.csv', '--account'], "Option '--account <value>' argument missing."],
  [
    ['costs.csv', '--account', 'Acme', '--since', 'soon'],
    "--since: “soon” isn't a valid date. Use a date such as 2023-01-01.",
  ],
  [['costs.csv', '--account', 'Acme', '--batch-size', 'big'], '--batch-size must be a whole number above zero.'],
])('npm run import -- %j shows a sentence and the usage', (args, sentence) => {
  expect(() => readArguments(args)).toThrow(new UsageError(sentence));
});

it('a file that fails while it is read is named, with no other output', async () => {
  const reading = async () => {
    for await (const _chunk of readBytes('/proc/self/mem', () => undefined));
  };
  await expect(reading()).rejects.toMatchObject({
    code: 'file_unreadable',
    data: { file: '/proc/self/mem', problem: "can't be read (EIO)" },
  });
});

describe('an unavailable dependency at startup', () => {
  it('is waited for, while health checks are answered', async () => {
    const { hostname, port: databasePort } = new URL(testDatabaseUri().replace('mongodb:', 'http:'));
    const later = await freePort();
    slack.answer('auth.test', { body: { ok: false, error: 'internal_error' } });
    const child = start(SERVER, {
      MONGODB_URI: `mongodb://127.0.0.1:${later}/${new URL(testDatabaseUri()).pathname.slice(1)}?directConnection=true`,
      ...{ PORT: String(await freePort()), API: 'off', SLACK_API_URL: slack.url, STARTUP_TIMEOUT_SECONDS: '120' },
    });
    const { port } = await logged(child, /^listening$/);
    const statuses = () =>
      Promise.all(
        ['/healthz', '/readyz', '/slack/events'].map(
          async (at) => (await fetch(`http://127.0.0.1:${port}${at}`)).status,
        ),
      );
    await logged(child, /^Waiting.*MONGODB_URI/);
    expect(await statuses()).toEqual([200, 503, 503]);
    const proxy = await startStallingProxy({ host: hostname, port: Number(databasePort) }, later);
    await logged(child, /^Waiting.*Slack answered internal_error/);
    slack.answer('auth.test', { body: { ok: true, team_id: 'T1', user_id: 'U1', bot_id: 'B1' } });
    await logged(child, /^ready$/);
    expect(await statuses()).toEqual([200, 200, 401]);
    child.process.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    await proxy.close();
  });

  it('doesn’t keep SIGTERM from stopping the process, even as a container’s first process', async () => {
    const child = start(API, { MONGODB_URI: `mongodb://127.0.0.1:${CLOSED}/d`, STARTUP_TIMEOUT_SECONDS: '300' });
    await logged(child, /^Waiting/);
    child.process.kill('SIGTERM');
    expect(await child.ended).toBe(143);
  });

  it('can be an upgrade left by a killed process, which is waited for and finished', async () => {
    const client = new MongoClient(testDatabaseUri());
    const database = client.db();
    await database.dropDatabase();
    const leases = database.collection<{ _id: string; token: number; until: Date }>('leases');
    await leases.insertOne({ _id: 'migrations', token: 1, until: new Date(Date.now() + 300_000) });
    const child = start(API, { MONGODB_URI: testDatabaseUri(), STARTUP_TIMEOUT_SECONDS: '120' });
    await logged(child, /^Waiting, next attempt in 1 s: Another process is upgrading the database\./);
    // as for the database's clock once the killed process's lease has expired
    await leases.updateOne({ _id: 'migrations' }, { $set: { until: new Date(0) } });
    await logged(child, /^ready$/);
    const schema = await database.collection<{ _id: string }>('schema_versions').findOne({ _id: 'schema' });
    expect(schema).toMatchObject({ version: MIGRATIONS.length });
    child.process.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    await client.close();
  });

  it('doesn’t block health checks and metrics with Socket Mode and API=off', async () => {
    const socket = await startSocketMode();
    slack.answer('auth.test', { body: { ok: true, team_id: 'T1', user_id: 'U1', bot_id: 'B1' } });
    slack.answer('apps.connections.open', { body: { ok: true, url: socket.url } });
    const child = start(SERVER, {
      ...{ MONGODB_URI: testDatabaseUri(), SLACK_API_URL: slack.url, API: 'off' },
      ...{ SLACK_SIGNING_SECRET: '', SLACK_APP_TOKEN: 'xapp-1' },
    });
    const { port } = await logged(child, /^ready$/);
    const paths = ['/healthz', '/readyz', '/metrics', '/slack/events'];
    const statuses = paths.map(async (at) => (await fetch(`http://127.0.0.1:${port}${at}`)).status);
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 404]);
    child.process.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    await socket.close();
  });

  it('is tried once more at the very end of the limit', async () => {
    const pauses: number[] = [];
    const off = unavailable('The database is off.');
    const pause = async (ms: number) => void pauses.push(ms);
    const waiting = whenAvailable(() => Promise.reject(off), { limitMs: 30_000, tell: () => undefined, pause });
    await expect(waiting).rejects.toBe(off);
    expect(pauses.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(pauses).toHaveLength(5);
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(29_000);
  });

  it('is waited for no longer than the limit, and not at all if nothing can change', async () => {
    const pauses: number[] = [];
    const attempt = (error: StartupError) =>
      whenAvailable(() => Promise.reject(error), {
        limitMs: 60_000,
        tell: () => undefined,
        pause: async (ms) => void pauses.push(ms),
      }).catch((last: unknown) => last);
    const off = unavailable('The database is off.');
    expect(await attempt(off)).toBe(off);
    expect(pauses.slice(0, 5)).toEqual([1_000, 2_000, 4_000, 8_000, 15_000]);
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(60_000);
    pauses.length = 0;
    const wrong = wrongSetting('The password is wrong.');
    expect(await attempt(wrong)).toBe(wrong);
    expect(pauses).toEqual([]);
  });
});

/** Its next line with this message. */
async function logged(child: Child, msg: RegExp): Promise<{ msg: string; port?: number }> {
  for (;;) {
    const line: { msg: string; port?: number } = JSON.parse(await nextLine(child));
    if (msg.test(line.msg)) return line;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
