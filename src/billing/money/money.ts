import { Decimal as DefaultDecimal } from 'decimal.js';
import { isCurrency, minorUnits } from './currency.ts';

/**
 * Exact amounts (domain.md, Money 1): 60 digits, half away from zero. Every sum of money in the product uses this type.
 */
export const Decimal = DefaultDecimal.clone({
  precision: 60,
  rounding: DefaultDecimal.ROUND_HALF_UP,
  toExpNeg: -40,
  toExpPos: 60,
});
export type Decimal = DefaultDecimal;

export const ZERO: Decimal = new Decimal(0);

/** For sums and products, which keep all their digits. */
const Exact = Decimal.clone({ precision: 100_000 });
const EXACT_ZERO: Decimal = new Exact(0);

/** The exact sum, of any length. */
export function sum(amounts: Iterable<Decimal>): Decimal {
  let total = EXACT_ZERO;
  for (const amount of amounts) total = total.plus(amount);
  return new Decimal(total);
}

/** The same amount with a precision that keeps all digits of sums, differences, products and whole quotients. */
export function exactly(amount: Decimal): Decimal {
  return new Exact(amount);
}

/** The exact product, of any length. */
export function product(a: Decimal, b: Decimal): Decimal {
  return new Decimal(new Exact(a).times(b));
}

/** Rounds to the currency's minor unit, half away from zero. This is the only place where money is rounded. */
export function roundToMinor(amount: Decimal, currency: string): Decimal {
  return withoutMinusZero(amount.toDecimalPlaces(minorUnits(currency), Decimal.ROUND_HALF_UP));
}

/**
 * Rounds shares to the minor unit so that they add up to their rounded sum (domain.md, Money 2): every share is rounded
 * down, and the missing units go to the largest remainders, ties by position. A share that needs no rounding is never
 * changed.
 */
export function roundTogether(shares: readonly Decimal[], currency: string): Decimal[] {
  return roundTo(roundToMinor(sum(shares), currency), shares, currency);
}

/**
 * Rounds shares that have owners (domain.md, Money 7): first the total of each owner, all owners together, then each
 * owner's shares to that total. So no owner pays a unit for another, and everything still adds up to the rounded sum.
 */
export function roundByOwner(
  shares: readonly { readonly owner: string; readonly exact: Decimal }[],
  currency: string,
): Decimal[] {
  const byOwner = new Map<string, number[]>();
  for (const [at, { owner }] of shares.entries()) {
    const own = byOwner.get(owner);
    if (own) own.push(at);
    else byOwner.set(owner, [at]);
  }
  const exactOf = (at: number) => shares[at]?.exact ?? ZERO;
  const owned = [...byOwner.values()];
  const totals = roundTogether(
    owned.map((places) => sum(places.map(exactOf))),
    currency,
  );
  const rounded: Decimal[] = [];
  for (const [index, places] of owned.entries()) {
    const own = roundTo(totals[index] ?? ZERO, places.map(exactOf), currency);
    for (const [at, place] of places.entries()) rounded[place] = own[at] ?? ZERO;
  }
  return rounded;
}

/** Shares in whole minor units that add up to `total`, which is their sum rounded up or down. */
function roundTo(total: Decimal, shares: readonly Decimal[], currency: string): Decimal[] {
  if (shares.length === 1) return [total];
  const unit = currencyUnit(currency);
  const rounded = shares.map((share) =>
    withoutMinusZero(share.toDecimalPlaces(minorUnits(currency), Decimal.ROUND_FLOOR)),
  );
  const missing = sum([total, sum(rounded).neg()])
    .div(unit)
    .toNumber();
  if (missing === 0) return rounded;
  const byRemainder = shares
    .map((share, index) => ({ index, remainder: remainderOf(share, rounded[index] ?? ZERO) }))
    .sort((a, b) => b.remainder.comparedTo(a.remainder) || a.index - b.index);
  for (const { index } of byRemainder.slice(0, missing)) rounded[index] = sum([rounded[index] ?? ZERO, unit]);
  return rounded;
}

/** What was rounded off. Of usual lengths, the difference keeps all its digits without further ado. */
function remainderOf(share: Decimal, rounded: Decimal): Decimal {
  return share.d.length <= SHORT ? share.minus(rounded) : sum([share, rounded.neg()]);
}

/** Groups of seven digits: with one more for a carry, they are fewer than the 60 digits of an amount. */
const SHORT = 7;

/** The currency's minor unit, such as 0.01. */
export function currencyUnit(currency: string): Decimal {
  const decimals = minorUnits(currency);
  UNITS[decimals] ??= new Decimal(10).pow(-decimals);
  return UNITS[decimals];
}

/** By the number of decimals. */
const UNITS: Decimal[] = [];

/** Turns negative zero into zero, which would otherwise be shown as "-0.00". */
function withoutMinusZero(amount: Decimal): Decimal {
  return amount.isZero() ? ZERO : amount;
}

/**
 * An amount as shown to people: the code, then the amount with grouped thousands and the currency's decimals: `EUR
 * 1,234.50`. Units without a minor unit, such as ounces of gold (XAU), are shown with all digits.
 */
export function formatMoney(amount: Decimal, currency: string): string {
  if (!isCurrency(currency)) return `${currency} ${groupedDigits(amount)}`;
  return `${currency} ${grouped(roundToMinor(amount, currency).toFixed(minorUnits(currency)))}`;
}

/**
 * An amount in the explanation of a calculation: as everywhere, and with all its digits if it isn't rounded yet, since
 * only these add up exactly: `USD 171.27 (exactly 171.274169115225)`.
 */
export function exactMoney(amount: Decimal, currency: string): string {
  const shown = formatMoney(amount, currency);
  return isRounded(amount, currency) ? shown : `${shown} (exactly ${groupedDigits(amount)})`;
}

/** All digits with grouped thousands: `1,234.5678`. */
export function groupedDigits(amount: Decimal): string {
  return grouped(withoutMinusZero(amount).toFixed());
}

/** Whether the amount is a whole number of minor units. Units without a minor unit are never rounded. */
export function isRounded(amount: Decimal, currency: string): boolean {
  return !isCurrency(currency) || roundToMinor(amount, currency).equals(amount);
}

function grouped(digits: string): string {
  const [whole = '0', fraction] = digits.split('.');
  const thousands = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? thousands : `${thousands}.${fraction}`;
}

/** An amount for programs: plain digits with the currency's decimals: `1234.50`. */
export function toFixedMinor(amount: Decimal, currency: string): string {
  return roundToMinor(amount, currency).toFixed(minorUnits(currency));
}
