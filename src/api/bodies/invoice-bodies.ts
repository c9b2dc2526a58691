import { completeSeller } from '../../billing/account/seller.ts';
import { publishedServiceType } from '../../billing/invoice/service-type.ts';
import { type Decimal, toFixedMinor } from '../../billing/money/money.ts';
import type { ToUsd } from '../../services/costs/us-dollars.ts';
import { type GroupInvoice, nameOfInvoice } from '../../services/invoicing/group-invoices.ts';
import type { InvoiceSummary, LineSummary } from '../../services/invoicing/invoice-reading.ts';
import { shownId } from '../ids.ts';
import { buyerBody } from '../schemas/billing-fields.ts';
import { lastSecond, time } from '../schemas/common.ts';
import type { InvoiceBody, LineBody } from '../schemas/invoice.ts';

/** INVOICE in the published API. */
export function invoiceBody(invoice: GroupInvoice, cookie: string): InvoiceBody {
  const { periodBegin, periodEnd, currency } = invoice;
  return {
    invoice_number: nameOfInvoice(invoice),
    billing_group_id: shownId(invoice.billingGroupId),
    billing_group_name: invoice.billingGroupName,
    billing_group_state: invoice.billingGroupState,
    currency,
    state: shownState(invoice),
    period_begin: time(periodBegin),
    period_end: lastSecond(periodEnd),
    generated_at: invoice.computedAt && time(invoice.computedAt),
    issue_date: invoice.issuedAt && time(invoice.issuedAt),
    due_date: invoice.dueAt && time(invoice.dueAt),
    total_vat_zero: toFixedMinor(invoice.net, currency),
    total_inc_vat: toFixedMinor(invoice.total, currency),
    download_cookie: cookie,
  };
}

export function invoiceHeadBody(invoice: InvoiceSummary) {
  return {
    invoice_number: nameOfInvoice(invoice),
    invoice_state: shownState(invoice),
    due_date: invoice.dueAt && time(invoice.dueAt),
    generated_at: invoice.computedAt && time(invoice.computedAt),
    local_vat_zero: toFixedMinor(invoice.net, invoice.currency),
    local_inc_vat: toFixedMinor(invoice.total, invoice.currency),
  };
}

/** The parts of a whole invoice other than its header and its lines. */
export function invoiceRestBody(invoice: GroupInvoice) {
  const money = (amount: Decimal) => toFixedMinor(amount, invoice.currency);
  const { snapshot } = invoice;
  const seller = snapshot?.seller && completeSeller(snapshot.seller);
  const buyer = snapshot?.buyer;
  return {
    account_id: shownId(invoice.accountId),
    account_name: snapshot?.accountName ?? '',
    tax: money(invoice.tax),
    taxes: invoice.taxes.map(({ category, rate, base, amount, reason }) => ({
      ...{ category, reason },
      ...{ rate: rate.toFixed(), base: money(base), amount: money(amount) },
    })),
    prepaid: invoice.prepaid.map(({ code, amount }) => ({ code, amount: money(amount) })),
    balance: invoice.balance ? { code: invoice.balance.code, amount: money(invoice.balance.amount) } : null,
    amount_due: money(invoice.amountDue),
    conversions: invoice.conversions.map(({ from, rate, date, source }) => ({
      from,
      rate: rate.toFixed(),
      date,
      source,
    })),
    seller: seller
      ? {
          legal_name: seller.legalName,
          address_lines: [...seller.addressLines],
          zip_code: seller.zipCode,
          city: seller.city,
          country_code: seller.countryCode,
          vat_id: seller.vatId,
          iban: seller.iban,
          bic: seller.bic,
          bank_name: seller.bankName,
        }
      : null,
    buyer: buyer ? buyerBody(buyer) : null,
  };
}

/** LINE in the published API. */
export function lineBody(line: LineSummary, currency: string, toUsd: ToUsd): LineBody {
  const usd = toUsd(line.total, currency);
  return {
    line_type: line.lineType,
    description: line.description,
    line_total_local: toFixedMinor(line.total, currency),
    line_pre_discount_local: toFixedMinor(line.preDiscount, currency),
    line_total_usd: usd && toFixedMinor(usd, 'USD'),
    local_currency: currency,
    project_name: line.projectName || null,
    service_name: line.serviceName || null,
    service_type: publishedServiceType(line),
    service_plan: line.servicePlan,
    cloud_name: line.cloudName,
    timestamp_begin: time(line.begin),
    timestamp_end: time(line.end),
    tags: tagsBody(line),
    commitment_name: line.lineType === 'commitment_fee' ? line.description : null,
  };
}

/** The tags that all costs of a line have. */
export function tagsBody({ tags = [] }: Pick<LineSummary, 'tags'>): Record<string, string> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

export function shownState({ state }: InvoiceSummary): InvoiceBody['state'] {
  return state === 'draft' ? 'estimate' : state;
}
