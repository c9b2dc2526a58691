import { formatMoney } from '../../billing/money/money.ts';
import type { InvoiceAction, SETTLEMENT_REFUSALS } from '../../billing/refusals/settlement.ts';
import { quotedNames, type TextsOf } from './text.ts';

const ACTIONS: Readonly<Record<InvoiceAction, string>> = {
  charge: 'it can’t be charged to a card',
  mark_paid: 'it can’t be marked as paid',
  request_transfer: 'payment by bank transfer can’t be requested',
  reverse_payment: 'its payments can’t be reversed',
  waive: 'it can’t be waived',
  write_off: 'it can’t be written off',
};

export const SETTLEMENT_TEXTS: TextsOf<typeof SETTLEMENT_REFUSALS> = {
  bank_line_not_found: () => 'This bank statement line doesn’t exist.',
  bank_line_settled: () => [
    'This payment has already been recorded or ignored.',
    'Type `/billing payments` to see what is left.',
  ],
  being_charged: ({ number }) => [
    `Invoice ${number} is being charged to a card.`,
    'Wait until the result has been posted, then try again.',
  ],
  being_credited: ({ number }) => [`A credit memo for invoice ${number} is being issued.`, 'Try again in a minute.'],
  being_refunded: () => 'The card provider is processing this refund automatically. No action is needed.',
  campaign_not_found: () => 'This credit campaign doesn’t exist.',
  card_not_editable: () => 'A card can only be changed on the payment provider’s page.',
  credit_claimed_already: ({ group, left, currency }) =>
    `“${group}” has already claimed this code and has ${formatMoney(left, currency)} of it left.`,
  credit_code_ended: () => 'This code has expired.',
  credit_code_not_found: ({ code }) =>
    code === '' ? 'Enter a credit code.' : `There is no credit code “${code}”. Check the spelling.`,
  credit_code_taken: ({ code }) => `The code “${code}” already exists. Choose another one.`,
  credit_code_used: ({ code }) => `The code ${code} has reached its claim limit.`,
  credit_wrong_currency: ({ currency, group, groupCurrency }) =>
    `This code is for credits in ${currency}, but “${group}” is invoiced in ${groupCurrency}.`,
  no_balance: ({ number }) => `Invoice ${number} has no balance left to pay out.`,
  no_card: () => [
    'The billing group has no credit card.',
    'Choose one under Billing in the group’s view, then try again.',
  ],
  no_card_provider: () => 'Cards can’t be added, because no card provider is connected.',
  payment_by_card: () => ['A card payment can’t be reversed.', 'Issue a credit memo to refund it.'],
  payment_method_in_use: ({ groups, more }) => [
    `This payment method is used by ${quotedNames(groups, more)}.`,
    'Choose another payment method for them first.',
  ],
  payment_method_not_found: () => 'This payment method no longer exists. Choose another one.',
  payment_not_found: () => 'This payment doesn’t exist.',
  payment_recorded: () => [
    'A payment with the same date, amount and reference has already been recorded.',
    'If this is another payment, enter a different reference.',
  ],
  payment_used: ({ number, by }) =>
    `This payment can’t be reversed, because a ${by} for invoice ${number} was made after it.`,
  refund_not_found: () => 'This refund doesn’t exist.',
  statement_file: ({ problem, remedy }) => [problem, remedy],
  too_many_methods: ({ limit }) => [`An account can have at most ${limit} payment methods.`, 'Delete one first.'],
  wrong_currency: ({ currency, group, groupCurrency }) =>
    `This bank transfer is in ${currency}, but “${group}” is invoiced in ${groupCurrency}.`,
  wrong_state: ({ number, state, action }) =>
    `Invoice ${number} is ${state.replaceAll('_', ' ')}, so ${ACTIONS[action]}.`,
};
