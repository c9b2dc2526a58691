import mongoose from 'mongoose';
import { Decimal } from '../../billing/money/money.ts';

export type Decimal128 = mongoose.Types.Decimal128;

/** How many digits a Decimal128 holds. */
const DECIMAL128_DIGITS = 34;

/**
 * An amount as it is stored: rounded to 34 digits, half away from zero, where it has more (domain.md, Money 9). What an
 * invoice shows is worked out before that, from all digits.
 */
export function toDecimal128(amount: Decimal): Decimal128 {
  return mongoose.Types.Decimal128.fromString(amount.toSignificantDigits(DECIMAL128_DIGITS).toString());
}

/** A stored amount, exactly. */
export function fromDecimal128(stored: Decimal128): Decimal {
  return new Decimal(stored.toString());
}

/**
 * Whether a sum of Decimal128 can have been rounded by the database. Given the sum of the absolute amounts: it only
 * grows, and keeps the longest fraction, so that as long as it has room left no partial sum was ever cut.
 */
export function mayBeRounded(sumOfAbsolutes: Decimal128): boolean {
  const digits = sumOfAbsolutes
    .toString()
    .replace(/E.*$/i, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+/, '');
  return digits.length >= DECIMAL128_DIGITS;
}
