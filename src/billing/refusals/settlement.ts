import type { InvoiceState } from '../invoice/invoice.ts';
import type { Decimal } from '../money/money.ts';
import { conflict, inProgress, invalid, notFound } from './kind.ts';

/** Actions that an invoice's state doesn't allow. */
export type InvoiceAction = 'charge' | 'mark_paid' | 'request_transfer' | 'reverse_payment' | 'waive' | 'write_off';

/** Payments, payment methods, refunds and credits. */
export const SETTLEMENT_REFUSALS = {
  bank_line_not_found: notFound(),
  bank_line_settled: conflict(),
  being_charged: inProgress<{ readonly number: string }>(),
  being_credited: inProgress<{ readonly number: string }>(),
  being_refunded: inProgress(),
  campaign_not_found: notFound(),
  card_not_editable: conflict(),
  credit_claimed_already: conflict<{ readonly group: string; readonly left: Decimal; readonly currency: string }>(
    'code',
  ),
  credit_code_ended: conflict('code'),
  credit_code_not_found: notFound<{ readonly code: string }>('code'),
  credit_code_taken: conflict<{ readonly code: string }>('ownCode'),
  credit_code_used: conflict<{ readonly code: string }>('code'),
  credit_wrong_currency: invalid<{ readonly currency: string; readonly group: string; readonly groupCurrency: string }>(
    'code',
  ),
  no_balance: conflict<{ readonly number: string }>(),
  no_card: conflict(),
  no_card_provider: conflict(),
  payment_by_card: conflict(),
  /** `groups` names some, `more` counts the rest. */
  payment_method_in_use: conflict<{ readonly groups: readonly string[]; readonly more: number }>(),
  payment_method_not_found: notFound('method'),
  payment_not_found: notFound(),
  payment_recorded: conflict('reference'),
  payment_used: conflict<{ readonly number: string; readonly by: 'credit memo' | 'refund' }>(),
  refund_not_found: notFound(),
  statement_file: invalid<{ readonly problem: string; readonly remedy: string }>(),
  too_many_methods: conflict<{ readonly limit: number }>(),
  wrong_currency: invalid<{ readonly currency: string; readonly group: string; readonly groupCurrency: string }>(
    'method',
    'currency',
  ),
  wrong_state: conflict<{ readonly number: string; readonly state: InvoiceState; readonly action: InvoiceAction }>(),
};
