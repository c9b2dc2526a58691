import { count } from '../../billing/money/count.ts';
import type { SourceDoc } from '../../store/sources/sources.ts';
import type { Hold } from '../background/held-lease.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import { isAsked, underHold } from './run-changes.ts';

/** How a run has ended. */
export interface RunOutcome {
  /** What it found, in a sentence. */
  readonly found: string;
  /** When to look again: `soon` if something is incomplete, `at once` if another import was running. */
  readonly next: 'in time' | 'soon' | 'at once';
  /** When to look again at the latest, in milliseconds: files that are still being written count then. */
  readonly settlesInMs?: number | undefined;
  /** What failed, in sentences; undefined if nothing did. */
  readonly failure?: { readonly reason: string; readonly isLasting: boolean } | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** The pause before a run that continues an incomplete one. */
const SOON_MS = 10 * MINUTE_MS;
/** The pause before a run that another import of the account has prevented. */
const AT_ONCE_MS = 20_000;
/** The pause after the first failure. It doubles with each one, up to the source's own interval. */
const FIRST_PAUSE_MS = MINUTE_MS;
/** A failure that may pass is reported after this many in a row. */
const PASSING_FAILURES = 3;

/**
 * Stores how a run has ended and when the next one is due, and notifies people of failures and of silence.
 *
 * @param run with the source as it was when the run started
 * @throws {SourceGone} {HoldLost}
 */
export async function noteOutcome(
  ctx: Ctx,
  run: { readonly source: SourceDoc; readonly hold: Hold },
  outcome: RunOutcome,
): Promise<void> {
  await underHold(ctx, run, async (tx, source) => {
    const now = tx.clock.now();
    const change = outcome.failure
      ? await failed(tx, source, outcome.failure)
      : await worked(tx, source, outcome.next === 'soon');
    // what was requested while it ran may have come too late for this run
    const nextRunAt = isAsked(run, source)
      ? source.nextRunAt
      : source.nextRunAt && new Date(now.getTime() + pauseOf(source, outcome));
    return { ...change, nextRunAt, lastRunAt: now, outcome: outcome.found };
  });
}

async function failed(
  tx: Change,
  source: SourceDoc,
  { reason, isLasting }: NonNullable<RunOutcome['failure']>,
): Promise<Partial<SourceDoc>> {
  const now = tx.clock.now();
  const failures = source.failures + 1;
  const failingSince = source.failingSince ?? now;
  const change = { failures, failingSince, failure: reason };
  const { failureToldAt } = source;
  const isDue = failureToldAt === null || now.getTime() - failureToldAt.getTime() >= DAY_MS;
  if (!isDue || !(isLasting || failures >= PASSING_FAILURES)) return change;
  const days = Math.floor((now.getTime() - failingSince.getTime()) / DAY_MS);
  const why = reason.replace(/\.$/, '');
  await tx.record({
    accountId: source.accountId,
    type: 'source_failing',
    description:
      failureToldAt === null
        ? `Could not import source "${source.name}": ${why}`
        : `For ${count(days, 'day')}, nothing could be imported from source "${source.name}": ${why}`,
    after: { source: source._id, failures, since: failingSince.toISOString() },
  });
  return { ...change, failureToldAt: now };
}

async function worked(tx: Change, source: SourceDoc, isIncomplete: boolean): Promise<Partial<SourceDoc>> {
  const now = tx.clock.now();
  const { accountId, name, failureToldAt, silentToldAt, lastNewAt, silentDays } = source;
  if (failureToldAt) {
    const description = `Source "${name}" can be imported again`;
    await tx.record({ accountId, type: 'source_recovered', description, after: { source: source._id } });
  }
  const well = { failures: 0, failingSince: null, failure: null, failureToldAt: null };
  const isSilent = now.getTime() - lastNewAt.getTime() >= silentDays * DAY_MS;
  if (!isSilent || silentToldAt) return well;
  const what = isIncomplete ? 'nothing complete' : 'nothing new';
  await tx.record({
    accountId,
    type: 'source_silent',
    description: `Source "${name}" has had ${what} for ${count(silentDays, 'day')}`,
    after: { source: source._id, since: lastNewAt.toISOString() },
  });
  return { ...well, silentToldAt: now };
}

/** In milliseconds. */
function pauseOf(source: SourceDoc, outcome: RunOutcome): number {
  return Math.min(usualPauseOf(source, outcome), outcome.settlesInMs ?? Number.POSITIVE_INFINITY);
}

function usualPauseOf({ everyHours, failures }: SourceDoc, { failure, next }: RunOutcome): number {
  const interval = everyHours * HOUR_MS;
  if (failure && !failure.isLasting) return Math.min(interval, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
  if (next === 'at once') return AT_ONCE_MS;
  return next === 'soon' ? Math.min(interval, SOON_MS) : interval;
}
