import { dayNameIn, momentNameIn } from '../period/day.ts';
import { periodAt, periodName } from '../period/period.ts';
import type { Effect } from './move.ts';

/** When a move takes effect, and the requested date if an approver agreed to a later one. */
export interface EffectiveDate {
  readonly effect: Effect;
  readonly effectAt: Date;
  /** The requested instant; absent if it is the same. */
  readonly wantedAt?: Date;
}

/** When a move takes effect, in the account's time zone: a day, and the time if it takes effect immediately. */
export function effectiveFrom(effect: Effect, at: Date, zone: string): string {
  return effect === 'now' ? momentNameIn(at, zone) : dayNameIn(at, zone);
}

/**
 * The same for a request. If it was approved for a later date, the text includes the requested date and why it was no
 * longer possible: `1 December 2026 instead of 1 November 2026, because November 2026 has been invoiced`.
 */
export function effectiveDateText({ effect, effectAt, wantedAt }: EffectiveDate, zone: string): string {
  if (!wantedAt) return effectiveFrom(effect, effectAt, zone);
  const invoiced = periodName(periodAt(wantedAt, zone));
  const wanted = effectiveFrom(effect, wantedAt, zone);
  return `${dayNameIn(effectAt, zone)} instead of ${wanted}, because ${invoiced} has been invoiced`;
}
