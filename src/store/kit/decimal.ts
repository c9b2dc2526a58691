import mongoose from 'mongoose';
import { Decimal } from '../../billing/money/money.ts';

export type Decimal128 = mongoose.Types.Decimal128;

/** How many digits a Decimal128 holds. */
const DECIMAL128_DIGITS = 34;

/**
 * An amount as stored: rounded to 34 digits, half away from zero, if it has more (domain.md, Money 9). The figures on
 * an invoice are calculated beforehand, from all digits.
 */
export function toDecimal128(amount: Decimal): Decimal128 {
  return mongoose.Types.Decimal128.fromString(amount.toSignificantDigits(DECIMAL128_DIGITS).toString());
}

/** A stored amount, exact. */
export function fromDecimal128(stored: Decimal128): Decimal {
  return new Decimal(stored.toString());
}

/**
 * Whether the database may have rounded a sum of Decimal128 values. Takes the sum of the absolute amounts, which only
 * grows and keeps the longest fraction: as long as it has digits to spare, no partial sum was rounded.
 */
export function mayBeRounded(sumOfAbsolutes: Decimal128): boolean {
  const digits = sumOfAbsolutes
    .toString()
    .replace(/E.*$/i, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+/, '');
  return digits.length >= DECIMAL128_DIGITS;
}
