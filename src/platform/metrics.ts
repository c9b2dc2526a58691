import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Counter, Gauge, Registry } from 'prom-client';
import type { FailingItem, JobRun } from '../services/background/job-runs.ts';
import type { AccountNews } from '../services/notices/notice-lag.ts';
import type { Logger } from './logger.ts';

const LOOPBACK_ADDRESSES: readonly string[] = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];
const LOOPBACK_NAMES: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];
/** How the headers begin that proxies, tunnels and load balancers add to what they pass on. */
const FORWARDING_HEADER =
  /^(?:forwarded|via|cdn-loop|max-forwards|client-ip|true-client-ip|proxy-|cf-|fastly-|fly-|ngrok-|tailscale-|x-(?:forwarded|real|original|client|cluster|remote|proxy|scheme|host|envoy|amzn|azure|arr)(?:-|$))/;

/** What is measured, asked for at each reading. */
export interface Measures {
  /** Of this process, since it began. */
  jobCounts(): ReadonlyMap<string, { readonly runs: number; readonly failures: number }>;
  /** Over all processes. */
  jobRuns(): Promise<readonly JobRun[]>;
  news(): Promise<readonly AccountNews[]>;
  /** Over all processes; the latest ones. */
  failingItems(): Promise<readonly FailingItem[]>;
}

/** Of the database, while a reading goes on. */
const LOOK_AGAIN_MS = 500;

export interface MetricsOptions {
  readonly measures: Measures;
  /** Whether the database answers; it says no after 2 s at the latest. */
  readonly isReady?: () => Promise<boolean>;
  readonly log: Logger;
  /** Required of every reader; without one, only this machine itself may read. */
  readonly token: string | undefined;
  /** Whether a proxy is in front: then everybody seems to be on this machine, and only a token lets anyone in. */
  readonly isBehindProxy?: boolean;
}

/**
 * `/metrics` in Prometheus's text format, for `HttpServer.mount`. Labels are names of jobs and ids of accounts, never
 * what people have typed; an error stands there by its kind and its redacted words. What comes from the database is the
 * same in every process: take its maximum. 503 while the database does not answer, so that an alarm sees it.
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
 * Waits for a reading as long as the database answers, however long it takes: many accounts take their time.
 * @throws {Error} as soon as it does not answer
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
    // nobody waits for it any more
    reading.catch(() => undefined);
  }
}

/** A fresh one for each reading: a job or account that is gone leaves no stale figure. */
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

/** The latest hundred, so that a failure of everything stays readable. */
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
 * A proxy on this machine passes on what others ask. It gives itself away by a header of its own, by the name under
 * which the others know it, or, as nginx without further settings, by HTTP/1.0; one that does none of it has to be named
 * in TRUST_PROXY.
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
