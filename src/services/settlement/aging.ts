import { type Aging, agingOf, daysOverdue, type UnpaidAmount } from '../../billing/invoice/aging.ts';
import { openAmount } from '../../billing/invoice/invoice-life.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { dayIn } from '../../billing/period/day.ts';
import type { Period } from '../../billing/period/period.ts';
import { groupNames } from '../../store/groups/group-reads.ts';
import { type InvoiceToPay, invoicesToPay } from '../../store/invoicing/invoice-reads.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { balanceOf, payBy } from './invoice-balance.ts';

/** An unpaid invoice. Days are YYYY-MM-DD in the account's time zone. */
export interface OpenInvoice {
  readonly id: string;
  readonly number: string;
  readonly billingGroupName: string;
  readonly period: Period;
  readonly currency: string;
  readonly total: Decimal;
  readonly open: Decimal;
  readonly issuedDay: string | null;
  readonly dueDay: string | null;
  readonly daysOverdue: number;
}

export interface AgingReport {
  /** The day of the report, YYYY-MM-DD in the account's time zone. */
  readonly today: string;
  readonly currencies: readonly Aging[];
  /** Longest overdue first. */
  readonly invoices: readonly OpenInvoice[];
  /** Whether the person doesn't see all groups, so that it only covers those that they see. */
  readonly isPartial: boolean;
}

/** The unpaid amounts of issued invoices that the caller sees, by currency and by how long they have been overdue. Three queries. */
export async function agingReport(ctx: Ctx, accountId: string): Promise<AgingReport> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const today = dayIn(ctx.clock.now(), account.timeZone);
  const docs = await invoicesToPay(accountId, sight);
  const names = await groupNames(accountId, [...new Set(docs.map((doc) => doc.billingGroupId))]);
  const invoices = docs
    .map((doc) => toOpen(doc, { name: names.get(doc.billingGroupId) ?? '', zone: account.timeZone, today }))
    .filter(({ open }) => open.greaterThan(ZERO))
    .sort((a, b) => b.daysOverdue - a.daysOverdue || (a.dueDay ?? '').localeCompare(b.dueDay ?? ''));
  return { today, currencies: agingOf(invoices), invoices, isPartial: !sight.isWhole };
}

function toOpen(
  doc: InvoiceToPay,
  of: { readonly name: string; readonly zone: string; readonly today: string },
): OpenInvoice {
  const { _id: id, number = '', period, issuedAt } = doc;
  return {
    ...{ id, number, period },
    ...unpaidAmount(doc, of),
    billingGroupName: of.name,
    issuedDay: issuedAt ? dayIn(issuedAt, of.zone) : null,
  };
}

/** The amount left to pay of an issued invoice, and how long it has been overdue. @param of the account's time zone, and the day in it */
export function unpaidAmount(
  doc: Pick<InvoiceToPay, 'currency' | 'total' | 'amountDue' | 'prepaid' | 'life' | 'dueAt'>,
  of: { readonly zone: string; readonly today: string },
): UnpaidAmount {
  const dueAt = payBy(doc);
  const dueDay = dueAt ? dayIn(dueAt, of.zone) : null;
  return {
    ...{ currency: doc.currency, dueDay },
    total: fromDecimal128(doc.total),
    open: openAmount(balanceOf(doc)),
    daysOverdue: daysOverdue(dueDay, of.today),
  };
}
