import type { Candidate } from '../../billing/source/deliveries.ts';
import { importById } from '../../store/costs/import-queries.ts';
import { fenceLease } from '../../store/kit/leases.ts';
import { putDelivery } from '../../store/sources/delivery-queries.ts';
import { sourceById, updateSource } from '../../store/sources/source-queries.ts';
import type { DeliveryDoc, SourceDoc } from '../../store/sources/sources.ts';
import { HoldLost } from '../background/held-lease.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { isReadTheSame, recordRestated, type SourceRun, stateOf } from './deliver.ts';
import { lastImported } from './delivered-files.ts';

/** The source was removed or edited while it was read. */
export class SourceGone extends Error {
  override readonly name = 'SourceGone';
}

/** A delivery's files, and what was known of it before. */
export interface Delivered {
  readonly candidate: Candidate;
  readonly before: DeliveryDoc | undefined;
}

/** Whether an import of it is, or was, to be confirmed, so that its loads may not be in place. */
export function isPending(before: DeliveryDoc | undefined): before is DeliveryDoc & { readonly importId: string } {
  return before !== undefined && before.importId !== null && (before.imported ?? null) !== null;
}

/**
 * What is known of a delivery, after its unconfirmed import has ended in the meantime. Files that a person declined stay
 * declined. Files whose confirmation came too late are imported again.
 */
export async function settled(
  ctx: Ctx,
  run: SourceRun,
  { candidate, before }: Delivered,
): Promise<DeliveryDoc | undefined> {
  if (!isPending(before)) return before;
  const found = await importById(before.accountId, before.importId);
  if (found?.state === 'unconfirmed') return before;
  const isConfirmed = found?.state === 'finished' && found.delivery?.name === before.name;
  const { counts = { read: 0, sums: {} }, finishedAt = null, changes = [], changeCount = 0 } = found ?? {};
  const [state, reason] = isConfirmed
    ? (['imported', null] as const)
    : found?.isDeclined
      ? (['declined', found.failure] as const)
      : (['waiting', null] as const);
  const now: DeliveryDoc = {
    ...before,
    ...(isConfirmed ? { rows: counts.read, sums: counts.sums, importedAt: finishedAt } : lastImported(before)),
    imported: null,
    // otherwise the state is about newer files
    ...(before.state === 'unconfirmed' && { state, reason }),
  };
  await underHold(ctx, run, async (tx, source) => {
    await putDelivery(tx, now);
    if (!isConfirmed) return {};
    await recordRestated(tx, source, { candidate, changes, changeCount });
    return { lastNewAt: finishedAt ?? tx.clock.now(), silentToldAt: null };
  });
  return now;
}

/**
 * Stores the state of a delivery that isn't imported. If a person requested another run meanwhile, a refused one is read
 * again then: the reason may have been fixed, such as by a new mapping.
 *
 * @throws {SourceGone} {HoldLost}
 */
export async function note(
  ctx: Ctx,
  run: SourceRun,
  { candidate, before }: Delivered,
  state: Pick<DeliveryDoc, 'state' | 'reason' | 'hasUnknownLayout'>,
): Promise<void> {
  await underHold(ctx, run, async (tx, source) => {
    const isReadAgain = state.state === 'refused' && isAsked(run, source);
    const noted = isReadAgain ? { ...state, state: 'waiting' as const } : state;
    await putDelivery(tx, { ...stateOf(tx, source, candidate, before), ...noted });
    return {};
  });
}

/** Whether a person has requested another run, or paused the source, since this one started. */
export function isAsked({ source: before }: Pick<SourceRun, 'source'>, source: SourceDoc): boolean {
  return source.nextRunAt?.getTime() !== before.nextRunAt?.getTime();
}

/**
 * Changes what is known of a source, and the source itself, so that this conflicts with its removal.
 *
 * @throws {SourceGone} {HoldLost}
 */
export function underHold(
  ctx: Ctx,
  { hold, source: before }: Pick<SourceRun, 'hold' | 'source'>,
  change: (tx: Change, source: SourceDoc) => Promise<Partial<SourceDoc>>,
): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    if (!(await fenceLease(tx, hold.lease))) throw new HoldLost('Another process reads this source by now');
    const source = await sourceById(before.accountId, before._id);
    if (!source || !isReadTheSame(source, before)) {
      throw new SourceGone('The source was removed or edited while it was read');
    }
    await updateSource(tx, source, await change(tx, source));
  });
}
