import { allocate } from '../money/allocate.ts';
import { minorUnits } from '../money/currency.ts';
import { currencyUnit, Decimal, product, sum, ZERO } from '../money/money.ts';
import { taxOn } from '../tax/tax.ts';

/** The lines of one tax rate, as a promotional credit sees them. */
export interface RateBase {
  /** A percentage. */
  readonly rate: Decimal;
  /** The sum of the lines that the credit can lower: those above 0 that it is meant for. */
  readonly weight: Decimal;
  /** The sum of all lines that it is meant for. */
  readonly own: Decimal;
  /** The sum of all lines of the invoice. */
  readonly whole: Decimal;
}

/**
 * What a promotional credit takes off each tax rate (domain.md, Money 4): the largest amount with which neither the
 * lines that it is meant for nor the whole invoice fall below 0, before or after tax. The total after tax sets a lower
 * limit than the net where negative lines have a higher rate than the lines that the credit lowers. The amount is
 * spread over the rates in proportion to the lines above 0, in whole minor units, by largest remainder.
 *
 * @param most what the credit has, in whole minor units
 * @returns a share of each rate, all of them 0 if the credit pays nothing
 */
export function takenOffRates(rates: readonly RateBase[], most: Decimal, currency: string): Decimal[] {
  const unit = currencyUnit(currency);
  const weights = rates.map(({ weight }) => weight);
  const bases = [rates.map(({ own }) => own), rates.map(({ whole }) => whole)];
  const ceilings = bases.flatMap((base) => [sum(base), ceiling(rates, base, unit)]);
  const start = Decimal.min(most, ...ceilings).toDecimalPlaces(minorUnits(currency), Decimal.ROUND_FLOOR);
  // rounding decides the last units: a few steps, however large the amount
  for (let amount = start; amount.gt(0); amount = sum([amount, unit.neg()])) {
    const shares = allocate(amount, weights, minorUnits(currency));
    if (bases.every((base) => !totalAfter(rates, base, shares, currency).isNegative())) return shares;
  }
  return rates.map(() => ZERO);
}

/** The total with tax, once the shares are taken off. */
function totalAfter(
  rates: readonly RateBase[],
  bases: readonly Decimal[],
  shares: readonly Decimal[],
  currency: string,
): Decimal {
  return sum(
    rates.flatMap(({ rate }, at) => {
      const left = sum([bases[at] ?? ZERO, (shares[at] ?? ZERO).neg()]);
      return [left, taxOn(left, rate, currency)];
    }),
  );
}

/**
 * An amount that certainly brings the total below 0 if it is exceeded: the exact total with tax, divided by what a unit
 * of the credit takes off it, and what rounding can add to that: less than a unit of each share, half a unit of each
 * tax.
 */
function ceiling(rates: readonly RateBase[], bases: readonly Decimal[], unit: Decimal): Decimal {
  const weight = sum(rates.map((one) => one.weight));
  if (!weight.gt(0)) return ZERO;
  const hundredfold = sum(rates.map(({ rate }, at) => product(bases[at] ?? ZERO, rate.plus(100))));
  const rounding = product(unit, sum(rates.map(({ rate }) => rate.plus(50))));
  const takenByOne = sum(rates.map((one) => product(one.weight, one.rate.plus(100)))).div(weight);
  return sum([hundredfold, rounding]).div(takenByOne).plus(unit);
}
