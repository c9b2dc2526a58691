import { setTimeout as wait } from 'node:timers/promises';
import { latestDue } from '../../../src/billing/period/period.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { Charges } from '../../../src/store/settlement/payments.ts';
import type { Trace } from './trace.ts';

const SAMPLE_MS = 2_000;
export const KINDS = ['log entry', 'message', 'import', 'import report', 'estimate', 'invoice', 'charge'] as const;
export type Kind = (typeof KINDS)[number];

/** The longest wait in seconds: in total, and without the time that the database or Slack were unavailable. */
export interface Longest {
  total: number;
  withoutOutages: number;
  what: string;
}

export interface Waiting {
  readonly accountId: string;
  readonly kind: Kind;
  readonly key: string;
}

/** What is waiting to be done, and since when, counted from the sample before the first in which it was seen. */
export class Lateness {
  samples = 0;
  private readonly all = new Map<string, Longest>();
  private readonly accountIds: readonly string[];
  private readonly outages: Outages;
  private readonly trace: Trace;
  private since = new Map<string, number>();
  private last = performance.now();
  private hasEnded = false;

  constructor(accountIds: readonly string[], outages: Outages, trace: Trace) {
    this.accountIds = accountIds;
    this.outages = outages;
    this.trace = trace;
  }

  async run(): Promise<void> {
    this.last = performance.now();
    while (!this.hasEnded) {
      // while the database is unavailable nothing can be read, and waiting continues
      await this.sample().catch(() => undefined);
      await wait(SAMPLE_MS);
    }
  }

  end(): void {
    this.hasEnded = true;
  }

  longestOf(accountId: string, kind: Kind): Longest {
    return this.all.get(`${accountId} ${kind}`) ?? { total: 0, withoutOutages: 0, what: '' };
  }

  private async sample(): Promise<void> {
    const began = performance.now();
    const waiting = await waitingIn(this.accountIds);
    const since = new Map<string, number>();
    for (const one of waiting) {
      const from = this.since.get(one.key) ?? this.last;
      since.set(one.key, from);
      this.note(one, from, began);
    }
    await this.trace.look(waiting, since, began);
    this.since = since;
    this.last = began;
    this.samples += 1;
  }

  private note({ accountId, kind, key }: Waiting, from: number, now: number): void {
    const total = (now - from) / 1000;
    const withoutOutages = total - this.outages.between(from, now) / 1000;
    const before = this.longestOf(accountId, kind);
    if (total <= before.total && withoutOutages <= before.withoutOutages) return;
    const what = total > before.total ? `${key} at ${Math.round(now / 1000)} s` : before.what;
    const longest = { total: Math.max(total, before.total), what };
    this.all.set(`${accountId} ${kind}`, {
      ...longest,
      withoutOutages: Math.max(withoutOutages, before.withoutOutages),
    });
  }
}

/** When the database or Slack were unavailable. */
export class Outages {
  private readonly all: { from: number; to: number }[] = [];

  begin(): () => void {
    const outage = { from: performance.now(), to: Number.POSITIVE_INFINITY };
    this.all.push(outage);
    return () => {
      outage.to = performance.now();
    };
  }

  /** Milliseconds between two instants; overlapping outages count once. */
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

/** Everything that is due in these accounts and not done yet. */
export async function waitingIn(accountIds: readonly string[]): Promise<Waiting[]> {
  const of = { accountId: { $in: [...accountIds] } };
  const unnumbered = await Events.find({ ...of, waiting: true }, { accountId: 1 }).lean();
  const imports = await Imports.find(
    { ...of, $or: [{ state: { $in: ['queued', 'running', 'interrupted'] } }, { told: false, state: 'finished' }] },
    { accountId: 1, state: 1 },
  ).lean();
  const touched = { state: 'estimate', touchedAt: { $ne: null } } as const;
  // an amount too small for a card waits for the next invoice, and isn't late
  const charged = { state: 'due', 'life.notCharged': { $exists: false } } as const;
  const invoices = await Invoices.find(
    { ...of, $or: [touched, { state: 'draft' }, charged] },
    { accountId: 1, state: 1, computedAt: 1 },
  ).lean();
  const open = await Charges.find({ ...of, state: 'open' }, { accountId: 1 }).lean();
  return [
    ...unnumbered.map(({ _id, accountId }) => ({ accountId, kind: 'log entry' as const, key: `event ${_id}` })),
    ...imports.map(({ _id, accountId, state }) => {
      const kind = state === 'finished' ? ('import report' as const) : ('import' as const);
      return { accountId, kind, key: `${kind} ${_id}` };
    }),
    ...invoices.map(({ _id, accountId, state, computedAt }) => {
      const kind = state === 'estimate' ? ('estimate' as const) : state === 'due' ? ('charge' as const) : 'invoice';
      // an estimate that was computed and then touched again waits again
      return { accountId, kind, key: `${kind} ${_id} ${state === 'estimate' ? computedAt?.getTime() : ''}` } as const;
    }),
    ...open.map(({ _id, accountId }) => ({ accountId, kind: 'charge' as const, key: `charge ${_id}` })),
    ...(await untold(accountIds)),
    ...(await monthsNotClosed(accountIds)),
  ];
}

/** Log entries that haven't been posted in a channel, or skipped, yet. */
async function untold(accountIds: readonly string[]): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  const of = { accountId: { $in: [...accountIds] } };
  for (const { _id, accountId, position } of await Subscriptions.find(of, { accountId: 1, position: 1 }).lean()) {
    const behind = await Events.find({ accountId, logEntryId: { $gt: position } }, { logEntryId: 1 }).lean();
    waiting.push(
      ...behind.map(({ logEntryId }) => ({ accountId, kind: 'message' as const, key: `message ${_id} ${logEntryId}` })),
    );
  }
  return waiting;
}

/** Groups whose next invoice is due by their account's clock. */
async function monthsNotClosed(accountIds: readonly string[]): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  for (const { _id: accountId, timeZone, closeDelayHours } of await Accounts.find({
    _id: { $in: accountIds },
  }).lean()) {
    const due = latestDue(new Date(), timeZone, closeDelayHours);
    for (const { _id, nextPeriod } of await Groups.find({ accountId, nextPeriod: { $lte: due } }).lean())
      waiting.push({ accountId, kind: 'invoice', key: `invoice of ${_id} for ${nextPeriod}` });
  }
  return waiting;
}
