import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Counter, Gauge, Registry } from 'prom-client';
import type { FailingItem, JobRun } from '../services/background/job-runs.ts';
import type { AccountNews } from '../services/notices/notice-lag.ts';
import type { Logger } from './logger.ts';

const LOOPBACK_ADDRESSES: readonly string[] = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];
const LOOPBACK_NAMES: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];
/** Prefixes of the headers that proxies, tunnels and load balancers add. */
const FORWARDING_HEADER =
  /^(?:forwarded|via|cdn-loop|max-forwards|client-ip|true-client-ip|proxy-|cf-|fastly-|fly-|ngrok-|tailscale-|x-(?:forwarded|real|original|client|cluster|remote|proxy|scheme|host|envoy|amzn|azure|arr)(?:-|$))/;

/** The measured values, read on each request. */
export interface Measures {
  /** For this process, since it started. */
  jobCounts(): ReadonlyMap<string, { readonly runs: number; readonly failures: number }>;
  /** For all processes. */
  jobRuns(): Promise<readonly JobRun[]>;
  news(): Promise<readonly AccountNews[]>;
  /** For all processes; the latest ones. */
  failingItems(): Promise<readonly FailingItem[]>;
}

/** How often the database is checked while values are read. */
const LOOK_AGAIN_MS = 500;

export interface MetricsOptions {
  readonly measures: Measures;
  /** Whether the database responds; false after 2 s at the latest. */
  readonly isReady?: () => Promise<boolean>;
  readonly log: Logger;
  /** Required from every reader. Without one, only this machine itself can read. */
  readonly token: string | undefined;
  /** Whether there is a proxy in front. Then everybody seems to be on this machine, and only a token gives access. */
  readonly isBehindProxy?: boolean;
}

/**
 * `/metrics` in Prometheus's text format, for `HttpServer.mount`. Labels are job names and account IDs, never text that
 * people typed. An error is shown by its kind and redacted message. Values from the database are the same in every
 * process: use the maximum. 503 while the database doesn't respond, so that alerts see it.
 */
export function metricsListener({
  measures,
  isReady,
  log,
  token,
  isBehindProxy = false,
}: MetricsOptions): RequestListener {
  return async (request, response) => {
    request.resume();
    if (!mayRead(request, token, isBehindProxy)) {
      response.writeHead(token === undefined ? 403 : 401, { 'content-type': 'text/plain' }).end();
      return;
    }
    try {
      const registry = await whileReady(registryOf(measures), isReady);
      response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' });
      response.end(await registry.metrics());
    } catch (error) {
      log.warn({ err: error }, 'the metrics could not be read');
      response.writeHead(503, { 'content-type': 'text/plain' }).end();
    }
  };
}

/**
 * Waits for values as long as the database responds, however long they take with many accounts.
 * @throws {Error} as soon as it doesn't respond
 */
async function whileReady<T>(reading: Promise<T>, isReady: MetricsOptions['isReady']): Promise<T> {
  if (!isReady) return reading;
  let isDone = false;
  const watch = async (): Promise<never> => {
    while (!isDone && (await isReady())) await wait(LOOK_AGAIN_MS, undefined, { ref: false });
    if (isDone) return new Promise<never>(() => undefined);
    throw new Error('The database doesn’t answer');
  };
  try {
    return await Promise.race([reading, watch()]);
  } finally {
    isDone = true;
    // nobody is waiting for it any longer
    reading.catch(() => undefined);
  }
}

/** A new registry for each request, so that deleted jobs and accounts leave no stale values. */
async function registryOf(measures: Measures): Promise<Registry> {
  const registry = new Registry();
  const runs = new Counter({
    ...named('job_runs_total', 'Runs of a job in this process.', ['job']),
    registers: [registry],
  });
  const failures = new Counter({
    ...named('job_failures_total', 'Runs of a job in this process that failed.', ['job']),
    registers: [registry],
  });
  for (const [job, counts] of measures.jobCounts()) {
    runs.inc({ job }, counts.runs);
    failures.inc({ job }, counts.failures);
  }
  jobGauges(registry, await measures.jobRuns());
  newsGauges(registry, await measures.news());
  itemGauges(registry, await measures.failingItems());
  return registry;
}

