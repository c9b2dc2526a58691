import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ticks } from '../../jobs/kit/ticks.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { metricsListener } from '../../src/platform/metrics.ts';
import { eachOfAll } from '../../src/services/background/each-of-all.ts';
import { allFailingItems, allRuns } from '../../src/services/background/job-runs.ts';
import { numberEvents } from '../../src/services/events/event-log.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { newsOfAccounts } from '../../src/services/notices/notice-lag.ts';
import { subscribe } from '../../src/services/notices/subscriptions.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../src/store/notices/subscriptions.ts';
import { anAccount, contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
const servers: Server[] = [];
let broken = false;
let url = '';
let guarded = '';
let proxied = '';

const usual = { does: 'is tried', everyMs: 60_000, concurrency: 'each process', missed: 'nothing' } as const;
const ticks = new Ticks(
  [
    { ...usual, name: 'close', run: async () => 1 },
    {
      ...usual,
      name: 'cards',
      async run() {
        throw new Error('Nobody answers at "Ann’s house"\nxoxb-123456789012-abcdefghijkl');
      },
    },
  ],
  { clock, log: silentLogger() },
);

beforeAll(async () => {
  const measures = {
    jobCounts: () => ticks.counts,
    jobRuns: () => allRuns(ctx),
    failingItems: () => allFailingItems(ctx),
    async news() {
      if (broken) throw new Error('no database');
      return newsOfAccounts(ctx);
    },
  };
  const log = silentLogger();
  url = await serve(metricsListener({ measures, log, token: undefined }));
  proxied = await serve(metricsListener({ measures, log, token: undefined, isBehindProxy: true }));
  guarded = await serve(metricsListener({ measures, log, token: 'a-token-of-the-tests' }));
});
afterAll(() => Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve)))));

async function serve(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

/** A response's samples, by name and labels. */
async function read(): Promise<Map<string, string>> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('version=0.0.4');
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of lines)
    expect(line).toMatch(/^billing_[a-z_]+(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? -?[\d.e+]+$/);
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]));
}

describe('/metrics', () => {
  it('counts each job’s runs, and names its last error without typed text or secrets', async () => {
    await ticks.run('close');
    await ticks.run('cards');
    await ticks.run('cards');
    const samples = await read();
    expect(samples.get('billing_job_runs_total{job="close"}')).toBe('1');
    expect(samples.get('billing_job_failures_total{job="cards"}')).toBe('2');
    expect(samples.get('billing_job_failures_in_a_row{job="cards"}')).toBe('2');
    expect(samples.get('billing_job_failures_in_a_row{job="close"}')).toBe('0');
    const errors = [...samples.keys()].filter((name) => name.startsWith('billing_job_last_error_info'));
    expect(errors).toEqual(['billing_job_last_error_info{job="cards",error="Error: Nobody answers at … [redacted]"}']);
    expect(samples.get('billing_job_late{job="close"}')).toBe('0');
    clock.set('2026-11-02T12:10:00Z');
    expect((await read()).get('billing_job_late{job="close"}')).toBe('1');
  });

  it('shows how far channels are behind the log', async () => {
    const { _id: accountId } = await anAccount(ctx);
    const { _id } = await subscribe(ctx, accountId, { channelId: 'C1', isPersonal: false });
    await createGroup(ctx, { accountId, name: 'Blue' });
    expect(Number((await read()).get(`billing_events_unnumbered{account="${accountId}"}`))).toBeGreaterThan(0);
    await numberEvents(ctx);
    clock.set('2026-11-02T12:15:00Z');
    const behind = await read();
    expect(behind.get(`billing_events_unnumbered{account="${accountId}"}`)).toBe('0');
    expect(Number(behind.get(`billing_events_undelivered{account="${accountId}"}`))).toBeGreaterThan(0);
    expect(behind.get(`billing_event_oldest_undelivered_age_seconds{account="${accountId}"}`)).toBe('300');
    expect(behind.get(`billing_subscriptions{account="${accountId}",state="pending"}`)).toBe('1');
    await Subscriptions.updateOne({ _id }, { $set: { state: 'broken' } });
    expect((await read()).get(`billing_subscriptions{account="${accountId}",state="broken"}`)).toBe('1');
  });

  it('shows the ID of what keeps failing, until it succeeds', async () => {
    const { _id: accountId } = await anAccount(ctx);
    const loop = { kind: 'estimate', name: (id: string) => ({ id, accountId }) };
    const broken = () => Promise.reject(new Error('of “Blue”'));
    await eachOfAll(ctx, loop, ['inv_1'], broken).catch(() => undefined);
    const name = `billing_item_failures_in_a_row{kind="estimate",item="inv_1",account="${accountId}"}`;
    expect((await read()).get(name)).toBe('1');
    await eachOfAll(ctx, loop, ['inv_1'], async () => undefined);
    expect((await read()).get(name)).toBeUndefined();
  });

  it.each([
    ['x-forwarded-for', '203.0.113.1'],
    ['x-real-ip', '203.0.113.1'],
    ['via', '1.1 caddy'],
    ['x-forwarded-proto', 'https'],
    ['x-forwarded-port', '443'],
    ['x-original-forwarded-for', '203.0.113.1'],
    ['x-cluster-client-ip', '203.0.113.1'],
    ['x-amzn-trace-id', 'Root=1-67891233-abcdef012345678912345678'],
    ['x-envoy-external-address', '203.0.113.1'],
    ['cf-ray', '8f0'],
    ['fastly-client-ip', '203.0.113.1'],
    ['forwarded', 'for=203.0.113.1'],
    ['host', 'billing.example.com'],
  ])('is refused through a proxy on this machine, which %s gives away', async (name, value) => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(url, { headers: { [name]: value } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('is refused through nginx with its defaults, which uses HTTP/1.0 and adds no header', async () => {
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`GET /metrics HTTP/1.0\r\nHost: localhost:${port}\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('requires a token when a proxy is named', async () => {
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(proxied)).status).toBe(403);
  });

  it('is available only on this machine or with the token, and reports a database that doesn’t answer', async () => {
    expect((await fetch(guarded)).status).toBe(401);
    expect((await fetch(guarded, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    expect((await fetch(guarded, { headers: { authorization: 'Bearer a-token-of-the-tests' } })).status).toBe(200);
    broken = true;
    expect((await fetch(url)).status).toBe(503);
    broken = false;
  });
});
