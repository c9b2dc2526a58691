import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { stateName } from '../../src/billing/invoice/invoice.ts';
import { formatMoney } from '../../src/billing/money/money.ts';
import { amountToType } from '../../src/billing/money/typed-amount.ts';
import { dayName } from '../../src/billing/period/day.ts';
import { payOutBalance } from '../../src/services/credits/balance-credits.ts';
import { rehearsed } from '../../src/services/kit/account-change.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { chargeAgain } from '../../src/services/settlement/charges.ts';
import {
  REASON_LIMIT,
  requestBankTransfer,
  waiveInvoice,
  writeOffInvoice,
} from '../../src/services/settlement/invoice-life.ts';
import { reversePayment } from '../../src/services/settlement/payment-reversal.ts';
import {
  type NewPayment,
  paymentToCome,
  REFERENCE_LIMIT,
  recordPayment,
} from '../../src/services/settlement/payments.ts';
import { refundMade } from '../../src/services/settlement/refunds.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { type Action, onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, context, datepicker, input, modal, section, textInput } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { readTarget } from '../kit/action-target.ts';
import { doneModal, formModal, onForm, openForm, parseWith } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { typedText } from '../kit/typed-fields.ts';
import { openMemo } from './invoice-memo.ts';
import { type FindInvoice, originAbove, type ViewBelow } from './invoice-origin.ts';
import { refreshInvoice } from './invoice-refresh.ts';
import {
  BALANCE_PAY_OUT,
  INVOICE_CHARGE,
  INVOICE_MORE,
  INVOICE_PAY,
  INVOICE_TRANSFER,
  PAYMENT_UNDO,
  REFUND_MADE,
  readMore,
  undoButton,
} from './invoice-settlement.ts';

const PAY = 'invoice.pay';
const END = 'invoice.end';
/** The title of the payment form and its result. */
const RECORD = 'Record payment';
const TITLES = { waive: 'Waive invoice', write_off: 'Write off invoice' } as const;
type Ending = keyof typeof TITLES;

const paymentSchema = z.object({ amount: typedText, date: typedText, reference: typedText });
type TypedPayment = z.infer<typeof paymentSchema>;
const endSchema = z.object({ reason: typedText });

/** Opens the form that records a payment, prefilled with the open amount. */
export async function openPayment(request: RequestContext, find: FindInvoice, view?: ViewBelow): Promise<void> {
  await openForm(request, RECORD, async () => {
    const { ctx, account, invoice } = await find();
    return paymentForm(ctx, originAbove(request, account, invoice, view));
  });
}

/** Opens the form that waives an invoice or writes it off. */
export async function openEnding(
  request: RequestContext,
  ending: Ending,
  find: FindInvoice,
  view?: ViewBelow,
): Promise<void> {
  await openForm(request, TITLES[ending], async () => {
    const { ctx, account, invoice } = await find();
    const origin = originAbove(request, account, invoice, view, { ending });
    return endingForm(ctx, origin, '');
  });
}

/** Registers the steps in an invoice's life after it was issued: their buttons and forms. */
export function registerInvoiceLife(app: SlackApp, deps: Deps): void {
  registerForms(app, deps);
  registerSteps(app, deps);
  registerPaymentForm(app, deps);
  registerEndingForm(app, deps);
}

/** The buttons that open forms. */
function registerForms(app: SlackApp, deps: Deps): void {
  onAction(app, INVOICE_PAY, (request, action) => openPayment(request, found(deps, request, action), action.view));
  onAction(app, INVOICE_MORE, async (request, action) => {
    const chosen = readMore(action.value ?? '');
    if (!chosen) return;
    const find = async () => ({ ctx: contextOf(deps, request), account: chosen.account, invoice: chosen.invoice });
    if (chosen.item === 'memo') return openMemo(request, find, action.view);
    return openEnding(request, chosen.item, find, action.view);
  });
}

