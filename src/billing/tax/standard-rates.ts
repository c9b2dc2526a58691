import { createRequire } from 'node:module';
import { Decimal } from '../money/money.ts';
import { taxPlace } from './tax-place.ts';

/** A row of the table of standard rates. Days are YYYY-MM-DD and inclusive. */
export interface StandardRate {
  /** ISO 3166-1 alpha-2, or a territory with rates of its own, such as PT-30. */
  readonly area: string;
  readonly from: string;
  /** Null while it applies. */
  readonly until: string | null;
  /** A percentage in digits; null where there is no such tax. */
  readonly rate: string | null;
  /** The law, or a key of the table's `sources`. */
  readonly source: string;
  /** When it was last reviewed; null for a rate of the past. */
  readonly reviewed: string | null;
}

/** What the table knows of an area on a day. */
export type RateOfDay =
  | { readonly kind: 'rate'; readonly rate: Decimal }
  | { readonly kind: 'no_tax' | 'unknown'; readonly rate?: undefined };

type Row = readonly [string, string, string | null, string | null, string, string | null];
const TABLE: { readonly rows: readonly Row[] } = createRequire(import.meta.url)('./vat-rates.json');

/** A row that nobody has reviewed for this long may be out of date. */
const STALE_AFTER_YEARS = 2;

/** The whole table, by area, the oldest row of each first. */
export const STANDARD_RATES: readonly StandardRate[] = TABLE.rows.map(
  ([area, from, until, rate, source, reviewed]) => ({ area, from, until, rate, source, reviewed }),
);

const BY_AREA = new Map<string, StandardRate[]>();
for (const row of STANDARD_RATES) BY_AREA.set(row.area, [...(BY_AREA.get(row.area) ?? []), row]);

/** The standard rate of an area on a day. A day that no row covers is unknown: the table invents no history. */
export function rateOfDay(area: string, date: string): RateOfDay {
  const row = rowOn(area, date);
  if (!row) return { kind: 'unknown' };
  return row.rate === null ? { kind: 'no_tax' } : { kind: 'rate', rate: new Decimal(row.rate) };
}

/**
 * The standard rate in a country on a day, Monaco and its like as what they count as; undefined where there is no such tax,
 * and where the table does not know.
 */
export function standardRate(country: string, date: string): Decimal | undefined {
  return rateOfDay(taxPlace({ countryCode: country }).rates, date).rate;
}

/** The day of the last review of the rate that applies on a day, if that was more than two years before; else undefined. */
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
