import { afterEach, expect, it } from '@jest/globals';
import { Ticks } from '../../jobs/kit/ticks.ts';
import { createLogger, silentLogger } from '../../src/platform/logger.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { errorCode, measure, startTelemetry } from '../../src/platform/telemetry.ts';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { startApi, tokenFor } from '../support/api/api.ts';
import { type Collector, startCollector } from '../support/collector.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, startProduct, TEAM_ID } from '../support/product.ts';

useDatabase(migrate);

// the exporters' own limit, so that no attempt outlives the tests
process.env.OTEL_EXPORTER_OTLP_TIMEOUT = '500';

const clock = new TestClock('2026-11-10T12:00:00Z');
const log = silentLogger();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A collector, and a function that has everything sent to it. */
async function collecting(status = 200): Promise<{ collector: Collector; send: () => Promise<void> }> {
  const collector = await startCollector(status);
  ends.push(collector.stop);
  const send = await startTelemetry(collector.url, log, status === 0 ? 1 : undefined);
  ends.push(send);
  return { collector, send };
}

const spanOf = (collector: Collector, name: string) => collector.spans().filter((span) => span.name === name);

it('a command is traced from its arrival to its answer, without the person and what they typed', async () => {
  const { collector, send } = await collecting();
  const product = await startProduct(clock);
  ends.push(product.stop);
  await createAccount(
    contextAt(clock),
    { teamId: TEAM_ID, userId: 'U0OWNER' },
    {
      ...{ name: 'Traced Corp', timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: FINANCE },
    },
  );
  await product.workspace.as('U0OWNER').command(FINANCE, '/billing verify');
  await product.quiet();
  await product.workspace.as('U0STRANGER').command(FINANCE, '/billing verify');
  await product.quiet();
  await product.ticks.run('estimates');
  await send();
  const commands = spanOf(collector, 'slack command /billing');
  expect(commands).toEqual([
    {
      name: 'slack command /billing',
      service: 'billing-groups',
      attributes: { 'billing.request_id': expect.stringMatching(/^[\da-f-]{36}$/) },
      moments: ['acknowledged'],
      status: 0,
    },
    expect.objectContaining({ attributes: expect.objectContaining({ 'error.type': 'not_a_member' }), status: 0 }),
  ]);
  expect(spanOf(collector, 'job estimates')).toEqual([expect.objectContaining({ attributes: {}, status: 0 })]);
  expect(collector.counts()).toMatchObject({
    'billing.slack.duration command /billing': 1,
    'billing.slack.duration command /billing not_a_member': 1,
    'billing.job.duration estimates': 1,
  });
  for (const secret of ['U0OWNER', 'U0STRANGER', FINANCE, TEAM_ID, 'Traced Corp', 'xoxb-', 'verify']) {
    expect(collector.raw()).not.toContain(secret);
  }
});

it('a request to the Invoice API is traced by its operation, without tokens', async () => {
  const { collector, send } = await collecting();
  const account = await createAccount(
    contextAt(clock),
    { teamId: TEAM_ID, userId: 'U0OWNER' },
    {
      ...{ name: 'API Corp', timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: null },
    },
  );
  const token = await tokenFor(systemClock, account._id);
  const api = await startApi(systemClock);
  ends.push(api.stop);
  await api.ask('GET', '/billing-group', { token, headers: { 'x-request-id': 'from-client' } });
  await api.ask('GET', '/billing-group/bg_none', { token, headers: { 'x-request-id': token } });
  await api.ask('GET', '/billing-group', { token: `${token}x` });
  await api.stop();
  await send();
  const [found, missing, refused] = collector.spans();
  expect([found?.name, found?.status, found?.attributes]).toEqual([
    'api listBillingGroups',
    0,
    { 'billing.request_id': 'from-client', 'http.request.method': 'GET', 'http.response.status_code': 200 },
  ]);
  expect(missing?.attributes).toMatchObject({ 'http.response.status_code': 404, 'error.type': expect.any(String) });
  expect(refused?.attributes).toMatchObject({ 'http.response.status_code': 401, 'error.type': expect.any(String) });
  expect(collector.raw()).not.toContain(token);
});

it('a failed job is an error, with its code and not its message', async () => {
  const { collector, send } = await collecting();
  const fault = Object.assign(new Error('connect 10.0.0.1 as anna@example.com'), { code: 'ECONNREFUSED' });
  const ticks = new Ticks(
    [
      {
        ...{ name: 'mails', does: 'fails', everyMs: 60_000, concurrency: 'each process', missed: 'nothing' },
        run: () => Promise.reject(fault),
      },
    ],
    { clock, log },
  );
  await ticks.run('mails');
  await send();
  expect(collector.spans()).toEqual([
    {
      name: 'job mails',
      service: 'billing-groups',
      attributes: { 'error.type': 'ECONNREFUSED' },
      moments: [],
      status: 2,
    },
  ]);
  expect(collector.counts()).toEqual({ 'billing.job.duration mails ECONNREFUSED': 1 });
  expect(collector.raw()).not.toContain('anna');
});

it('a collector that never answers doesn’t hold up a shutdown', async () => {
  const { send } = await collecting(0);
  measure('job', 'mails').end();
  await expect(send()).resolves.toBeUndefined();
});

it('a collector that rejects data is logged once per signal, without affecting the product', async () => {
  const lines: string[] = [];
  const refusing = await startCollector(400);
  ends.push(refusing.stop);
  const told = createLogger({ destination: { write: (line) => void lines.push(line) } });
  const send = await startTelemetry(refusing.url, told);
  measure('job', 'mails').end();
  await send();
  expect(
    lines
      .map((line) => JSON.parse(line))
      .map(({ level, signal, msg }) => [level, signal, msg])
      .sort(),
  ).toEqual([
    ['warn', 'metrics', 'telemetry can’t be sent'],
    ['warn', 'traces', 'telemetry can’t be sent'],
  ]);
});

it('without an endpoint nothing is measured', async () => {
  const stop = await startTelemetry(undefined, log);
  expect(measure('job', 'mails')).toBe(measure('slack', 'command /billing'));
  await stop();
});

it.each<[string, unknown, string]>([
  ['a code', Object.assign(new Error('away'), { code: 'ECONNRESET' }), 'ECONNRESET'],
  ['a number', Object.assign(new Error('dup'), { code: 11000 }), '11000'],
  ['no code', new RangeError('of anna@example.com'), 'RangeError'],
  ['a text as its code', Object.assign(new Error(''), { code: 'Anna said no' }), 'Error'],
  ['no error object', 'Anna said no', 'Error'],
])('an error with %s is reported by its code or its class', (_, error, code) => {
  expect(errorCode(error)).toBe(code);
});
