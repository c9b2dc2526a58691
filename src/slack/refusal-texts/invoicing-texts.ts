import { formatMoney } from '../../billing/money/money.ts';
import { periodName } from '../../billing/period/period.ts';
import type { INVOICING_REFUSALS } from '../../billing/refusals/invoicing.ts';
import type { TextsOf } from './text.ts';

export const INVOICING_TEXTS: TextsOf<typeof INVOICING_REFUSALS> = {
  adjustment_not_found: () => 'This discount, charge or commitment doesn’t exist.',
  below_zero: ({ number }) => `The total of invoice ${number} is negative, so it can only be credited in full.`,
  cost_review_not_found: () =>
    'This cost review is for someone else, or you no longer have access to the billing group.',
  credit_memo_not_found: ({ number }) => `There is no credit memo “${number}” in this account.`,
  document_incomplete: ({ number, obstacles }) => [
    `The electronic invoice (XML) for ${number} can’t be generated: ${obstacles.join(' ')}`,
    'An issued invoice can’t be changed, but you can complete the settings or billing information for future invoices. PDF, CSV and JSON are available.',
  ],
  documents_busy: () => ['Many documents are being generated.', 'Try again in a minute.'],
  invoice_line_not_found: () => 'This invoice line no longer exists.',
  invoice_not_found: ({ number }) => [
    number === undefined ? 'This invoice doesn’t exist.' : `There is no invoice “${number}” in this account.`,
    'Type `/billing invoices` to see all invoices.',
  ],
  invoice_not_issued: ({ period }) =>
    period === undefined
      ? 'This invoice is still an estimate. Wait until it has been issued.'
      : [
          `The invoice for ${periodName(period)} hasn’t been issued yet.`,
          'Until then, you can download a preview as PDF or the lines as CSV.',
        ],
  memo_amount_too_high: ({ limit, most, currency }) => {
    const amount = formatMoney(most, currency);
    if (limit === 'line') return `Enter at most ${amount}, which is what is left to credit on this line.`;
    return limit === 'total'
      ? `At most ${amount} including tax is left to credit on this invoice.`
      : `At most ${amount} is left to credit at this tax rate, because credits or refunds have reduced it.`;
  },
  memo_made: ({ number }) => [
    `Another credit memo for invoice ${number} has been issued.`,
    'Check the invoice before you issue one more.',
  ],
  nothing_left: ({ number, isBalanceUsed }) =>
    isBalanceUsed
      ? `The credit for the balance of invoice ${number} has been used, so there is nothing left to credit.`
      : `Nothing is left to credit on invoice ${number}, or no amount was entered.`,
  nothing_to_preview: ({ group, period, because, lastPeriod }) => {
    const why = {
      not_begun: `${periodName(period)} hasn’t started yet.`,
      deleted: `“${group}” has been deleted. Its last invoice is for ${periodName(lastPeriod)}.`,
      no_invoice: `“${group}” has no invoice for ${periodName(period)}.`,
    }[because];
    return [why, 'Type `/billing invoices` to see all invoices.'];
  },
  numbers_taken: ({ number }) => `The number ${number} has already been used. Choose another format or prefix.`,
  period_before_group: ({ group, period }) =>
    `“${group}” has no invoice for ${periodName(period)}, because it was created later.`,
  period_not_over: ({ period }) => [
    `${periodName(period)} isn’t over yet, so its invoice can’t be issued.`,
    'Type `/billing group GROUP` to see the costs so far.',
  ],
  period_out_of_order: ({ group, first, wanted }) => [
    `The invoice of “${group}” for ${periodName(first)} must be issued first.`,
    `Issue ${periodName(first)}, then ${periodName(wanted)}.`,
  ],
  rate_missing: ({ missing }) => [missing, 'Enter the rate with `/billing rate`, then try again.'],
  whole_document_only: ({ format }) => [
    `${format.toUpperCase()} is only available for the whole invoice.`,
    'For a single project, use CSV.',
  ],
};
