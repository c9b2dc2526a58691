import type { ActionsBlockElement, KnownBlock } from '@slack/types';
import { CHARGEABLE_STATES, isUnpaid } from '../../src/billing/invoice/invoice-life.ts';
import { dayName } from '../../src/billing/period/day.ts';
import type { Admission } from '../../src/services/access/admission.ts';
import { listMemos, type MemoSummary } from '../../src/services/invoicing/credit-memos.ts';
import type { InvoiceSummary } from '../../src/services/invoicing/invoice-reading.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { listPayments, type PaymentSummary } from '../../src/services/settlement/payments.ts';
import { listRefunds, type RefundSummary } from '../../src/services/settlement/refunds.ts';
import { actions, button, context, overflow, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { target } from '../kit/action-target.ts';
import { listText, money } from '../kit/figures.ts';
import { memoPdfButton } from './invoice-download.ts';
import { NOT_CHARGING } from './not-charging.ts';

/** The buttons for an invoice's next steps. Their values are targets with the invoice. */
export const INVOICE_PAY = 'invoice.pay.open';
export const INVOICE_CHARGE = 'invoice.charge';
export const INVOICE_TRANSFER = 'invoice.transfer';
export const INVOICE_MORE = 'invoice.more';
export const BALANCE_PAY_OUT = 'invoice.balance.pay_out';
export const REFUND_MADE = 'invoice.refund.made';
export const PAYMENT_UNDO = 'invoice.payment.undo';

/** The items of the menu beside the buttons. */
export const MORE = { memo: 'Issue credit memo', waive: 'Waive invoice', write_off: 'Write off invoice' } as const;
export type MoreItem = keyof typeof MORE;

const MOST_SHOWN = 10;

/** What has happened to an invoice since it was issued. */
export interface Settlement {
  readonly payments: readonly PaymentSummary[];
  readonly memos: readonly MemoSummary[];
  readonly refunds: readonly RefundSummary[];
  readonly mayAct: boolean;
}

/** Reads it: nothing for an estimate, otherwise three queries. */
export async function settlementOf(
  ctx: Ctx & { readonly known: Admission },
  { accountId, id, number }: InvoiceSummary,
): Promise<Settlement> {
  const { role } = ctx.known;
  const mayAct = role === null || role === 'owner' || role === 'billing_admin';
  if (number === null) return { payments: [], memos: [], refunds: [], mayAct: false };
  return {
    payments: await listPayments(ctx, accountId, id),
    memos: await listMemos(ctx, accountId, id),
    refunds: await listRefunds(ctx, accountId, id),
    mayAct,
  };
}

/** What was paid, corrected and refunded, and the next steps. */
export function settlementBlocks(invoice: InvoiceSummary, settlement: Settlement, isCharging: boolean): KnownBlock[] {
  const value = { account: invoice.accountId, invoice: invoice.id };
  const blocks: KnownBlock[] = [];
  if (invoice.failure !== null && isUnpaid(invoice.state)) {
    blocks.push(section(`:warning: *The charge failed:* ${escapeMrkdwn(invoice.failure)}`));
  }
  if (invoice.notCharged !== null && isUnpaid(invoice.state)) {
    blocks.push(section(`:information_source: ${escapeMrkdwn(invoice.notCharged)}`));
  }
  if (invoice.state === 'due' && !isCharging) blocks.push(context(NOT_CHARGING));
  if (settlement.payments.length > 0) blocks.push(listed('Payments', settlement.payments.map(paymentText)));
  const last = settlement.payments.filter(({ way }) => way === 'transfer').at(-1);
  if (last && settlement.mayAct) {
    const text = `Recorded ${money(last.amount, last.currency)} by mistake?`;
    blocks.push(section(text, { accessory: undoButton(value, last) }));
  }
  for (const memo of settlement.memos.slice(0, MOST_SHOWN)) blocks.push(memoBlock(memo, invoice.accountId));
  for (const refund of settlement.refunds.slice(0, MOST_SHOWN)) blocks.push(refundBlock(refund, value, settlement));
  const elements = settlement.mayAct ? [...payOutButton(invoice), ...nextSteps(invoice)] : [];
  if (elements.length > 0) blocks.push(actions(elements));
  return blocks;
}

/** The buttons for the state changes that domain.md allows, with permission. */
export function nextSteps(
  invoice: Pick<InvoiceSummary, 'accountId' | 'id' | 'state' | 'number'> & Partial<Pick<InvoiceSummary, 'notCharged'>>,
): ActionsBlockElement[] {
  const value = target({ account: invoice.accountId, invoice: invoice.id });
  const elements: ActionsBlockElement[] = [];
  const canBePaid = isUnpaid(invoice.state) || invoice.state === 'uncollectible';
  if (canBePaid) elements.push(button('Record payment', INVOICE_PAY, { value, style: 'primary' }));
  const waits = invoice.state === 'due' && typeof invoice.notCharged === 'string';
  if (waits) elements.push(transferButton(value, 'The amount will no longer be charged with the next invoice'));
  if (invoice.state !== 'due' && CHARGEABLE_STATES.some((state) => state === invoice.state)) {
    elements.push(
      button('Charge again', INVOICE_CHARGE, {
        value,
        confirm: {
          title: 'Charge the card again?',
          text: `The amount left to pay on ${invoice.number === null ? 'this invoice' : `invoice ${invoice.number}`} will be charged to the billing group’s current card.`,
          confirm: 'Charge card',
        },
      }),
      transferButton(value, 'The card will no longer be charged for this invoice'),
    );
  }
  const items: MoreItem[] = isUnpaid(invoice.state) ? ['memo', 'waive', 'write_off'] : ['memo'];
  const fitting = invoice.state === 'due' ? items.filter((item) => item !== 'write_off') : items;
  elements.push(
    overflow(
      INVOICE_MORE,
      fitting.map((item) => ({ text: MORE[item], value: moreValue(item, invoice) })),
    ),
  );
  return elements;
}

/** For a balance with money left. */
function payOutButton({ accountId, id, balance, currency }: InvoiceSummary): ActionsBlockElement[] {
  if (!balance?.left.gt(0)) return [];
  return [
    button('Pay out balance', BALANCE_PAY_OUT, {
      value: target({ account: accountId, invoice: id }),
      confirm: {
        title: 'Pay out the balance?',
        text: `${money(balance.left, currency)} will be refunded to the card that paid earlier invoices, or by bank transfer. It won’t pay later invoices.`,
        confirm: 'Pay out',
      },
    }),
  ];
}

function transferButton(value: string, what: string): ActionsBlockElement {
  return button('Request transfer', INVOICE_TRANSFER, {
    value,
    confirm: {
      title: 'Request a bank transfer?',
      text: `${what}, and payment will be due within 14 days.`,
      confirm: 'Request transfer',
    },
  });
}

/** An option's value has at most 150 characters: the IDs, and the choice. */
export function readMore(value: string): { item: MoreItem; account: string; invoice: string } | undefined {
  const [item = '', account = '', invoice = ''] = value.split(' ');
  return isMore(item) ? { item, account, invoice } : undefined;
}

function moreValue(item: MoreItem, { accountId, id }: Pick<InvoiceSummary, 'accountId' | 'id'>): string {
  return `${item} ${accountId} ${id}`;
}

function isMore(item: string): item is MoreItem {
  return item in MORE;
}

function paymentText({ amount, currency, date, reference, way }: PaymentSummary): string {
  const how = way === 'card' ? 'by card' : 'received';
  const named = reference === '' || way === 'card' ? '' : ` · ${escapeMrkdwn(reference)}`;
  return `• ${money(amount, currency)} ${how} ${dayName(date)}${named}`;
}

/** Reverses a payment that was recorded by mistake. */
export function undoButton(
  of: { account: string; invoice: string },
  { id, amount, currency }: Pick<PaymentSummary, 'id' | 'amount' | 'currency'>,
): ReturnType<typeof button> {
  return button('Undo payment', PAYMENT_UNDO, {
    value: target({ ...of, name: id }),
    confirm: {
      title: 'Undo this payment?',
      text: `${money(amount, currency)} will be left to pay on the invoice again, and reminders will resume.`,
      confirm: 'Undo payment',
    },
  });
}

function listed(title: string, lines: readonly string[]): KnownBlock {
  return section(`*${title}*\n${listText(lines, MOST_SHOWN)}`);
}

function memoBlock({ number, total, currency, reason }: MemoSummary, account: string): KnownBlock {
  const text = `*Credit memo ${escapeMrkdwn(number ?? 'being issued')}:* ${money(total, currency)} · ${escapeMrkdwn(reason)}`;
  return number === null ? section(text) : section(text, { accessory: memoPdfButton(account, number) });
}

function refundBlock(
  { id, way, state, failure, amount }: RefundSummary,
  of: { account: string; invoice: string },
  { mayAct }: Settlement,
): KnownBlock {
  if (state === 'made') return section(`:white_check_mark: ${amount} was refunded`);
  if (way === 'card' && state === 'open') return section(`${amount} is being refunded to the card`);
  const why = failure === null ? '' : ` The refund to the card failed: ${escapeMrkdwn(failure)}`;
  const text = `*${amount}* must be refunded by bank transfer.${why}`;
  if (!mayAct) return section(text);
  const accessory = button('Mark as refunded', REFUND_MADE, { value: target({ ...of, name: id }) });
  return section(text, { accessory });
}
