import { type LinesOf, linesIn } from '../../../store/invoicing/current-lines.ts';
import { invoiceById } from '../../../store/invoicing/invoice-reads.ts';
import {
  forgetBegun,
  hasBegun,
  keepNote,
  type LeftoversDoc,
  leftoversUpTo,
} from '../../../store/invoicing/line-leftovers.ts';
import { deleteLines, eachLeftover, keepLines, type Leftover } from '../../../store/invoicing/line-writes.ts';
import { fenceLease, type Lease } from '../../../store/kit/leases.ts';
import { outsideRequests } from '../../../store/kit/request-keys.ts';
import { eachOfAll, type Loop } from '../../background/each-of-all.ts';
import { Hold, HoldLost } from '../../background/held-lease.ts';
import type { Ctx } from '../../kit/context.ts';
import { type Change, inTransaction } from '../../kit/transaction.ts';

/** How long lines stay that were replaced, because someone may be reading them. */
const KEPT_MS = 600_000;
/** How many invoices are cleaned up in one tick. */
const BATCH = 20;
/** How many are looked at, so that those that can't be cleaned up don't take the places of others. */
const MOST_NOTES = 1_000;
/** How many lines one transaction deletes. */
const AT_ONCE = 1000;
/** How long a killed process keeps the lease on an invoice's lines, at most. Tests change it. */
export const LINES_LEASE = { ms: 15_000 };

const CLEANING: Loop<LeftoversDoc> = {
  kind: 'line-leftovers',
  name: ({ _id: id, accountId }) => ({ id, accountId, invoiceId: id }),
  inTurn: true,
};

/** The name of the lease on writing an invoice's lines ahead. */
export function linesLease(invoiceId: string): string {
  return `lines:${invoiceId}`;
}

/**
 * Deletes the lines that no invoice has: those that were replaced a while ago, and those that a killed process wrote for
 * a version that its invoice never got. @returns how many invoices had any
 */
export async function dropLeftovers(ctx: Ctx): Promise<number> {
  const upTo = new Date(ctx.clock.now().getTime() - KEPT_MS);
  const found = await leftoversUpTo(upTo, MOST_NOTES);
  let cleaned = 0;
  await eachOfAll(ctx, CLEANING, found, async (one) => {
    if (cleaned < BATCH && (await dropLeftoversOf(ctx, one))) cleaned += 1;
  });
  return cleaned;
}

/** @returns false if a process is writing lines at the moment */
async function dropLeftoversOf(ctx: Ctx, { _id, accountId, version }: LeftoversDoc): Promise<boolean> {
  const hold = await Hold.claim(linesLease(_id), LINES_LEASE.ms);
  if (!hold) return false;
  try {
    const of = linesIn((await invoiceById(accountId, _id)) ?? { _id, accountId });
    await drop(ctx, hold.lease, of, Math.min(version, of.version));
    // what was replaced since then stays a while longer
    const later = of.version > version ? { version: of.version, since: ctx.clock.now() } : undefined;
    await inStep(ctx, hold.lease, (tx) => keepNote(tx, of, later));
    return true;
  } finally {
    await hold.free();
  }
}

/** Deletes what a killed process wrote for a version that the invoice never got. */
export async function dropUnused(ctx: Ctx, lease: Lease, of: LinesOf): Promise<void> {
  if (!(await hasBegun(of))) return;
  await drop(ctx, lease, of, 0);
  await inStep(ctx, lease, (tx) => forgetBegun(tx, of));
}

/** @param replaced the latest version whose replaced lines are deleted */
async function drop(ctx: Ctx, lease: Lease, of: LinesOf, replaced: number): Promise<void> {
  let some: Leftover[] = [];
  const dropSome = async () => {
    const gone = some.filter(({ since = 0, until }) => since > of.version || (until ?? of.version + 1) <= replaced);
    const kept = some.filter((one) => !gone.includes(one));
    await inStep(ctx, lease, async (tx) => {
      await deleteLines(
        tx,
        of.accountId,
        gone.map(({ _id }) => _id),
      );
      await keepLines(
        tx,
        of.accountId,
        kept.map(({ _id }) => _id),
      );
    });
    some = [];
  };
  for await (const one of eachLeftover(of, replaced)) if (some.push(one) === AT_ONCE) await dropSome();
  if (some.length > 0) await dropSome();
}

/**
 * One of several transactions that prepare a change, by the holder of a lease. It isn't the change itself, so it leaves the
 * key of a request to it. @throws {HoldLost} if another process may hold the lease by now
 */
export async function inStep(ctx: Ctx, lease: Lease, change: (tx: Change) => Promise<void>): Promise<void> {
  await outsideRequests(() =>
    inTransaction(ctx, async (tx) => {
      if (!(await fenceLease(tx, lease))) throw new HoldLost(`${lease.name} is held by another process`);
      await change(tx);
    }),
  );
}