/** The buttons that take effect at once. */
function registerSteps(app: SlackApp, deps: Deps): void {
  onAction(app, INVOICE_CHARGE, async (request, action) => {
    const { account, invoice } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    const number = await chargeAgain(ctx, { accountId: account, invoiceId: invoice });
    await after(
      request,
      ctx,
      action,
      `Invoice ${number} is being charged. The result will be posted to your notification channel.`,
    );
  });
  onAction(app, INVOICE_TRANSFER, async (request, action) => {
    const { account, invoice } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    const number = await requestBankTransfer(ctx, { accountId: account, invoiceId: invoice });
    await after(request, ctx, action, `Requested a bank transfer for invoice ${number}.`);
  });
  onAction(app, BALANCE_PAY_OUT, async (request, action) => {
    const { account, invoice } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    const { amount, currency, code } = await payOutBalance(ctx, { accountId: account, invoiceId: invoice });
    const paid = `${formatMoney(amount, currency)} of credit ${escapeMrkdwn(code)} will be paid out.`;
    await after(request, ctx, action, paid);
  });
  onAction(app, REFUND_MADE, async (request, action) => {
    const { account, invoice, name } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    await refundMade(ctx, account, name);
    await refreshInvoice(request, ctx, account, invoice, action.view?.id);
  });
  onAction(app, PAYMENT_UNDO, async (request, action) => {
    const { account, name } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    const { number, currency, amount, open } = await reversePayment(ctx, account, name);
    const text = `Reversed ${formatMoney(amount, currency)} for invoice *${escapeMrkdwn(number)}*. *${formatMoney(open, currency)}* is left to pay.`;
    const isDone = action.view?.title?.text === RECORD;
    if (isDone && action.view) {
      await request.client.views.update({ view_id: action.view.id, view: doneModal(RECORD, text) });
    } else await after(request, ctx, action, text);
  });
}

function registerPaymentForm(app: SlackApp, deps: Deps): void {
  onForm<TypedPayment>(app, deps, PAY, {
    title: RECORD,
    parse: parseWith(paymentSchema, 'amount'),
    again: (typed, origin, fault, ctx) => paymentForm(ctx, origin, typed, fault),
    confirm: {
      kept: paymentSchema,
      submit: RECORD,
      text: paymentText,
      back: (typed, origin, ctx) => paymentForm(ctx, origin, typed),
    },
    async work(ctx, typed, origin, request) {
      const payment = paymentOf(typed, origin);
      const { invoiceId } = payment;
      const { paymentId, number, currency, amount, open } = await recordPayment(ctx, payment);
      await refreshInvoice(request, ctx, origin.account, invoiceId, origin.more.list);
      const rest = open.isZero() ? 'The invoice is *paid*.' : `*${formatMoney(open, currency)}* is left to pay.`;
      const text = `Recorded ${formatMoney(amount, currency)} for invoice *${escapeMrkdwn(number)}*. ${rest}`;
      const of = { account: origin.account, invoice: invoiceId };
      const undo = actions([undoButton(of, { id: paymentId, amount, currency })]);
      return modal({ title: RECORD, close: 'Done', blocks: [section(text), undo] });
    },
  });
}

function registerEndingForm(app: SlackApp, deps: Deps): void {
  onForm<z.infer<typeof endSchema>>(app, deps, END, {
    title: 'Settle invoice',
    parse: parseWith(endSchema, 'reason'),
    again: ({ reason }, origin, fault, ctx) => endingForm(ctx, origin, reason, fault),
    async work(ctx, { reason }, origin, request) {
      const decision = { accountId: origin.account, invoiceId: origin.more.invoice ?? '', reason };
      const isWaiver = endingOf(origin) === 'waive';
      const number = isWaiver ? await waiveInvoice(ctx, decision) : await writeOffInvoice(ctx, decision);
      await refreshInvoice(request, ctx, origin.account, decision.invoiceId, origin.more.list);
      return `Invoice *${escapeMrkdwn(number)}* is ${isWaiver ? 'waived' : 'written off'}.`;
    },
  });
}

