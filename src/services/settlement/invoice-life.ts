import { cleanName, nameLength } from '../../billing/group/names.ts';
import { DEFAULT_TERMS_DAYS } from '../../billing/group/payment-method.ts';
import { dueDate } from '../../billing/invoice/invoice.ts';
import { openAmount } from '../../billing/invoice/invoice-life.ts';
import { formatMoney } from '../../billing/money/money.ts';
import { dayNameIn } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { assertNotCharging, assertTransition, balanceOf, issuedInvoice, step } from './invoice-balance.ts';

export const REASON_LIMIT = 300;

/** An invoice, and the reason for an action, for the log. */
export interface Decision {
  readonly accountId: string;
  readonly invoiceId: string;
  readonly reason: string;
}

const ENDS = {
  waived: { type: 'invoice_waived', done: 'Waived', action: 'waive' },
  uncollectible: { type: 'invoice_written_off', done: 'Wrote off', action: 'write_off' },
} as const;

/**
 * Waives the open amount of an invoice. @returns its number @throws {Refusal} `invalid_input`, `wrong_state`,
 * `being_charged`, `invoice_not_found`, `role_needed`
 */
export function waiveInvoice(ctx: Ctx, decision: Decision): Promise<string> {
  return end(ctx, decision, 'waived');
}

/**
 * Writes an invoice off as uncollectible. Later payments can still be recorded. @returns its number @throws {Refusal}
 * as `waiveInvoice`
 */
export function writeOffInvoice(ctx: Ctx, decision: Decision): Promise<string> {
  return end(ctx, decision, 'uncollectible');
}

/**
 * Requests a bank transfer after a card charge failed: the invoice is emailed, with the default payment term from now
 * on.
 *
 * @returns its number @throws {Refusal} `wrong_state`, `being_charged`, `invoice_not_found`, `role_needed`
 */
export async function requestBankTransfer(
  ctx: Ctx,
  { accountId, invoiceId }: { readonly accountId: string; readonly invoiceId: string },
): Promise<string> {
  return inChange(ctx, accountId, 'issue', async (tx, { account }) => {
    const invoice = await issuedInvoice(accountId, invoiceId);
    // if no card can be charged the amount, a failed charge isn't required first
    const isCarriedOver = invoice.state === 'due' && invoice.life?.notCharged !== undefined;
    if (!isCarriedOver) assertTransition(invoice, 'mailed', 'request_transfer');
    await assertNotCharging(invoice);
    const terms = { kind: 'bank_transfer', termsDays: DEFAULT_TERMS_DAYS, currency: invoice.currency } as const;
    const payBy = dueDate(tx.clock.now(), terms, account.timeZone);
    await step(tx, invoice, { state: 'mailed', payBy, reminded: [], failure: null, notCharged: null });
    await tx.record({
      accountId,
      type: 'invoice_transfer_asked',
      description: `Requested a bank transfer for invoice ${invoice.number}, due on ${dayNameIn(payBy, account.timeZone)}`,
      billingGroupId: invoice.billingGroupId,
      invoiceId,
      before: { state: invoice.state },
      after: { state: 'mailed', payBy: payBy.toISOString() },
    });
    return invoice.number;
  });
}

async function end(ctx: Ctx, { accountId, invoiceId, ...input }: Decision, to: keyof typeof ENDS): Promise<string> {
  const reason = checkedReason(input.reason);
  const { type, done, action } = ENDS[to];
  return inChange(ctx, accountId, 'issue', async (tx) => {
    const invoice = await issuedInvoice(accountId, invoiceId);
    assertTransition(invoice, to, action);
    await assertNotCharging(invoice);
    await step(tx, invoice, { state: to });
    const open = formatMoney(openAmount(balanceOf(invoice)), invoice.currency);
    await tx.record({
      accountId,
      type,
      description: `${done} invoice ${invoice.number}, ${open} open: ${reason}`,
      billingGroupId: invoice.billingGroupId,
      invoiceId,
      before: { state: invoice.state },
      after: { state: to, reason },
    });
    return invoice.number;
  });
}

/** A reason in its stored form. @throws {Refusal} `invalid_input` for the field `reason` */
export function checkedReason(typed: string): string {
  const reason = cleanName(typed);
  const fault =
    reason === ''
      ? 'Enter a reason. It appears in the event log.'
      : nameLength(reason) > REASON_LIMIT
        ? `Use at most ${REASON_LIMIT} characters.`
        : undefined;
  if (fault) throw new Refusal('invalid_input', { fields: { reason: fault } });
  return reason;
}
