import type { Amount } from '../invoice/adjustment.ts';
import type { DraftLine } from '../invoice/line.ts';
import { type TrailEntry, trailEntry } from '../invoice/trail-entry.ts';
import { type Decimal, formatMoney, product, sum } from './money.ts';
import type { ConversionRate } from './rate.ts';

/** The rate between two currencies on the day of issue; undefined if there is none. */
export type RateFor = (from: string, to: string) => ConversionRate | undefined;

export interface Converted {
  /** All in the invoice's currency. Lines without a rate are left out. */
  readonly lines: readonly DraftLine[];
  /** Each rate used, sorted by currency. */
  readonly conversions: readonly ConversionRate[];
  /** Currencies without a rate, sorted. */
  readonly missing: readonly string[];
  readonly trail: readonly TrailEntry[];
}

/** Converts lines to the invoice's currency at the rate of the issue date (domain.md, Money 5), without rounding. */
export function convert(lines: readonly DraftLine[], currency: string, rateFor: RateFor): Converted {
  const foreign = [...new Set(lines.map((line) => line.currency).filter((code) => code !== currency))].sort();
  const rates = new Map(foreign.map((code) => [code, rateFor(code, currency)]));
  const conversions = foreign.flatMap((code) => rates.get(code) ?? []);
  const kept = lines.flatMap((line) => {
    if (line.currency === currency) return [line];
    const rate = rates.get(line.currency);
    return rate ? [convertLine(line, currency, rate)] : [];
  });
  return {
    lines: kept,
    conversions,
    missing: foreign.filter((code) => !rates.get(code)),
    trail: conversions.map((rate) => {
      const before = sum(lines.filter((line) => line.currency === rate.from).map((line) => line.exact));
      const what = `All amounts in ${rate.from}: ${digits(before)}`;
      return trailEntry('conversion', { what, after: product(before, rate.rate), currency, why: rateText(rate) });
    }),
  };
}

/** A rate as text, with its date and source. */
export function rateText({ from, to, rate, date, source }: ConversionRate): string {
  return `1 ${from} = ${rate.toFixed()} ${to} (${source}, ${date}).`;
}

function convertLine(line: DraftLine, currency: string, rate: ConversionRate): DraftLine {
  const exact = product(line.exact, rate.rate);
  const what = `${digits(line.exact)} ${line.currency} (${formatMoney(line.exact, line.currency)})`;
  return {
    ...line,
    currency,
    original: { currency: line.currency, amount: line.exact },
    undiscounted: exact,
    exact,
    trail: [...line.trail, trailEntry('conversion', { what, after: exact, currency, why: rateText(rate) })],
  };
}

/** An amount in the invoice's currency; undefined if there is no rate. */
export function convertAmount({ amount, currency }: Amount, to: string, rateFor: RateFor): Decimal | undefined {
  if (currency === to) return amount;
  const rate = rateFor(currency, to);
  return rate && product(amount, rate.rate);
}

function digits(amount: Decimal): string {
  return amount.toFixed();
}
