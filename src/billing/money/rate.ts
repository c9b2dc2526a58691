import { DateTime } from 'luxon';
import { Decimal } from './money.ts';

/** The value of one unit of `base` in `currency` on a day, according to a source. */
export interface Rate {
  readonly base: string;
  readonly currency: string;
  readonly rate: Decimal;
  /** YYYY-MM-DD */
  readonly date: string;
  /** `ECB`, or who entered the rate manually. */
  readonly source: string;
}

/** The factor by which to multiply an amount in one currency to convert it to another. */
export interface ConversionRate {
  readonly from: string;
  readonly to: string;
  readonly rate: Decimal;
  readonly date: string;
  readonly source: string;
}

/** The European Central Bank's rates are all per euro. */
export const ECB = 'ECB';
export const MANUAL = 'manual';
const EURO = 'EUR';
/** No rates are published on weekends and holidays. Older rates than this aren't used (our rule). */
export const MOST_DAYS_OLD = 7;
/** Digits of a rate that is calculated from others. Published rates are used as they are. */
const DIGITS = 10;

/** The earliest day whose rates may still be used on a day. */
export function oldestUsable(date: string): string {
  return DateTime.fromISO(date, { zone: 'utc' }).minus({ days: MOST_DAYS_OLD }).toFormat('yyyy-MM-dd');
}

/**
 * The rate from one currency to another on a day: the latest that is at most a week old, and for the same day a manual
 * rate before a published one. It is looked up directly, then inverted, then through the euro. A calculated rate is
 * rounded to ten digits, and the invoice shows exactly those.
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
