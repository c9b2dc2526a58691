import { type Decimal, toFixedMinor } from '../billing/money/money.ts';
import { fieldsIn } from './buyer-fields.ts';
import type {
  BillingDocument,
  DocumentBuyer,
  DocumentLine,
  DocumentSeller,
  DocumentSettlement,
  DocumentTax,
} from './document.ts';

/**
 * A document as JSON with the terms of domain.md. Amounts are decimal strings with the currency's decimals, days are
 * YYYY-MM-DD. The logo is left out. The same document gives the same text, which ends in a line break.
 */
export function documentJson(document: BillingDocument): string {
  const { currency, corrects, payment } = document;
  const money = (amount: Decimal) => toFixedMinor(amount, currency);
  const content = {
    kind: document.kind,
    number: document.number,
    corrects: corrects && { invoice_number: corrects.number, issue_date: corrects.issueDate },
    ...(document.note !== undefined && { reason: document.note }),
    issue_date: document.issueDate,
    due_date: document.dueDate,
    period: document.period,
    period_begin: document.periodBegin,
    period_end: document.periodEnd,
    currency,
    seller: sellerJson(document.seller),
    buyer: buyerJson(document.buyer),
    lines: document.lines.map((line) => lineJson(line, currency)),
    taxes: document.taxes.map((tax) => taxJson(tax, currency)),
    total_vat_zero: money(document.net),
    tax: money(document.tax),
    tax_at_home: document.taxAtHome && {
      currency: document.taxAtHome.currency,
      amount: toFixedMinor(document.taxAtHome.amount, document.taxAtHome.currency),
    },
    total_inc_vat: money(document.total),
    prepaid: document.prepaid.map(({ code, amount }) => ({ code, amount: money(amount) })),
    ...(document.balance && { balance: { code: document.balance.code, amount: money(document.balance.amount) } }),
    amount_due: money(document.amountDue),
    ...(document.settlement && { settlement: settlementJson(document.settlement, money) }),
    payment: paymentJson(payment),
    conversions: document.conversions.map(({ rate, ...conversion }) => ({ ...conversion, rate: rate.toFixed() })),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function sellerJson(seller: DocumentSeller) {
  return {
    legal_name: seller.legalName,
    address_lines: seller.addressLines,
    zip_code: seller.zipCode,
    city: seller.city,
    country_code: seller.countryCode,
    vat_id: seller.vatId,
    email: seller.email,
    contact_name: seller.contactName ?? '',
    phone: seller.phone ?? '',
    electronic_address: seller.electronicAddress ?? '',
    bank: seller.bank,
  };
}

function buyerJson({ groupName, ...buyer }: DocumentBuyer) {
  const values = fieldsIn(buyer, ({ json }) => json).map(({ field, value }) => [field.api.name, value]);
  return { billing_group_name: groupName, ...Object.fromEntries(values) };
}

function lineJson(line: DocumentLine, currency: string) {
  return {
    line_type: line.lineType,
    description: line.description,
    project_name: line.projectName,
    project_label: line.projectLabel,
    service_name: line.serviceName,
    service_type: line.serviceType,
    service_plan: line.servicePlan,
    cloud_name: line.cloudName,
    begin: line.begin,
    end: line.end,
    line_pre_discount_local: toFixedMinor(line.preDiscount, currency),
    line_total_local: toFixedMinor(line.total, currency),
    local_currency: currency,
    tax_category: line.taxCategory,
    tax_rate: line.taxRate.toFixed(),
    usage_records: line.records,
  };
}

function taxJson({ category, rate, base, amount, reason }: DocumentTax, currency: string) {
  const money = (value: Decimal) => toFixedMinor(value, currency);
  return { category, rate: rate.toFixed(), base: money(base), amount: money(amount), reason };
}

function settlementJson({ offset, refund, returned }: DocumentSettlement, money: (amount: Decimal) => string) {
  return { offset: money(offset), refund: money(refund), returned_to_credits: money(returned) };
}

function paymentJson(payment: BillingDocument['payment']) {
  const { note } = { note: undefined, ...payment };
  const why = note === undefined ? {} : { note };
  if (payment.kind === 'bank_transfer') return { kind: payment.kind, payment_terms_days: payment.termsDays, ...why };
  return payment;
}
