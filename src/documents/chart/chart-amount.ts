import { Decimal } from '../../billing/money/money.ts';

/** From a thousand on, each a thousand times the one before. */
const UNITS = ['', 'k', 'M', 'B', 'T'];
const THOUSAND = new Decimal(1000);
const LEAST_SHOWN = new Decimal('0.1');

/**
 * An amount in at most three digits, so that twelve of them fit beside each other: `0.4`, `12`, `1.2k`, `34M`, `-120k`.
 * Beyond the trillions it is written as `3e15`, and what would be shown as zero but is not as `<0.1`.
 */
export function shortAmount(amount: Decimal): string {
  if (amount.isZero()) return '0';
  const sign = amount.isNegative() ? '-' : '';
  const size = amount.abs();
  if (size.lt(LEAST_SHOWN)) return sign === '' ? '<0.1' : '>-0.1';
  let value = size;
  for (const unit of UNITS) {
    const shown = value.toDecimalPlaces(value.lt(10) ? 1 : 0);
    // 999.6k is a million in three digits
    if (shown.lt(THOUSAND)) return `${sign}${shown.toFixed()}${unit}`;
    value = value.div(THOUSAND);
  }
  return `${sign}${size.toExponential(0).replace('+', '')}`;
}
