import { DateTime } from 'luxon';
import { Decimal } from './money.ts';

/** What one unit of `base` is worth in `currency` on a day, as a source says. */
export interface Rate {
  readonly base: string;
  readonly currency: string;
  readonly rate: Decimal;
  /** YYYY-MM-DD */
  readonly date: string;
  /** `ECB`, or who entered it by hand. */
  readonly source: string;
}

/** The rate by which one currency is made another: what an amount is multiplied with. */
export interface ConversionRate {
  readonly from: string;
  readonly to: string;
  readonly rate: Decimal;
  readonly date: string;
  readonly source: string;
}

/** Whatever the European Central Bank publishes is the worth of one euro. */
export const ECB = 'ECB';
export const MANUAL = 'manual';
const EURO = 'EUR';
/** No rates are published on weekends and holidays; a rate older than this is none (ours). */
export const MOST_DAYS_OLD = 7;
/** Digits of a rate that had to be worked out from others; a published one is used as it is. */
const DIGITS = 10;

/** The earliest day whose rates may still be used on a day. */
export function oldestUsable(date: string): string {
  return DateTime.fromISO(date, { zone: 'utc' }).minus({ days: MOST_DAYS_OLD }).toFormat('yyyy-MM-dd');
}

/**
 * The rate from one currency to another that holds on a day: the latest that is no older than a week; for the same day
 * one entered by hand before a published one. Directly, the other way round, or by way of the euro, in this order; what
 * is worked out is rounded to ten digits, and those are what the invoice names.
 */
export function rateOn(rates: readonly Rate[], from: string, to: string, date: string): ConversionRate | undefined {
  const oldest = oldestUsable(date);
  const usable = rates.filter((rate) => rate.date <= date && rate.date >= oldest);
  return betweenTwo(usable, from, to) ?? byEuro(usable, from, to);
}

function betweenTwo(rates: readonly Rate[], from: string, to: string): ConversionRate | undefined {
  const direct = latest(rates, from, to);
  const inverse = latest(rates, to, from);
  if (direct && (!inverse || direct.date >= inverse.date)) {
    return { from, to, rate: direct.rate, date: direct.date, source: direct.source };
  }
  if (!inverse) return undefined;
  return { from, to, rate: cut(new Decimal(1).div(inverse.rate)), date: inverse.date, source: inverse.source };
}

function byEuro(rates: readonly Rate[], from: string, to: string): ConversionRate | undefined {
  const a = latest(rates, EURO, from);
  const b = latest(rates, EURO, to);
  if (!a || !b) return undefined;
  const source = a.source === b.source ? a.source : `${a.source} and ${b.source}`;
  const [date = a.date] = [a.date, b.date].sort();
  return { from, to, rate: cut(b.rate.div(a.rate)), date, source: `${source}, converted through EUR` };
}

function latest(rates: readonly Rate[], base: string, currency: string): Rate | undefined {
  let best: Rate | undefined;
  for (const rate of rates) {
    if (rate.base !== base || rate.currency !== currency) continue;
    if (!best || rate.date > best.date || (rate.date === best.date && best.source === ECB)) best = rate;
  }
  return best;
}

function cut(rate: Decimal): Decimal {
  return rate.toSignificantDigits(DIGITS, Decimal.ROUND_HALF_UP);
}
