import type { InvoiceState } from '../billing/invoice.ts';
import { type Balance, mayBecome } from '../billing/invoice-life.ts';
import { type Decimal, sum, ZERO } from '../billing/money.ts';
import { Refusal } from '../billing/refusal.ts';
import { type Decimal128, fromDecimal128, toDecimal128 } from '../store/decimal.ts';
import { type InvoiceDoc, type InvoiceLife, Invoices } from '../store/invoices.ts';
import { Charges } from '../store/payments.ts';

/** An invoice that was issued: it has its number. */
export type IssuedInvoice = InvoiceDoc & { readonly number: string };

/** What changes with a step: amounts are the new ones. */
export interface LifeChange {
  readonly state?: InvoiceState;
  readonly paid?: Decimal;
  readonly offset?: Decimal;
  readonly returned?: Decimal;
  readonly credited?: Decimal;
  readonly payBy?: Date;
  readonly reminded?: readonly number[];
  /** Null: it has failed no longer. */
  readonly failure?: string | null;
}

/** An issued invoice of an account. To be called in the transaction that changes it. @throws {Refusal} `invoice_not_found`, `invoice_not_issued` */
export async function issuedInvoice(accountId: string, invoiceId: string): Promise<IssuedInvoice> {
  const invoice = await Invoices.findOne({ _id: invoiceId, accountId }).lean();
  if (!invoice) throw new Refusal('invoice_not_found', 'There is no such invoice in this account.');
  if (invoice.number === undefined || invoice.state === 'draft' || invoice.state === 'estimate') {
    throw new Refusal('invoice_not_issued', 'This invoice is not issued yet: until then it is an estimate.');
  }
  return { ...invoice, number: invoice.number };
}

/** The invoice's money, from what is stored. */
export function balanceOf({ amountDue, prepaid, life }: Pick<InvoiceDoc, 'amountDue' | 'prepaid' | 'life'>): Balance {
  return {
    amountDue: fromDecimal128(amountDue),
    prepaid: sum((prepaid ?? []).map(({ amount }) => fromDecimal128(amount))),
    paid: stored(life?.paid),
    offset: stored(life?.offset),
    returned: stored(life?.returned),
  };
}

/**
 * Takes an invoice a step on. To be called in the transaction that read it: should another step have been taken
 * meanwhile, that transaction is run again on what is then there.
 */
export async function step(invoice: InvoiceDoc, change: LifeChange): Promise<void> {
  const { state = invoice.state, paid, offset, returned, credited, failure, ...plain } = change;
  const { failure: failureBefore, ...before } = invoice.life ?? {};
  const steps = before.steps ?? 0;
  const reason = failure === undefined ? failureBefore : failure;
  const life: InvoiceLife = {
    ...before,
    ...plain,
    ...(paid && { paid: toDecimal128(paid) }),
    ...(offset && { offset: toDecimal128(offset) }),
    ...(returned && { returned: toDecimal128(returned) }),
    ...(credited && { credited: toDecimal128(credited) }),
    ...(typeof reason === 'string' && { failure: reason }),
    steps: steps + 1,
  };
  const unchanged = steps === 0 ? { 'life.steps': { $exists: false } } : { 'life.steps': steps };
  const { matchedCount } = await Invoices.updateOne(
    { _id: invoice._id, state: invoice.state, ...unchanged },
    { $set: { state, life } },
  );
  if (matchedCount === 0) throw new Error(`Invoice ${invoice._id} is no longer as it was read`);
}

/** @throws {Refusal} `wrong_state` where domain.md's table has no such way; `what` ends “…, so it can’t be”. */
export function assertMayBecome(invoice: IssuedInvoice, to: InvoiceState, what: string): void {
  if (mayBecome(invoice.state, to)) return;
  const state = invoice.state.replaceAll('_', ' ');
  throw new Refusal('wrong_state', `Invoice ${invoice.number} is ${state}, so it can’t be ${what}.`);
}

/** What is being charged may be paid at any moment. @throws {Refusal} `being_charged` */
export async function assertNotCharging(invoice: IssuedInvoice): Promise<void> {
  if (!(await Charges.exists({ invoiceId: invoice._id, state: 'open' }))) return;
  throw new Refusal('being_charged', `Invoice ${invoice.number} is being charged to a card right now.`, {
    wayOut: 'Wait for what comes of it; that is told here.',
  });
}

function stored(amount: Decimal128 | undefined): Decimal {
  return amount === undefined ? ZERO : fromDecimal128(amount);
}
