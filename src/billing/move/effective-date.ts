import { dayNameIn, momentNameIn } from '../period/day.ts';
import { periodAt, periodName } from '../period/period.ts';
import type { Effect } from './move.ts';

/** When a move takes effect, and when it was to, where an approver agreed to a later date. */
export interface EffectiveDate {
  readonly effect: Effect;
  readonly effectAt: Date;
  /** What was requested; absent where it is the same. */
  readonly wantedAt?: Date;
}

/** When a move takes effect, in the account's time zone: a day, and the time where the move takes effect within a month. */
export function effectiveFrom(effect: Effect, at: Date, zone: string): string {
  return effect === 'now' ? momentNameIn(at, zone) : dayNameIn(at, zone);
}

/**
 * The same for a request: of one that was approved for a later date also the date that was requested, and why it was no
 * longer possible: `1 December 2026 instead of 1 November 2026, because November 2026 has been invoiced`.
 */
export function effectiveDateText({ effect, effectAt, wantedAt }: EffectiveDate, zone: string): string {
  if (!wantedAt) return effectiveFrom(effect, effectAt, zone);
  const invoiced = periodName(periodAt(wantedAt, zone));
  const wanted = effectiveFrom(effect, wantedAt, zone);
  return `${dayNameIn(effectAt, zone)} instead of ${wanted}, because ${invoiced} has been invoiced`;
}
