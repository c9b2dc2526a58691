// npm run chaos: 10,000 events over 50 channels, three processes of which a random one is killed every second, and a
// Slack that answers 429 and 500, drops connections before and after it took a message, and takes up to ten seconds.
// `npm run chaos -- database` kills and restarts the database ten times meanwhile. `--events N --channels N --kills N`
// `--seed N` for other sizes.
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { connectStore, disconnectStore } from '../../src/store/connect.ts';
import { type Child, nextLine, startChild } from '../support/children.ts';
import { contextAt } from '../support/context.ts';
import { deliveryChaos } from './delivery/run.ts';

const DATABASE_KILLS = 10;
const DATABASE_LIVES_MS = 12_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '10000' },
    channels: { type: 'string', default: '50' },
    kills: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const dataDir = mkdtempSync(path.join(tmpdir(), 'chaos-'));
/** The same one after each restart. */
const port = await freePort();
const database = { server: await startServer(), isOver: false, kills: 0, ready: Promise.resolve() };

try {
  await connectStore(database.server.uri);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(`Seed ${values.seed}`);
  const killing = positionals.includes('database') ? killDatabase() : Promise.resolve();
  const outcome = await deliveryChaos(contextAt({ now: () => new Date() }), {
    uri: database.server.uri,
    events: Number(values.events),
    channels: Number(values.channels),
    ...{
      processes: 3,
      perSecond: 50,
      paceMs: 1_000,
      killEveryMs: 1_000,
      slowestMs: 10_000,
      leaseMs: 60_000,
      faultyPercent: 40,
    },
    mostKills: Number(values.kills),
    seed: Number(values.seed),
    ready: () => database.ready,
    say,
  });
  database.isOver = true;
  await killing;
  const { faults, kills, slackFaults, messages, seconds } = outcome;
  say(`${values.events} events, ${values.channels} channels, ${messages} messages, ${seconds} s`);
  say(`${kills} processes killed, ${slackFaults} faults of Slack, database killed ${database.kills} times`);
  say(faults.length === 0 ? 'Each channel has each of its events once and in order.' : faults.slice(0, 50).join('\n'));
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  database.isOver = true;
  await disconnectStore();
  database.server.child.process.kill('SIGTERM');
  await database.server.child.ended;
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit();

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as AddressInfo;
      server.close(() => resolve(free));
    });
  });
}

async function startServer(): Promise<{ child: Child; uri: string }> {
  const child = startChild('test/children/database.ts', [dataDir, String(port)]);
  return { child, uri: await nextLine(child) };
}

/** Kills the database again and again, each time after it has lived for a while. */
async function killDatabase(): Promise<void> {
  while (!database.isOver && database.kills < DATABASE_KILLS) {
    await new Promise((resolve) => setTimeout(resolve, DATABASE_LIVES_MS));
    if (database.isOver) return;
    database.server.child.process.kill('SIGKILL');
    await database.server.child.ended;
    database.kills += 1;
    const starting = startServer();
    database.ready = starting.then(() => undefined);
    database.server = await starting;
    process.stdout.write(`The database was killed, and is back (${database.kills})\n`);
  }
}
