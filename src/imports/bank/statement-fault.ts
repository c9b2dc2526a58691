import { isCurrency, minorUnits } from '../../billing/money/currency.ts';
import { type Decimal, isRounded } from '../../billing/money/money.ts';
import { Refusal } from '../../billing/refusal.ts';

/** Why a bank statement can’t be read, and what to do. */
export function statementFault(
  problem: string,
  remedy = 'Export the statement from your bank again.',
): Refusal<'statement_file'> {
  return new Refusal('statement_file', { problem, remedy });
}

/** Why an amount can’t be in a currency, as the end of a sentence; undefined if it can. */
export function decimalsFault(amount: Decimal, currency: string): string | undefined {
  if (!isCurrency(currency) || isRounded(amount, currency)) return undefined;
  return `has more decimals than ${currency} has (${minorUnits(currency)}).`;
}
