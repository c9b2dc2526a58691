import { type Aging, agingOf, daysOverdue } from '../../billing/invoice/aging.ts';
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
}

/** The unpaid amounts of issued invoices, by currency and by how long they have been overdue. Three queries. */
export async function agingReport(ctx: Ctx, accountId: string): Promise<AgingReport> {
  const { account } = await admit(ctx, accountId, 'see');
  const today = dayIn(ctx.clock.now(), account.timeZone);
  const docs = await invoicesToPay(accountId);
  const names = await groupNames(accountId, [...new Set(docs.map((doc) => doc.billingGroupId))]);
  const invoices = docs
    .map((doc) => toOpen(doc, { name: names.get(doc.billingGroupId) ?? '', zone: account.timeZone, today }))
    .filter(({ open }) => open.greaterThan(ZERO))
    .sort((a, b) => b.daysOverdue - a.daysOverdue || (a.dueDay ?? '').localeCompare(b.dueDay ?? ''));
  return { today, currencies: agingOf(invoices), invoices };
}

function toOpen(
  doc: InvoiceToPay,
  of: { readonly name: string; readonly zone: string; readonly today: string },
): OpenInvoice {
  const { _id: id, number = '', period, currency, issuedAt } = doc;
  const dueAt = payBy(doc);
  const dueDay = dueAt ? dayIn(dueAt, of.zone) : null;
  return {
    ...{ id, number, period, currency, dueDay },
    billingGroupName: of.name,
    total: fromDecimal128(doc.total),
    open: openAmount(balanceOf(doc)),
    issuedDay: issuedAt ? dayIn(issuedAt, of.zone) : null,
    daysOverdue: daysOverdue(dueDay, of.today),
  };
}