function jobGauges(registry: Registry, runs: readonly JobRun[]): void {
  const of = gaugesOf(registry, ['job']);
  const success = of('job_last_success_timestamp_seconds', 'When a job last succeeded, in any process.');
  const duration = of('job_last_duration_seconds', 'Duration of a job’s last run.');
  const inARow = of('job_failures_in_a_row', 'Number of a job’s failed runs since its last success.');
  const late = of('job_late', 'Whether a job hasn’t finished for longer than it should.');
  const errorAt = of('job_last_error_timestamp_seconds', 'When a job last failed.');
  const error = gaugesOf(registry, ['job', 'error'])(
    'job_last_error_info',
    'Error of a job’s last failed run, as a label. The value is always 1.',
  );
  for (const { _id: job, lastSuccessAt, tookMs, failures, isLate, lastError, lastErrorAt } of runs) {
    if (lastSuccessAt) success.set({ job }, seconds(lastSuccessAt));
    duration.set({ job }, tookMs / 1000);
    inARow.set({ job }, failures);
    late.set({ job }, isLate ? 1 : 0);
    if (lastErrorAt) errorAt.set({ job }, seconds(lastErrorAt));
    if (lastError !== null) error.set({ job, error: lastError }, 1);
  }
}

function newsGauges(registry: Registry, news: readonly AccountNews[]): void {
  const of = gaugesOf(registry, ['account']);
  const unnumbered = of('events_unnumbered', 'Events that aren’t numbered yet.');
  const undelivered = of(
    'events_undelivered',
    'Log entries not yet sent to channels with immediate notifications, summed over channels.',
  );
  const age = of('event_oldest_undelivered_age_seconds', 'Age of the oldest of those entries, or 0 if there are none.');
  const states = gaugesOf(registry, ['account', 'state'])(
    'subscriptions',
    'Subscriptions by state: idle (up to date), pending (entries left to send), paused, broken (Slack rejects messages to the channel).',
  );
  for (const one of news) {
    const account = one.accountId;
    unnumbered.set({ account }, one.unnumbered);
    undelivered.set({ account }, one.undelivered);
    age.set({ account }, one.oldestAgeMs / 1000);
    for (const [state, count] of Object.entries(one.subscriptions)) states.set({ account, state }, count);
  }
}

/** The latest hundred, so that the output stays readable when everything fails. */
function itemGauges(registry: Registry, items: readonly FailingItem[]): void {
  const failures = gaugesOf(registry, ['kind', 'item', 'account'])(
    'item_failures_in_a_row',
    'Number of failed attempts at background work on this item.',
  );
  for (const { kind, item, accountId, failures: count } of items) {
    failures.set({ kind, item, account: accountId ?? '' }, count);
  }
}

function gaugesOf<L extends string>(
  registry: Registry,
  labels: readonly L[],
): (name: string, help: string) => Gauge<L> {
  return (name, help) => new Gauge({ ...named(name, help, labels), registers: [registry] });
}

function named<L extends string>(name: string, help: string, labels: readonly L[]) {
  return { name: `billing_${name}`, help, labelNames: [...labels] };
}

function seconds(instant: Date): number {
  return instant.getTime() / 1000;
}

function mayRead(request: IncomingMessage, token: string | undefined, isBehindProxy: boolean): boolean {
  if (token !== undefined) return isSame(request.headers.authorization ?? '', `Bearer ${token}`);
  return !isBehindProxy && isFromThisMachine(request);
}

/**
 * A proxy on this machine forwards others' requests. It can be recognized by its header, by the host name that others
 * use, or, like nginx with its defaults, by HTTP/1.0. Any other proxy must be named in TRUST_PROXY.
 */
function isFromThisMachine({ headers, socket, httpVersion }: IncomingMessage): boolean {
  if (httpVersion === '1.0' || Object.keys(headers).some((name) => FORWARDING_HEADER.test(name))) return false;
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  return LOOPBACK_NAMES.includes(host) && LOOPBACK_ADDRESSES.includes(socket.remoteAddress ?? '');
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
