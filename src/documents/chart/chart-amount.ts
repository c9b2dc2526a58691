import { Decimal } from '../../billing/money/money.ts';

/** Each unit is a thousand times the previous one. */
const UNITS = ['', 'k', 'M', 'B', 'T'];
const THOUSAND = new Decimal(1000);
const LEAST_SHOWN = new Decimal('0.1');

/**
 * An amount in at most three digits, so that twelve of them fit side by side: `0.4`, `12`, `1.2k`, `34M`, `-120k`.
 * Above the trillions it is written as `3e15`. A nonzero amount that would be shown as zero is `<0.1`.
 */
export function shortAmount(amount: Decimal): string {
  if (amount.isZero()) return '0';
  const sign = amount.isNegative() ? '-' : '';
  const size = amount.abs();
  if (size.lt(LEAST_SHOWN)) return sign === '' ? '<0.1' : '>-0.1';
  let value = size;
  for (const unit of UNITS) {
    const shown = value.toDecimalPlaces(value.lt(10) ? 1 : 0);
    // 999.6k in three digits is a million
    if (shown.lt(THOUSAND)) return `${sign}${shown.toFixed()}${unit}`;
    value = value.div(THOUSAND);
  }
  return `${sign}${size.toExponential(0).replace('+', '')}`;
}
