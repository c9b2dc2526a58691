import { DateTime } from 'luxon';
import { instant, UnreadableRow } from './focus-cells.ts';
import type { RowCells } from './focus-charge.ts';
import type { Instant } from './focus-values.ts';

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
/** How many months after the start of its billing month a charge may start (our rule), as with prepaid commitments. */
const MONTHS_PREPAID = 12;
/** How many days ahead a charge may start (domain.md, Imported costs). */
export const MAX_DAYS_AHEAD = 62;
/**
 * The earliest billing month accepted (our rule). 1970 is a zero in a spreadsheet, even if the billing period says so.
 */
const MAX_YEARS_BACK = 10;
/**
 * How long a charge or a billing period may last (our rule): the longest commitments that providers sell are for five
 * years. More is a date such as 9999-12-31.
 */
const MAX_YEARS_LONG = 5;

const DAY_MS = 86_400_000;

/** @throws UnreadableRow for dates that are invalid, in the wrong order, or implausible */
export function chargeTime(row: RowCells, limits: TimeLimits = {}): ChargeTime {
  const begin = instant('ChargePeriodStart', row.text('ChargePeriodStart'));
  const end = instant('ChargePeriodEnd', row.text('ChargePeriodEnd'));
  if (end.milliseconds < begin.milliseconds) {
    throw new UnreadableRow('ChargePeriodEnd', 'The charge ends before it begins.', row.text('ChargePeriodEnd'));
  }
  if (lastsTooLong(begin, end)) {
    const reason = `The charge lasts more than ${MAX_YEARS_LONG} years.`;
    throw new UnreadableRow('ChargePeriodEnd', reason, row.text('ChargePeriodEnd'));
  }
  const billed = billingPeriodOf(row);
  const billingMonth = billed?.monthBegun ?? begin.month;
  const why = whyImpossible(begin.milliseconds, billingMonth, limits);
  if (why !== undefined) throw new UnreadableRow('ChargePeriodStart', why, row.text('ChargePeriodStart'));
  const whyPeriod = billed && whyPeriodImpossible(billed, begin, limits);
  if (whyPeriod !== undefined) throw new UnreadableRow('BillingPeriodStart', whyPeriod, row.text('BillingPeriodStart'));
  return { billingMonth, begin: new Date(begin.milliseconds), end: new Date(end.milliseconds) };
}

/** The start of the billing period; undefined if the row has none. */
function billingPeriodOf(row: RowCells): Instant | undefined {
  const [start, end] = [row.text('BillingPeriodStart'), row.text('BillingPeriodEnd')];
  const began = start === null ? undefined : instant('BillingPeriodStart', start);
  const ended = end === null ? undefined : instant('BillingPeriodEnd', end);
  if (began && ended && ended.milliseconds < began.milliseconds) {
    throw new UnreadableRow('BillingPeriodEnd', 'The billing period ends before it begins.', end);
  }
  if (began && ended && lastsTooLong(began, ended)) {
    throw new UnreadableRow('BillingPeriodEnd', `The billing period lasts more than ${MAX_YEARS_LONG} years.`, end);
  }
  return began;
}

/** The billing month decides what a replacement replaces, so it can't be far from the charge or from today. */
function whyPeriodImpossible(billed: Instant, begin: Instant, { now }: TimeLimits): string | undefined {
  if (now !== undefined && billed.milliseconds > now.getTime() + MAX_DAYS_AHEAD * DAY_MS) {
    return `The billing period begins more than ${MAX_DAYS_AHEAD} days in the future.`;
  }
  if (begin.milliseconds >= latestBegin(billed.monthBegun)) {
    return `The charge begins ${MONTHS_PREPAID} months or more after its billing month, ${billed.monthBegun}.`;
  }
  return undefined;
}

function lastsTooLong(begin: Instant, end: Instant): boolean {
  // two leap days, and a day for time zones
  return end.milliseconds - begin.milliseconds > (MAX_YEARS_LONG * 365 + 3) * DAY_MS;
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

let known = { billingMonth: '', earliest: 0, latest: 0 };

/**
 * The first instant of the month 24 months before a billing month. Clocks ahead of UTC reach it up to 14 hours earlier.
 */
function earliestBegin(billingMonth: string): number {
  return limitsOf(billingMonth).earliest;
}

/** The instant before which a charge of a billing month starts: 12 months after it began. Clocks behind UTC reach it up to 12 hours later. */
function latestBegin(billingMonth: string): number {
  return limitsOf(billingMonth).latest;
}

function limitsOf(billingMonth: string): typeof known {
  if (known.billingMonth !== billingMonth) {
    const month = DateTime.fromISO(billingMonth, { zone: 'utc' });
    const earliest = month.minus({ months: MAX_MONTHS_BACK, hours: 14 });
    const latest = month.plus({ months: MONTHS_PREPAID, hours: 12 });
    known = { billingMonth, earliest: earliest.toMillis(), latest: latest.toMillis() };
  }
  return known;
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
