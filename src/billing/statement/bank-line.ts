import type { Decimal } from '../money/money.ts';

/** Money received, as a line of a bank statement. */
export interface BankLine {
  /** YYYY-MM-DD: the day the bank booked it. */
  readonly date: string;
  /** Above 0. */
  readonly amount: Decimal;
  /** ISO 4217 */
  readonly currency: string;
  /** The payer; empty if the bank doesn’t say. */
  readonly name: string;
  /** What the payer wrote; empty if nothing. */
  readonly purpose: string;
  /** The bank’s own reference; empty if it has none. */
  readonly bankReference: string;
}

/** The lines of a statement that are incoming payments, and what else it has. */
export interface BankStatement {
  /** The IBAN or other number of our bank account; empty if the file doesn’t say. */
  readonly bankAccount: string;
  readonly lines: readonly BankLine[];
  /** How many lines are outgoing, reversed or not booked yet. They are left out. */
  readonly leftOut: number;
}
