import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import { type Balance, canTransition } from '../../billing/invoice/invoice-life.ts';
import { type Decimal, sum, ZERO } from '../../billing/money/money.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { InvoiceAction } from '../../billing/refusals/settlement.ts';
import { hasMemoDraft } from '../../store/invoicing/credit-memo-queries.ts';
import { invoiceById } from '../../store/invoicing/invoice-reads.ts';
import { takeStep } from '../../store/invoicing/invoice-writes.ts';
import type { InvoiceDoc, InvoiceLife } from '../../store/invoicing/invoices.ts';
import { type Decimal128, fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import { hasOpenCharge } from '../../store/settlement/charge-queries.ts';

/** An issued invoice, which has a number. */
export type IssuedInvoice = InvoiceDoc & { readonly number: string };

/** The changes made by a step. Amounts are the new ones. */
export interface LifeChange {
  readonly state?: InvoiceState;
  readonly paid?: Decimal;
  readonly offset?: Decimal;
  readonly returned?: Decimal;
  readonly credited?: Decimal;
  readonly payBy?: Date;
  readonly reminded?: readonly number[];
  /** Null if it is no longer failed. */
  readonly failure?: string | null;
  /** Null if it can be charged to a card again. */
  readonly notCharged?: string | null;
  readonly refusedAsTooSmall?: Decimal;
}

/** An issued invoice of an account. @throws {Refusal} `invoice_not_found`, `invoice_not_issued` */
export async function issuedInvoice(accountId: string, invoiceId: string): Promise<IssuedInvoice> {
  const invoice = await invoiceById(accountId, invoiceId);
  if (!invoice) throw new Refusal('invoice_not_found', {});
  if (invoice.number === undefined || invoice.state === 'draft' || invoice.state === 'estimate') {
    throw new Refusal('invoice_not_issued', {});
  }
  return { ...invoice, number: invoice.number };
}

/** The invoice's amounts, from stored data. */
export function balanceOf({ amountDue, prepaid, life }: Pick<InvoiceDoc, 'amountDue' | 'prepaid' | 'life'>): Balance {
  return {
    amountDue: fromDecimal128(amountDue),
    prepaid: sum((prepaid ?? []).map(({ amount }) => fromDecimal128(amount))),
    paid: stored(life?.paid),
    offset: stored(life?.offset),
    returned: stored(life?.returned),
  };
}

/** The due date of an issued invoice. */
export function payBy({ dueAt, life }: Pick<InvoiceDoc, 'dueAt' | 'life'>): Date | undefined {
  return life?.payBy ?? dueAt;
}

/**
 * Applies a step to an invoice that was read in the same transaction. If another step was applied in the meantime, the
 * transaction is run again with the new data.
 */
export async function step(tx: Tx, invoice: InvoiceDoc, change: LifeChange): Promise<void> {
  const { state = invoice.state, paid, offset, returned, credited, failure, notCharged, ...rest } = change;
  const { refusedAsTooSmall, ...plain } = rest;
  const { failure: failureBefore, notCharged: notChargedBefore, ...before } = invoice.life ?? {};
  const steps = before.steps ?? 0;
  const reason = failure === undefined ? failureBefore : failure;
  const obstacle = notCharged === undefined ? notChargedBefore : notCharged;
  const isNowPaid = state === 'paid' && invoice.state !== 'paid';
  const life: InvoiceLife = {
    ...before,
    ...plain,
    ...(paid && { paid: toDecimal128(paid) }),
    ...(offset && { offset: toDecimal128(offset) }),
    ...(returned && { returned: toDecimal128(returned) }),
    ...(credited && { credited: toDecimal128(credited) }),
    ...(refusedAsTooSmall && { refusedAsTooSmall: toDecimal128(refusedAsTooSmall) }),
    ...(typeof reason === 'string' && { failure: reason }),
    ...(typeof obstacle === 'string' && { notCharged: obstacle }),
    ...(isNowPaid && { beforePaid: { state: invoice.state, failure: failureBefore ?? null } }),
    steps: steps + 1,
  };
  if (!(await takeStep(tx, invoice, { state, life })))
    throw new Error(`Invoice ${invoice._id} changed after it was read`);
}

/** @throws {Refusal} `wrong_state` if domain.md, Invoice states, has no such transition */
export function assertTransition(invoice: IssuedInvoice, to: InvoiceState, action: InvoiceAction): void {
  if (canTransition(invoice.state, to)) return;
  throw new Refusal('wrong_state', { number: invoice.number, state: invoice.state, action });
}

/** An invoice that is being charged may be paid at any moment. @throws {Refusal} `being_charged` */
export async function assertNotCharging(invoice: IssuedInvoice): Promise<void> {
  if (!(await isBeingCharged(invoice))) return;
  throw new Refusal('being_charged', { number: invoice.number });
}

/** Whether an invoice has a credit memo that is frozen but not settled yet. A charge has to wait for it. */
export function isBeingCredited({ _id, accountId }: Pick<InvoiceDoc, '_id' | 'accountId'>): Promise<boolean> {
  return hasMemoDraft(accountId, _id);
}

/** @throws {Refusal} `being_credited` */
export async function assertNotCredited(invoice: IssuedInvoice): Promise<void> {
  if (!(await isBeingCredited(invoice))) return;
  throw new Refusal('being_credited', { number: invoice.number });
}

/** Whether there is an open charge for an invoice, alone or together with others. */
export function isBeingCharged({ _id, accountId }: Pick<InvoiceDoc, '_id' | 'accountId'>): Promise<boolean> {
  return hasOpenCharge(accountId, _id);
}

function stored(amount: Decimal128 | undefined): Decimal {
  return amount === undefined ? ZERO : fromDecimal128(amount);
}
