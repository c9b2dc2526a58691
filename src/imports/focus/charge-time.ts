import { DateTime } from 'luxon';
import { instant, UnreadableRow } from './focus-cells.ts';
import type { RowCells } from './focus-charge.ts';

/** The instants between which a file's charges may start. */
export interface TimeLimits {
  /** The time of the import. Without it, no charge counts as being in the future. */
  readonly now?: Date;
  /** The earliest instant at which a charge may start, instead of the default limit. */
  readonly since?: Date;
}

/** When a charge was made, and on which bill of the provider it is. */
export interface ChargeTime {
  /**
   * The provider's billing period, such as `2024-09`: the month that starts at midnight in the provider's time zone.
   */
  readonly billingMonth: string;
  readonly begin: Date;
  readonly end: Date;
}

/** How many months before its billing month a charge may start (domain.md, Imported costs). */
export const MAX_MONTHS_BACK = 24;
/** How many days ahead a charge may start (domain.md, Imported costs). */
export const MAX_DAYS_AHEAD = 62;
/**
 * The earliest billing month accepted (our rule). 1970 is a zero in a spreadsheet, even if the billing period says so.
 */
const MAX_YEARS_BACK = 10;

const DAY_MS = 86_400_000;

/** @throws UnreadableRow for dates that are invalid, in the wrong order, or implausible */
export function chargeTime(row: RowCells, limits: TimeLimits = {}): ChargeTime {
  const begin = instant('ChargePeriodStart', row.text('ChargePeriodStart'));
  const end = instant('ChargePeriodEnd', row.text('ChargePeriodEnd'));
  if (end.milliseconds < begin.milliseconds) {
    throw new UnreadableRow('ChargePeriodEnd', 'The charge ends before it begins.', row.text('ChargePeriodEnd'));
  }
  const billed = row.text('BillingPeriodStart');
  const billingMonth = billed === null ? begin.month : instant('BillingPeriodStart', billed).monthBegun;
  const why = whyImpossible(begin.milliseconds, billingMonth, limits);
  if (why !== undefined) throw new UnreadableRow('ChargePeriodStart', why, row.text('ChargePeriodStart'));
  return { billingMonth, begin: new Date(begin.milliseconds), end: new Date(end.milliseconds) };
}

function whyImpossible(begin: number, billingMonth: string, { now, since }: TimeLimits): string | undefined {
  if (now !== undefined && begin > now.getTime() + MAX_DAYS_AHEAD * DAY_MS) {
    return `The charge begins more than ${MAX_DAYS_AHEAD} days in the future.`;
  }
  if (since !== undefined) {
    return begin < since.getTime()
      ? `The charge begins before ${dayOf(since)}, the date given with --since.`
      : undefined;
  }
  if (begin < earliestBegin(billingMonth)) {
    return `The charge begins more than ${MAX_MONTHS_BACK} months before its billing month, ${billingMonth}. If that’s correct, import the file from the command line with --since ${new Date(begin).toISOString().slice(0, 10)}.`;
  }
  if (now !== undefined && begin < now.getTime() - MAX_YEARS_BACK * 366 * DAY_MS) {
    return `The charge is more than ${MAX_YEARS_BACK} years old. If that’s correct, import the file from the command line with --since ${new Date(begin).toISOString().slice(0, 10)}.`;
  }
  return undefined;
}

let known = { billingMonth: '', earliest: 0 };

/**
 * The first instant of the month 24 months before a billing month. Clocks ahead of UTC reach it up to 14 hours earlier.
 */
function earliestBegin(billingMonth: string): number {
  if (known.billingMonth !== billingMonth) {
    const month = DateTime.fromISO(billingMonth, { zone: 'utc' }).minus({ months: MAX_MONTHS_BACK, hours: 14 });
    known = { billingMonth, earliest: month.toMillis() };
  }
  return known.earliest;
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
