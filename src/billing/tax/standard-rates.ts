import { createRequire } from 'node:module';
import { Decimal } from '../money/money.ts';
import { taxPlace } from './tax-place.ts';

/** A row of the table of standard rates. Days are YYYY-MM-DD and inclusive. */
export interface StandardRate {
  /** ISO 3166-1 alpha-2, or a code such as PT-30 for a territory with different rates. */
  readonly area: string;
  readonly from: string;
  /** Null while it is in force. */
  readonly until: string | null;
  /** A percentage in digits; null if there is no such tax. */
  readonly rate: string | null;
  /** The law, or a key of the table's `sources`. */
  readonly source: string;
  /** When it was last reviewed; null for past rates. */
  readonly reviewed: string | null;
}

/** What the table says about an area on a day. */
export type RateOfDay =
  | { readonly kind: 'rate'; readonly rate: Decimal }
  | { readonly kind: 'no_tax' | 'unknown'; readonly rate?: undefined };

type Row = readonly [string, string, string | null, string | null, string, string | null];
const TABLE: { readonly rows: readonly Row[] } = createRequire(import.meta.url)('./vat-rates.json');

/** A row that hasn't been reviewed for this long may be out of date. */
const STALE_AFTER_YEARS = 2;

/** The whole table by area, oldest rows first. */
export const STANDARD_RATES: readonly StandardRate[] = TABLE.rows.map(
  ([area, from, until, rate, source, reviewed]) => ({ area, from, until, rate, source, reviewed }),
);

const BY_AREA = new Map<string, StandardRate[]>();
for (const row of STANDARD_RATES) BY_AREA.set(row.area, [...(BY_AREA.get(row.area) ?? []), row]);

/** The standard rate of an area on a day. A day without a row is unknown: the table doesn't guess. */
export function rateOfDay(area: string, date: string): RateOfDay {
  const row = rowOn(area, date);
  if (!row) return { kind: 'unknown' };
  return row.rate === null ? { kind: 'no_tax' } : { kind: 'rate', rate: new Decimal(row.rate) };
}

/**
 * The standard rate in a country on a day. Monaco and similar places count as the country they belong to for tax.
 * Undefined if there is no such tax, or the table doesn't cover the day.
 */
export function standardRate(country: string, date: string): Decimal | undefined {
  return rateOfDay(taxPlace({ countryCode: country }).rates, date).rate;
}

/** The day of the last review of the rate on a day, if that was more than two years earlier; otherwise undefined. */
export function staleSince(area: string, date: string): string | undefined {
  const row = rowOn(area, date);
  if (!row) return undefined;
  const reviewed = row.reviewed ?? row.from;
  return isStale(reviewed, date) ? reviewed : undefined;
}

/** Whether a review is more than two years old on a day. */
export function isStale(reviewed: string, date: string): boolean {
  return `${Number(reviewed.slice(0, 4)) + STALE_AFTER_YEARS}${reviewed.slice(4)}` < date;
}

function rowOn(area: string, date: string): StandardRate | undefined {
  return BY_AREA.get(area)?.find(({ from, until }) => from <= date && (until === null || date <= until));
}
