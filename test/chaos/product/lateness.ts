import { setTimeout as wait } from 'node:timers/promises';
import { Imports } from '../../../src/store/costs/imports.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';

const SAMPLE_MS = 3_000;
const KINDS = ['log entry', 'import', 'estimate'] as const;
type Kind = (typeof KINDS)[number];

/** How long something waited at most, in seconds: all in all, and less the time that the database or Slack were away. */
export interface Longest {
  total: number;
  withoutOutages: number;
  what: string;
}

/** What waits to be done, and since when. It is dated from the sample before the first in which it was seen. */
export class Lateness {
  readonly longest = new Map<Kind, Longest>(KINDS.map((kind) => [kind, { total: 0, withoutOutages: 0, what: '' }]));
  samples = 0;
  private readonly accountIds: readonly string[];
  private readonly outages: Outages;
  private since = new Map<string, number>();
  private last = performance.now();
  private hasEnded = false;

  constructor(accountIds: readonly string[], outages: Outages) {
    this.accountIds = accountIds;
    this.outages = outages;
  }

  async run(): Promise<void> {
    while (!this.hasEnded) {
      // while the database is away there is nothing to be seen, and what waits goes on waiting
      await this.sample().catch(() => undefined);
      await wait(SAMPLE_MS);
    }
  }

  end(): void {
    this.hasEnded = true;
  }

  private async sample(): Promise<void> {
    const began = performance.now();
    const waiting = await waitingIn(this.accountIds);
    const since = new Map<string, number>();
    for (const { kind, key } of waiting) {
      const from = this.since.get(key) ?? this.last;
      since.set(key, from);
      const [total, withoutOutages] = [began - from, began - from - this.outages.between(from, began)];
      const longest = this.longest.get(kind);
      if (longest && total / 1000 > longest.total) longest.total = total / 1000;
      if (longest && withoutOutages / 1000 > longest.withoutOutages) {
        longest.withoutOutages = withoutOutages / 1000;
        longest.what = `${key} at ${Math.round(began / 1000)} s`;
      }
    }
    this.since = since;
    this.last = began;
    this.samples += 1;
  }
}

/** When the database or Slack were away. */
export class Outages {
  private readonly all: { from: number; to: number }[] = [];

  begin(): () => void {
    const outage = { from: performance.now(), to: Number.POSITIVE_INFINITY };
    this.all.push(outage);
    return () => {
      outage.to = performance.now();
    };
  }

  /** Milliseconds between two instants; two outages at once count once. */
  between(from: number, to: number): number {
    let [sum, until] = [0, from];
    for (const outage of [...this.all].sort((a, b) => a.from - b.from)) {
      const begin = Math.max(until, outage.from);
      const end = Math.min(to, outage.to);
      if (end > begin) [sum, until] = [sum + end - begin, end];
    }
    return sum;
  }
}

/** Log entries without a number or not dealt with by a channel, imports that are not done, estimates that are not computed. */
async function waitingIn(accountIds: readonly string[]): Promise<{ kind: Kind; key: string }[]> {
  const of = { accountId: { $in: [...accountIds] } };
  const unnumbered = await Events.find({ ...of, waiting: true }, { _id: 1 }).lean();
  const imports = await Imports.find({ ...of, state: { $in: ['queued', 'running'] } }, { _id: 1 }).lean();
  const touched = await Invoices.find({ ...of, state: 'estimate', touchedAt: { $ne: null } }, { computedAt: 1 }).lean();
  const waiting: { kind: Kind; key: string }[] = [
    ...unnumbered.map(({ _id }) => ({ kind: 'log entry' as const, key: `event ${_id}` })),
    ...imports.map(({ _id }) => ({ kind: 'import' as const, key: String(_id) })),
    // one that was computed since, and touched again, waits anew
    ...touched.map(({ _id, computedAt }) => ({ kind: 'estimate' as const, key: `${_id} ${computedAt?.getTime()}` })),
  ];
  for (const { _id, accountId, position } of await Subscriptions.find(of, { accountId: 1, position: 1 }).lean()) {
    const behind = await Events.find({ accountId, logEntryId: { $gt: position } }, { logEntryId: 1 }).lean();
    waiting.push(...behind.map(({ logEntryId }) => ({ kind: 'log entry' as const, key: `${_id} ${logEntryId}` })));
  }
  return waiting;
}
