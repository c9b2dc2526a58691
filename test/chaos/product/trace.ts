import { ItemFailures } from '../../../src/store/background/item-failures.ts';
import { JobRuns } from '../../../src/store/background/job-runs.ts';
import { collectionOf } from '../../../src/store/kit/connect.ts';
import { Leases } from '../../../src/store/kit/leases.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import type { Kind, Waiting } from './lateness.ts';

/** Shorter waits aren't reported, in milliseconds. */
const TRACED_MS = 20_000;
/** A later sample was delayed by an unavailable database. */
const LATE_SAMPLE_MS = 5_000;
const SHOWN = 12;

/** Which job does a kind of work, and the names of its failures and leases. */
const DOERS: Readonly<Record<Kind, { job: string; failures: readonly string[]; lease?: string }>> = {
  'log entry': { job: 'number-events', failures: ['log'], lease: 'log' },
  message: { job: 'news', failures: [], lease: 'news' },
  import: { job: 'imports', failures: ['import'], lease: 'import' },
  'import report': { job: 'imports', failures: ['import-report'] },
  estimate: { job: 'estimates', failures: ['estimate'] },
  invoice: { job: 'close', failures: ['draft', 'close', 'close-account'], lease: 'close' },
  charge: { job: 'charges', failures: ['charge-begin', 'charge'], lease: 'charge' },
};

interface Wait {
  readonly waiting: Waiting;
  readonly from: number;
  last: number;
  /** Seconds, by the cause of the wait. */
  readonly held: Map<string, number>;
}

interface Happened {
  readonly at: number;
  readonly job?: string;
  readonly words: string;
}

/** Where late work waited: its cause at each sample, and what happened meanwhile. */
export class Trace {
  private readonly waits = new Map<string, Wait>();
  private readonly ended: Wait[] = [];
  private readonly happened: Happened[] = [];
  private readonly runs = new Set<string>();

  /** Records an event in the processes, such as a kill. */
  event(words: string): void {
    this.happened.push({ at: performance.now(), words });
  }

  /** @param since since when each has waited, by its key */
  async look(all: readonly Waiting[], since: ReadonlyMap<string, number>, now: number): Promise<void> {
    const state = await stateNow();
    this.noteRuns(state.runs, now);
    const keys = new Set(all.map(({ key }) => key));
    for (const [key, wait] of this.waits) {
      if (keys.has(key)) continue;
      this.waits.delete(key);
      if (wait.last - wait.from > TRACED_MS) this.ended.push(wait);
    }
    for (const waiting of all) {
      const from = since.get(waiting.key) ?? now;
      const wait = this.waits.get(waiting.key) ?? { waiting, from, last: from, held: new Map<string, number>() };
      const isLate = now - wait.last > LATE_SAMPLE_MS;
      const holder = isLate ? 'database away' : holderOf(waiting, state);
      wait.held.set(holder, (wait.held.get(holder) ?? 0) + (now - wait.last) / 1000);
      wait.last = now;
      this.waits.set(waiting.key, wait);
    }
  }

  /**
   * The longest waits, each with its cause and what happened meanwhile; the longest first, one per kind and account.
   */
  lines(): string[] {
    const all = [...this.ended, ...this.waits.values()].sort((a, b) => b.last - b.from - (a.last - a.from));
    const seen = new Set<string>();
    const shown = all.filter(({ waiting: { accountId, kind } }) => {
      const name = `${accountId} ${kind}`;
      return !seen.has(name) && seen.add(name);
    });
    return shown.slice(0, SHOWN).flatMap((wait) => this.linesOf(wait));
  }

  private linesOf({ waiting, from, last, held }: Wait): string[] {
    const seconds = (ms: number) => (ms / 1000).toFixed(0);
    const { job } = DOERS[waiting.kind];
    const parts = [...held].sort(([, a], [, b]) => b - a).map(([words, time]) => `${time.toFixed(0)} s ${words}`);
    const meanwhile = this.happened
      .filter((one) => one.at >= from && one.at <= last && (one.job === undefined || one.job === job))
      .map(({ at, words }) => `${seconds(at - from)} ${words}`);
    return [
      `  ${seconds(last - from)} s | ${waiting.key}: ${parts.join('; ')}`,
      ...(meanwhile.length > 0 ? [`      at ${meanwhile.join('; ')}`] : []),
    ];
  }

  private noteRuns(runs: readonly Run[], now: number): void {
    for (const { _id, endedAt, tookMs, lastErrorAt, lastError } of runs) {
      const name = `${_id} ${endedAt.getTime()}`;
      if (this.runs.has(name)) continue;
      this.runs.add(name);
      const failed = lastErrorAt?.getTime() === endedAt.getTime() ? ` and failed (${lastError?.slice(0, 160)})` : '';
      this.happened.push({ at: now, job: _id, words: `${_id} ended after ${(tookMs / 1000).toFixed(1)} s${failed}` });
    }
  }
}

type Run = Awaited<ReturnType<typeof stateNow>>['runs'][number];
type State = Awaited<ReturnType<typeof stateNow>>;

async function stateNow() {
  const [alarms, leases, failures, runs, subscriptions] = await Promise.all([
    collectionOf<{ name: string; lockedAt: Date | null }>('jobs')
      .find({ lockedAt: { $ne: null } })
      .toArray(),
    Leases.find({ $expr: { $gt: ['$until', '$$NOW'] } }, { _id: 1 }).lean(),
    ItemFailures.find({ notBefore: { $gt: new Date() } }).lean(),
    JobRuns.find({}).lean(),
    Subscriptions.find({}, { sending: 1, notBefore: 1, failures: 1, lastError: 1, state: 1 }).lean(),
  ]);
  return {
    ...{ runs, failures },
    locked: new Set(alarms.map(({ name }) => name)),
    leases: new Set(leases.map(({ _id }) => _id)),
    subscriptions: new Map(subscriptions.map((one) => [one._id, one])),
  };
}

function holderOf({ accountId, kind, key }: Waiting, state: State): string {
  const { job, failures, lease } = DOERS[kind];
  const subscription = kind === 'message' ? state.subscriptions.get(key.split(' ')[1] ?? '') : undefined;
  if (subscription?.notBefore && subscription.notBefore > new Date())
    return `put off after ${subscription.failures} failures (${subscription.lastError?.slice(0, 160)})`;
  if (subscription?.sending) return `being sent${state.leases.has(`news:${subscription._id}`) ? ' under a lease' : ''}`;
  const failed = state.failures.find(
    (one) => failures.includes(one.kind) && (key.includes(one.item) || one.item === accountId),
  );
  if (failed) return `put off after ${failed.failures} failures (${failed.lastError.slice(0, 160)})`;
  const held = [...state.leases].find(
    (name) =>
      lease !== undefined &&
      name.startsWith(`${lease}:`) &&
      (name.includes(accountId) || key.includes(name.slice(lease.length + 1))),
  );
  return [state.locked.has(job) ? 'alarm locked' : 'alarm free', ...(held ? [`lease held`] : [])].join(', ');
}
