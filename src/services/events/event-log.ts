import { breakIn, FIRST_HASH, hashOf, type LogEntry, type NewEvent } from '../../billing/event/event.ts';
import {
  accountsWithWaitingEvents,
  eventsAfter,
  eventsBetween,
  hasEntryAfter,
  lastEntry,
  waitingEvents,
} from '../../store/events/event-reads.ts';
import { type EventDoc, type EventPlace, placeEvents } from '../../store/events/events.ts';
import { claimLease, freeLease, renewLease } from '../../store/kit/leases.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import type { Ctx } from '../kit/context.ts';
import { actorNames } from '../workspaces/people.ts';

const LEASE_MS = 10_000;
const BATCH = 500;
/** How many entries are checked with one query. */
const VERIFY_BATCH = 5_000;

/**
 * Adds pending events to their account's log: assigns the next number, and the hash that chains it to the previous
 * entry. A lease allows one writer at a time, but only saves work: if two overlap, the unique index on the number lets
 * one of them succeed, and the other starts again from the new state.
 *
 * @returns how many were numbered
 */
export async function numberEvents(ctx: Ctx): Promise<number> {
  const accounts = await accountsWithWaitingEvents();
  const loop: Loop<string> = {
    kind: 'log',
    whole: 'everywhere',
    name: (id) => ({ id, accountId: id }),
    atOnce: 4,
    inTurn: true,
  };
  let numbered = 0;
  try {
    await eachOfAll(ctx, loop, accounts, async (accountId) => {
      const done = await numberAccount(ctx, accountId);
      numbered += done;
    });
  } finally {
    if (numbered > 0) {
      ctx.nudge('news');
      ctx.nudge('home');
    }
  }
  return numbered;
}

/** The result of checking an account's log. */
export interface Verification {
  /** The number of intact entries, starting with the first. */
  readonly entries: number;
  /** The hash of the last intact entry. Comparing it with an earlier copy shows that nothing before it has changed. */
  readonly hash: string;
  /** The number at which the chain is broken; undefined if it is intact. */
  readonly brokenAt: number | undefined;
}

/** Checks the chain of an account's whole log by reading every entry. @throws {Refusal} `account_not_found` */
export async function verifyLog(ctx: Ctx, accountId: string): Promise<Verification> {
  await admit(ctx, accountId, 'see');
  let previous = { number: 0, hash: FIRST_HASH };
  for (;;) {
    const entries = await entriesBetween(accountId, previous.number, previous.number + VERIFY_BATCH);
    const brokenAt = breakIn(entries, previous);
    const sound = brokenAt === undefined ? entries.length : brokenAt - previous.number - 1;
    const last = entries[sound - 1];
    if (last) previous = { number: last.logEntryId, hash: last.hash };
    const { number, hash } = previous;
    if (brokenAt !== undefined) return { entries: number, hash, brokenAt };
    if (entries.length === VERIFY_BATCH) continue;
    // a gap may be larger than what is read at once
    const isLast = !(await hasEntryAfter(accountId, number));
    return { entries: number, hash, brokenAt: isLast ? undefined : number + 1 };
  }
}

/** The entries of an account's log after a number, in log order. */
export async function entriesAfter(accountId: string, logEntryId: number, limit: number): Promise<LogEntry[]> {
  return (await eventsAfter(accountId, logEntryId, limit)).map(toEntry);
}

/** The entries with numbers above the first and up to the second, in log order. */
async function entriesBetween(accountId: string, above: number, upTo: number): Promise<LogEntry[]> {
  return (await eventsBetween(accountId, above, upTo)).map(toEntry);
}

async function numberAccount(ctx: Ctx, accountId: string): Promise<number> {
  const lease = await claimLease(`log:${accountId}`, LEASE_MS);
  if (!lease) return 0;
  try {
    let numbered = 0;
    for (;;) {
      const done = await numberBatch(ctx, accountId);
      numbered += done;
      if (done < BATCH) return numbered;
      if (!(await renewLease(lease, LEASE_MS))) return numbered;
    }
  } finally {
    await freeLease(lease);
  }
}

async function numberBatch(ctx: Ctx, accountId: string): Promise<number> {
  const head = await lastEntry(accountId);
  const waiting = await waitingEvents(accountId, BATCH);
  let previousHash = head?.hash ?? FIRST_HASH;
  let logEntryId = head?.logEntryId ?? 0;
  const places: EventPlace[] = waiting.map((event) => {
    logEntryId += 1;
    const hash = hashOf({ ...toNews(event), createTime: event.createTime, logEntryId, previousHash });
    const place = { _id: event._id, logEntryId, previousHash, hash };
    previousHash = hash;
    return place;
  });
  // asks for their names before the API shows the entries
  await actorNames(
    ctx,
    accountId,
    waiting.map(({ actor }) => actor),
  );
  return placeEvents(accountId, places);
}

function toNews(doc: EventDoc): NewEvent {
  return {
    accountId: doc.accountId,
    type: doc.type,
    description: doc.description,
    actor: doc.actor,
    ...(doc.billingGroupId !== null && { billingGroupId: doc.billingGroupId }),
    ...(doc.projectId !== null && { projectId: doc.projectId }),
    ...(doc.invoiceId !== null && { invoiceId: doc.invoiceId }),
    before: (doc.before ?? null) as NonNullable<NewEvent['before']> | null,
    after: (doc.after ?? null) as NonNullable<NewEvent['after']> | null,
  };
}

function toEntry(doc: EventDoc): LogEntry {
  const { logEntryId, previousHash, hash } = doc;
  if (logEntryId === undefined || previousHash === undefined || hash === undefined) {
    throw new Error(`Event ${doc._id} isn’t numbered yet`);
  }
  return { ...toNews(doc), createTime: doc.createTime, logEntryId, previousHash, hash };
}
