import { Decimal as DefaultDecimal } from 'decimal.js';
import { minorUnits } from './currency.ts';

/** Exact amounts (domain.md, Money 1): 60 digits, half away from zero. Every sum of money in the product is one of these. */
export const Decimal = DefaultDecimal.clone({
  precision: 60,
  rounding: DefaultDecimal.ROUND_HALF_UP,
  toExpNeg: -40,
  toExpPos: 60,
});
export type Decimal = DefaultDecimal;

export const ZERO: Decimal = new Decimal(0);

/** The sum, exact as long as it fits 60 digits. */
export function sum(amounts: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const amount of amounts) total = total.plus(amount);
  return total;
}

/** Rounds to the currency's minor unit, half away from zero. The one place where money is rounded. */
export function roundToMinor(amount: Decimal, currency: string): Decimal {
  // a negative zero would be shown as "-0.00"
  return amount.toDecimalPlaces(minorUnits(currency), Decimal.ROUND_HALF_UP).plus(0);
}

/**
 * Rounds each share to the minor unit so that together they are exactly the rounded sum of all (domain.md, Money 2):
 * every share is cut towards minus infinity, and the units that are then missing go to the largest remainders, ties by
 * position. A share that needed no rounding is never changed.
 */
export function roundTogether(shares: readonly Decimal[], currency: string): Decimal[] {
  const decimals = minorUnits(currency);
  const unit = new Decimal(10).pow(-decimals);
  const rounded = shares.map((share) => share.toDecimalPlaces(decimals, Decimal.ROUND_FLOOR).plus(0));
  const missing = roundToMinor(sum(shares), currency).minus(sum(rounded)).div(unit).toNumber();
  const byRemainder = shares
    .map((share, index) => ({ index, remainder: share.minus(rounded[index] ?? ZERO) }))
    .sort((a, b) => b.remainder.comparedTo(a.remainder) || a.index - b.index);
  for (const { index } of byRemainder.slice(0, missing)) rounded[index] = (rounded[index] ?? ZERO).plus(unit);
  return rounded;
}

/** As a person reads it: the code, then the amount with grouped thousands and the currency's decimals: `EUR 1,234.50`. */
export function formatMoney(amount: Decimal, currency: string): string {
  const [whole = '0', fraction] = amount.abs().toFixed(minorUnits(currency)).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  // what rounds to nothing has no sign
  const isNegative = amount.isNegative() && /[1-9]/.test(`${whole}${fraction ?? ''}`);
  return `${currency} ${isNegative ? '-' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** As a machine reads it: plain digits with the currency's decimals: `1234.50`. */
export function toFixedMinor(amount: Decimal, currency: string): string {
  // what rounds to nothing has no sign
  return amount.toDecimalPlaces(minorUnits(currency)).plus(0).toFixed(minorUnits(currency));
}
