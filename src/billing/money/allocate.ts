import { Decimal, exactly, product, sum, ZERO } from './money.ts';

/**
 * Divides an amount by weights (largest remainder method): every share is a whole number of units of `decimals` places,
 * the shares add up to the amount exactly, and leftover units go to the largest remainders, ties by position.
 * Intermediate quotients aren't rounded, so equal weights have equal remainders.
 *
 * @param amount not negative, with at most `decimals` places
 * @param weights none negative
 * @throws {RangeError} when the amount isn't zero but all weights are
 */
export function allocate(amount: Decimal, weights: readonly Decimal[], decimals: number): Decimal[] {
  if (amount.isZero()) return weights.map(() => ZERO);
  const whole = sum(weights);
  if (!whole.gt(0) || weights.some((weight) => weight.lt(0)) || amount.lt(0)) {
    throw new RangeError('An amount is divided by weights of which none is negative, and not all are zero');
  }
  const unit = new Decimal(10).pow(-decimals);
  const units = product(amount, new Decimal(10).pow(decimals));
  if (!units.isInteger()) throw new RangeError(`An amount has more than ${decimals} decimals`);
  const shares = weights.map((weight, index) => {
    const share = exactly(units).times(weight);
    const count = share.divToInt(whole);
    return { index, count, remainder: share.minus(count.times(whole)) };
  });
  const missing = sum([units, ...shares.map(({ count }) => count.neg())]).toNumber();
  const favored = [...shares]
    .sort((a, b) => b.remainder.comparedTo(a.remainder) || a.index - b.index)
    .slice(0, missing)
    .map(({ index }) => index);
  const lucky = new Set(favored);
  return shares.map(({ count, index }) => new Decimal(count.plus(lucky.has(index) ? 1 : 0).times(unit)));
}