function found(deps: Deps, request: RequestContext, action: Action): FindInvoice {
  return async () => {
    const { account, invoice } = readTarget(action.value);
    return { ctx: contextOf(deps, request), account, invoice };
  };
}

/** A button in a message is answered with a message; one in the invoice's view updates it. */
async function after(request: RequestContext, ctx: Ctx, action: Action, text: string): Promise<void> {
  const { account, invoice } = readTarget(action.value);
  if (action.view) await refreshInvoice(request, ctx, account, invoice, action.view.id);
  else await request.respond({ text, blocks: [section(text)] });
}

function paymentOf(typed: TypedPayment, { account, more }: Origin): NewPayment {
  return { accountId: account, invoiceId: more.invoice ?? '', ...typed };
}

/** What a payment would do, for a person to confirm. */
async function paymentText(ctx: Ctx, typed: TypedPayment, origin: Origin): Promise<string> {
  const payment = paymentOf(typed, origin);
  const { number, currency, amount, open } = await rehearsed(ctx, (dry) => recordPayment(dry, payment));
  const what = `You’re about to record a payment of *${formatMoney(amount, currency)}* for invoice *${escapeMrkdwn(number)}*, received on ${dayName(typed.date)}.`;
  const rest = open.isZero()
    ? 'The invoice will be paid in full.'
    : `*${formatMoney(open, currency)}* will be left to pay on the invoice.`;
  const reference = typed.reference === '' ? '' : `\nReference: ${escapeMrkdwn(typed.reference)}`;
  return `${what} ${rest}${reference}`;
}

async function paymentForm(ctx: Ctx, origin: Origin, typed?: TypedPayment, fault?: string): Promise<ModalView> {
  const { number, currency, open, today, state, isPayable } = await paymentToCome(
    ctx,
    origin.account,
    origin.more.invoice ?? '',
  );
  if (!isPayable)
    return doneModal(RECORD, `Invoice *${escapeMrkdwn(number)}* is ${stateName(state)}. There is nothing left to pay.`);
  const amount = typed?.amount ?? amountToType(open, currency);
  return formModal({
    title: RECORD,
    callbackId: PAY,
    submit: 'Review payment',
    close: 'Cancel',
    origin,
    fault,
    blocks: [
      section(`Invoice *${escapeMrkdwn(number)}*: *${formatMoney(open, currency)}* is left to pay.`),
      input('amount', `Amount in ${currency}`, textInput('invoice.pay.amount', { initial: amount, maxLength: 24 }), {
        hint: 'If you enter less than the amount left to pay, the rest stays open.',
      }),
      input('date', 'Received on', datepicker('invoice.pay.date', typed?.date || today)),
      input(
        'reference',
        'Reference',
        textInput('invoice.pay.reference', { initial: typed?.reference, maxLength: REFERENCE_LIMIT }),
        { optional: true, hint: 'As shown on the bank statement.' },
      ),
    ],
  });
}

async function endingForm(ctx: Ctx, origin: Origin, reason: string, fault?: string): Promise<ModalView> {
  const ending = endingOf(origin);
  const { number, currency, open } = await paymentToCome(ctx, origin.account, origin.more.invoice ?? '');
  const what =
    ending === 'waive'
      ? 'Payment is no longer expected. This can’t be undone.'
      : 'The amount counts as lost. A later payment can still be recorded.';
  return formModal({
    title: TITLES[ending],
    callbackId: END,
    submit: ending === 'waive' ? 'Waive invoice' : 'Write off invoice',
    close: 'Cancel',
    origin,
    fault,
    blocks: [
      section(`Invoice *${escapeMrkdwn(number)}*: *${formatMoney(open, currency)}* is left to pay. ${what}`),
      input('reason', 'Reason', textInput('invoice.end.reason', { initial: reason, maxLength: REASON_LIMIT })),
      context('The event log keeps the reason with your name.'),
    ],
  });
}

function endingOf({ more }: Origin): Ending {
  return more.ending === 'waive' ? 'waive' : 'write_off';
}
