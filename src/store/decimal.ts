import mongoose from 'mongoose';
import { Decimal } from '../billing/money.ts';

export type Decimal128 = mongoose.Types.Decimal128;

/** How many digits a Decimal128 holds. */
export const DECIMAL128_DIGITS = 34;

/** An amount as it is stored. @throws {RangeError} when it has more than 34 digits: money is never cut in silence */
export function toDecimal128(amount: Decimal): Decimal128 {
  const text = amount.toFixed();
  // shorter amounts, the usual ones, need no count
  if (text.length > DECIMAL128_DIGITS && amount.precision(true) > DECIMAL128_DIGITS) {
    throw new RangeError(`More than ${DECIMAL128_DIGITS} digits: ${text}`);
  }
  return mongoose.Types.Decimal128.fromString(amount.toString());
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
