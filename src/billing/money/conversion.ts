import type { Amount } from '../invoice/adjustment.ts';
import type { DraftLine } from '../invoice/line.ts';
import { type TrailEntry, trailEntry } from '../invoice/trail-entry.ts';
import { type Decimal, exactMoney, product, sum } from './money.ts';
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

/**
 * Converts lines to the invoice's currency at the rate of the issue date (domain.md, Money 5), without rounding. An
 * amount of 0 is 0 in every currency, so it needs no rate.
 */
export function convert(lines: readonly DraftLine[], currency: string, rateFor: RateFor): Converted {
  const foreign = [...new Set(lines.map((line) => line.currency))].filter((code) => code !== currency).sort();
  // most invoices have nothing to convert
  if (foreign.length === 0) return { lines, conversions: [], missing: [], trail: [] };
  const rates = new Map(foreign.map((code) => [code, rateFor(code, currency)]));
  const needed = new Set(lines.filter(({ exact }) => !exact.isZero()).map((line) => line.currency));
  const conversions = foreign.flatMap((code) => rates.get(code) ?? []);
  const kept = lines.flatMap((line) => {
    if (line.currency === currency) return [line];
    const rate = rates.get(line.currency);
    if (rate) return [convertLine(line, currency, rate)];
    return line.exact.isZero() ? [convertNothing(line, currency)] : [];
  });
  return {
    lines: kept,
    conversions,
    missing: foreign.filter((code) => needed.has(code) && !rates.get(code)),
    trail: conversions.map((rate) => {
      const before = sum(lines.filter((line) => line.currency === rate.from).map((line) => line.exact));
      const what = `All amounts in ${rate.from}: ${exactMoney(before, rate.from)}`;
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
  const what = exactMoney(line.exact, line.currency);
  return {
    ...line,
    currency,
    original: { currency: line.currency, amount: line.exact },
    undiscounted: exact,
    exact,
    trail: [...line.trail, trailEntry('conversion', { what, after: exact, currency, why: rateText(rate) })],
  };
}

/** A line of 0 in a currency without a rate. */
function convertNothing(line: DraftLine, currency: string): DraftLine {
  return { ...line, currency, original: { currency: line.currency, amount: line.exact } };
}

/** An amount in the invoice's currency; undefined if there is no rate. */
export function convertAmount({ amount, currency }: Amount, to: string, rateFor: RateFor): Decimal | undefined {
  if (currency === to || amount.isZero()) return amount;
  const rate = rateFor(currency, to);
  return rate && product(amount, rate.rate);
}
