import {
  DEFAULT_SMALL_AMOUNT_POLICY,
  DEFAULT_TERMS_DAYS,
  type PaymentMethod,
} from '../../billing/group/payment-method.ts';
import { dueDate } from '../../billing/invoice/invoice.ts';
import { openAmount } from '../../billing/invoice/invoice-life.ts';
import { type Decimal, formatMoney, sum } from '../../billing/money/money.ts';
import { dayNameIn } from '../../billing/period/day.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { type InvoicesOf, waitingForCharge } from '../../store/invoicing/invoice-reads.ts';
import { endWaitingForCharge } from '../../store/invoicing/invoice-writes.ts';
import type { InvoiceDoc, InvoiceSnapshot } from '../../store/invoicing/invoices.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import type { Ctx } from '../kit/context.ts';
import { automaticChange, type Change } from '../kit/transaction.ts';
import type { CardObstacle } from './card-provider.ts';
import { balanceOf, type IssuedInvoice, isBeingCharged, step } from './invoice-balance.ts';

const WAITS = 'It will be charged together with the next invoice.';
const BY_TRANSFER = 'Payment is requested by bank transfer.';

/**
 * How an invoice that is about to be issued is paid, as stored in its snapshot. If a card can't be charged the amount,
 * it says so, and requests a bank transfer unless the amount waits for the next charge.
 */
export async function paymentTerms(
  ctx: Ctx,
  account: AccountDoc,
  invoice: Pick<InvoiceDoc, '_id' | 'accountId' | 'billingGroupId' | 'currency'>,
  { amountDue, method }: { readonly amountDue: Decimal; readonly method: PaymentMethod },
): Promise<Pick<InvoiceSnapshot, 'paymentMethod' | 'notCharged'>> {
  const { currency } = invoice;
  if (method.kind !== 'credit_card' || !amountDue.gt(0) || !ctx.cardObstacle?.(amountDue, currency))
    return { paymentMethod: method };
  const waiting = await carriedOver(invoice);
  const all = sum([amountDue, ...waiting.map((one) => openAmount(balanceOf(one)))]);
  const obstacle = ctx.cardObstacle(all, currency);
  if (!obstacle) return { paymentMethod: method };
  const why = obstacleText(formatMoney(amountDue, currency), obstacle, currency);
  if (mayWait(account, obstacle)) return { paymentMethod: method, notCharged: `${why} ${WAITS}` };
  const transfer = { kind: 'bank_transfer', termsDays: DEFAULT_TERMS_DAYS, currency } as const;
  return { paymentMethod: transfer, notCharged: `${why} ${BY_TRANSFER}` };
}

/**
 * A group's invoices that wait for its next card charge, because their amounts are too small to charge separately. The
 * open amounts stay on their invoices, so no invoice changes, and one charge pays them all. Oldest first.
 */
export async function carriedOver(
  invoice: Pick<InvoiceDoc, '_id' | 'accountId' | 'billingGroupId' | 'currency'>,
): Promise<IssuedInvoice[]> {
  const free: IssuedInvoice[] = [];
  for (const one of await waitingForCharge(invoice)) {
    if (one.number === undefined || openAmount(balanceOf(one)).isZero() || (await isBeingCharged(one))) continue;
    free.push({ ...one, number: one.number });
  }
  return free;
}

/**
 * Makes the next tick decide again about amounts that were carried over, because there will be no card charge: the
 * account now requests a bank transfer, or the group no longer pays by card.
 */
export async function reconsiderCarriedOver(tx: Tx, of: InvoicesOf): Promise<void> {
  await endWaitingForCharge(tx, of);
}

/** Whether the provider has rejected a charge of at least this amount as too small. It isn't asked again for less. */
export function wasRefusedAsTooSmall({ life }: IssuedInvoice, amount: Decimal): boolean {
  return life?.refusedAsTooSmall !== undefined && amount.lte(life.refusedAsTooSmall.toString());
}

