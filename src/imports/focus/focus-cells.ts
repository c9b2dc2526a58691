import { isCurrency, isWithoutUnits } from '../../billing/money/currency.ts';
import { Decimal } from '../../billing/money/money.ts';
import type { KnownColumn } from './focus-columns.ts';
import { type DecimalParts, type Instant, parseDecimal, parseInstant } from './focus-values.ts';

/** A problem with a row, which may have been corrected. */
export interface RowRemark {
  /** The column's name, or `(row)` for the row as a whole. */
  readonly column: string;
  /** A sentence for people in finance. */
  readonly reason: string;
  /** The cell's content, at most 80 characters. */
  readonly value?: string;
}

/** Thrown inside the import for a row that can't be a cost. The row is rejected. */
export class UnreadableRow extends Error {
  readonly remark: RowRemark;

  constructor(column: string, reason: string, cell?: string | null) {
    super(reason);
    this.remark = remark(column, reason, cell);
  }
}

const SHOWN_CHARACTERS = 80;

/** Digits of an amount before and after its decimal point (domain.md, Imported costs). */
const MAX_INTEGER_DIGITS = 28;
const MAX_DECIMALS = 18;

export function remark(column: string, reason: string, cell?: string | null): RowRemark {
  return cell === undefined || cell === null ? { column, reason } : { column, reason, value: shortened(cell) };
}

/**
 * @param maxDecimals digits after the decimal point
 * @throws UnreadableRow unless it is a number with at most 28 digits before and that many after the decimal point
 */
export function billedCost(cell: string | null, maxDecimals = MAX_DECIMALS): Decimal {
  if (cell === null) throw new UnreadableRow('BilledCost', 'The row has no amount.');
  const parts = parseDecimal(cell);
  if (parts === null) {
    const reason = 'The amount isn’t a number. Use digits and a decimal point, without thousands separators.';
    throw new UnreadableRow('BilledCost', reason, cell);
  }
  const excess = excessOf(parts, maxDecimals);
  if (excess !== null) throw new UnreadableRow('BilledCost', excess, cell);
  return new Decimal(parts.canonical);
}

/** @throws UnreadableRow unless it is a currency of ISO 4217 that invoices can be written in */
export function billingCurrency(cell: string | null): string {
  if (cell === null) throw new UnreadableRow('BillingCurrency', 'The row has no currency.');
  const code = cell.toUpperCase();
  if (!isCurrency(code)) {
    const reason = isWithoutUnits(code)
      ? 'This currency has no minor unit, such as the cent, so it can’t be invoiced. Convert the cost to a currency such as EUR.'
      : 'This isn’t an ISO 4217 currency. Use a three-letter code, such as EUR.';
    throw new UnreadableRow('BillingCurrency', reason, cell);
  }
  return code;
}

/** @throws UnreadableRow unless it is a valid calendar date */
export function instant(column: KnownColumn, cell: string | null): Instant {
  if (cell === null) throw new UnreadableRow(column, 'The row has no date in this column.');
  const value = parseInstant(cell);
  if (value === null) {
    throw new UnreadableRow(column, 'This date can’t be read. Use a date such as 2024-09-30T23:00:00Z.', cell);
  }
  return value;
}

function excessOf({ digits, exponent }: DecimalParts, maxDecimals: number): string | null {
  if (digits + exponent > MAX_INTEGER_DIGITS) {
    return `The amount has more than ${MAX_INTEGER_DIGITS} digits before the decimal point.`;
  }
  if (exponent < -maxDecimals) return `The amount has more than ${maxDecimals} digits after the decimal point.`;
  return null;
}

function shortened(cell: string): string {
  const characters = Array.from(cell.slice(0, 2 * SHOWN_CHARACTERS + 2));
  if (characters.length <= SHOWN_CHARACTERS) return characters.join('');
  return `${characters.slice(0, SHOWN_CHARACTERS - 1).join('')}…`;
}
