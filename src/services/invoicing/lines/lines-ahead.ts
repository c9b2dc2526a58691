import { replaceTrails } from '../../../store/invoicing/invoice-trails.ts';
import { endBegun, noteBegun } from '../../../store/invoicing/line-leftovers.ts';
import { endInVersion, writeForVersion } from '../../../store/invoicing/line-writes.ts';
import type { Lease } from '../../../store/kit/leases.ts';
import type { Tx } from '../../../store/kit/transaction.ts';
import type { Ctx } from '../../kit/context.ts';
import type { Change } from '../../kit/transaction.ts';
import { dropUnused, inStep } from './leftovers.ts';
import type { LineDifferences } from './stored-lines.ts';

/** How many lines one transaction writes. */
const AT_ONCE = 500;

/**
 * Writes the lines that an invoice lacks before it has them, for its next version, in transactions of some lines each.
 * Until the invoice gets that version (`useLines`), it has its present lines. Only the holder of the lease may write
 * them, so every transaction holds it.
 *
 * @returns the version that has the lines; the present one if no line differs
 * @throws {HoldLost} if another process may write the lines by now
 */
export async function writeLinesAhead(ctx: Ctx, lease: Lease, lines: LineDifferences): Promise<number> {
  const { of, changed, added, removed, lineAt } = lines;
  if (changed.length === 0 && added.length === 0 && !removed) return of.version;
  const next = of.version + 1;
  const step = (change: (tx: Change) => Promise<void>) => inStep(ctx, lease, change);
  await dropUnused(ctx, lease, of);
  await step((tx) => noteBegun(tx, of, next, ctx.clock.now()));
  if (removed) {
    for (let after = removed.after; after < removed.last; after += AT_ONCE)
      await step((tx) => endInVersion(tx, of, next, { after, upTo: after + AT_ONCE }));
    // an earlier version of the product may have stored more than is known
    const { last } = removed;
    await step((tx) => endInVersion(tx, of, next, { after: last, upTo: Number.POSITIVE_INFINITY }));
  }
  for (const places of inParts(changed)) {
    await step(async (tx) => {
      await endInVersion(tx, of, next, places);
      await writeForVersion(tx, next, places.map(lineAt));
    });
  }
  for (const places of inParts(added)) await step((tx) => writeForVersion(tx, next, places.map(lineAt)));
  return next;
}

/**
 * What makes an invoice’s lines those that were written ahead, besides the invoice’s `linesVersion`, in the same
 * transaction.
 */
export async function useLines(tx: Tx, { of, trail }: Pick<LineDifferences, 'of' | 'trail'>): Promise<void> {
  await replaceTrails(tx, of.accountId, [trail]);
  await endBegun(tx, of);
}

function inParts(places: readonly number[]): number[][] {
  const parts: number[][] = [];
  for (let at = 0; at < places.length; at += AT_ONCE) parts.push(places.slice(at, at + AT_ONCE));
  return parts;
}
