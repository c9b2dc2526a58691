import { isCurrency } from '../billing/currency.ts';
import { Decimal } from '../billing/money.ts';
import type { KnownColumn } from './focus-columns.ts';
import { type DecimalParts, type Instant, parseDecimal, parseInstant } from './focus-values.ts';

/** What is wrong with a row, or was. */
export interface RowRemark {
  /** The column's name, or `(row)` when it is the row as a whole. */
  readonly column: string;
  /** A sentence for a finance person. */
  readonly reason: string;
  /** What the cell says, at most 80 characters of it. */
  readonly value?: string;
}

/** Thrown inside the import for a row that cannot be a cost; becomes a rejected row. */
export class UnreadableRow extends Error {
  readonly remark: RowRemark;

  constructor(column: string, reason: string, cell?: string | null) {
    super(reason);
    this.remark = remark(column, reason, cell);
  }
}

const SHOWN_CHARACTERS = 80;

/** What Decimal128 holds. */
const MAX_DIGITS = 34;
const MAX_INTEGER_DIGITS = 15;
/** With 15 digits before the point, the sum of a hundred thousand such amounts still fits Decimal's 60 digits. */
const MAX_DECIMALS = 40;

export function remark(column: string, reason: string, cell?: string | null): RowRemark {
  return cell === undefined || cell === null ? { column, reason } : { column, reason, value: shortened(cell) };
}

/** @throws UnreadableRow unless it is a number with at most 34 digits and 40 decimals, below 10¹⁵ */
export function billedCost(cell: string | null): Decimal {
  if (cell === null) throw new UnreadableRow('BilledCost', 'The row has no amount.');
  const parts = parseDecimal(cell);
  if (parts === null) {
    const reason = 'The amount is not a number: it takes digits and a decimal point, without thousands separators.';
    throw new UnreadableRow('BilledCost', reason, cell);
  }
  const excess = excessOf(parts);
  if (excess !== null) throw new UnreadableRow('BilledCost', excess, cell);
  return new Decimal(parts.canonical);
}

/** @throws UnreadableRow unless it is a currency of ISO 4217 that invoices can be written in */
export function billingCurrency(cell: string | null): string {
  if (cell === null) throw new UnreadableRow('BillingCurrency', 'The row has no currency.');
  const code = cell.toUpperCase();
  if (!isCurrency(code)) {
    const reason = 'The currency is none of ISO 4217: it takes a code of three letters, like EUR.';
    throw new UnreadableRow('BillingCurrency', reason, cell);
  }
  return code;
}

/** @throws UnreadableRow unless it is a date that the calendar has */
export function instant(column: KnownColumn, cell: string | null): Instant {
  if (cell === null) throw new UnreadableRow(column, 'The row has no date here.');
  const value = parseInstant(cell);
  if (value === null) {
    throw new UnreadableRow(column, 'This is not a date that can be read, like 2024-09-30T23:00:00Z.', cell);
  }
  return value;
}

function excessOf({ digits, exponent }: DecimalParts): string | null {
  if (digits > MAX_DIGITS) return `The amount has more than ${MAX_DIGITS} digits.`;
  if (digits + exponent > MAX_INTEGER_DIGITS) return 'The amount is 1,000,000,000,000,000 or more.';
  if (exponent < -MAX_DECIMALS) return `The amount has more than ${MAX_DECIMALS} decimals.`;
  return null;
}

function shortened(cell: string): string {
  const characters = Array.from(cell.slice(0, 2 * SHOWN_CHARACTERS + 2));
  if (characters.length <= SHOWN_CHARACTERS) return characters.join('');
  return `${characters.slice(0, SHOWN_CHARACTERS - 1).join('')}…`;
}