/**
 * Records that an amount can't be charged to a card, which isn't a failure. An amount below the minimum waits for the
 * next charge, or is requested by bank transfer if the account is set up that way. Other amounts are requested by bank
 * transfer. Safe to repeat: amounts that already wait cause no event.
 *
 * @param tried the amount to be charged, for this invoice and those carried over
 * @param hasCard whether the group still pays by card
 */
export async function setAside(
  tx: Change,
  invoice: IssuedInvoice,
  of: { readonly obstacle: CardObstacle; readonly tried: Decimal; readonly hasCard: boolean },
): Promise<void> {
  const account = await accountOrFail(invoice.accountId);
  const { obstacle, tried } = of;
  const waits = mayWait(account, obstacle) && invoice.state === 'due' && of.hasCard;
  const why = obstacleText(openText(invoice), obstacle, invoice.currency);
  const unknown = obstacle.kind === 'below_minimum' && obstacle.minimum === null;
  const refused = unknown && !wasRefusedAsTooSmall(invoice, tried) ? { refusedAsTooSmall: tried } : {};
  if (!waits) return requestTransfer(tx, invoice, account.timeZone, why);
  const notCharged = `${why} ${WAITS}`;
  const isNoted = invoice.life?.notCharged === notCharged;
  if (isNoted && !('refusedAsTooSmall' in refused)) return;
  await step(tx, invoice, { notCharged, failure: null, ...refused });
  if (isNoted) return;
  await automaticChange(tx).record({
    accountId: invoice.accountId,
    type: 'payment_carried_over',
    description: `Carried over ${openText(invoice)} of invoice ${invoice.number} to the next card charge: ${why}`,
    billingGroupId: invoice.billingGroupId,
    invoiceId: invoice._id,
    before: { state: invoice.state },
    after: { state: invoice.state, open: openAmount(balanceOf(invoice)).toFixed(), reason: obstacle.kind },
  });
}

async function requestTransfer(tx: Change, invoice: IssuedInvoice, timeZone: string, why: string): Promise<void> {
  const terms = { kind: 'bank_transfer', termsDays: DEFAULT_TERMS_DAYS, currency: invoice.currency } as const;
  const payBy = dueDate(tx.clock.now(), terms, timeZone);
  const notCharged = `${why} ${BY_TRANSFER}`;
  await step(tx, invoice, { state: 'mailed', payBy, reminded: [], failure: null, notCharged });
  await automaticChange(tx).record({
    accountId: invoice.accountId,
    type: 'invoice_transfer_asked',
    description: `Requested a bank transfer of ${openText(invoice)} for invoice ${invoice.number}, due on ${dayNameIn(payBy, timeZone)}: ${why}`,
    billingGroupId: invoice.billingGroupId,
    invoiceId: invoice._id,
    before: { state: invoice.state },
    after: { state: 'mailed', payBy: payBy.toISOString(), reason: why },
  });
}

/** Whether an amount may wait for the next charge instead of being requested by bank transfer. */
function mayWait({ smallCardAmounts = DEFAULT_SMALL_AMOUNT_POLICY }: AccountDoc, { kind }: CardObstacle): boolean {
  return kind === 'below_minimum' && smallCardAmounts === 'carry_over';
}

function obstacleText(open: string, obstacle: CardObstacle, currency: string): string {
  switch (obstacle.kind) {
    case 'below_minimum':
      return obstacle.minimum === null
        ? `${open} is below the minimum card charge.`
        : `${open} is below the minimum card charge of ${formatMoney(obstacle.minimum, currency)}.`;
    case 'not_representable':
      return `${open} can’t be charged to a card exactly.`;
    case 'too_large':
      return `${open} is above the maximum card charge.`;
  }
}

function openText(invoice: IssuedInvoice): string {
  return formatMoney(openAmount(balanceOf(invoice)), invoice.currency);
}
