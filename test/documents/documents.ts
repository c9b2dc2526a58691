import { Decimal, roundToMinor, sum, ZERO } from '../../src/billing/money/money.ts';
import { toPeriod } from '../../src/billing/period/period.ts';
import { taxAmounts } from '../../src/billing/tax/tax.ts';
import type {
  BillingDocument,
  DocumentBuyer,
  DocumentLine,
  DocumentSeller,
  TaxCategory,
} from '../../src/documents/document.ts';

export const SELLER: DocumentSeller = {
  legalName: 'Northwind Cloud GmbH',
  addressLines: ['Friedrichstraße 68'],
  zipCode: '10117',
  city: 'Berlin',
  countryCode: 'DE',
  vatId: 'DE136695976',
  email: 'billing@northwind.example',
  contactName: 'Billing team',
  phone: '+49 30 1234567',
  bank: { name: 'Berliner Handelsbank', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' },
  logo: null,
  color: '#1f4a3d',
};

export const BUYER: DocumentBuyer = {
  groupName: 'Platform',
  company: 'Żółta Łódź Sp. z o.o., Niederlassung Köln',
  addressLines: ['Hohe Straße 12', '3. Stock'],
  zipCode: '50667',
  city: 'Köln',
  state: '',
  countryCode: 'DE',
  vatId: 'DE129273398',
  emails: ['rechnung@zolta.example'],
  extraText: 'PO-2026-0815',
};

const REASONS: Readonly<Record<TaxCategory, string | null>> = {
  S: null,
  Z: null,
  E: 'Exempt from VAT (§ 4 Nr. 8 UStG)',
  AE: 'Reverse charge: the recipient is liable for the VAT (Article 196 of Directive 2006/112/EC)',
  G: 'Supplied to a recipient abroad: not subject to VAT here',
  O: 'Outside the scope of VAT',
};

/** A line in one project; `total` in digits. */
export function line(
  projectName: string,
  serviceName: string,
  total: string,
  over: Partial<DocumentLine> = {},
): DocumentLine {
  const amount = new Decimal(total);
  return {
    lineType: 'service_charge',
    description: serviceName,
    projectName,
    projectLabel: null,
    serviceName,
    serviceType: null,
    servicePlan: null,
    cloudName: null,
    begin: '2026-10-01',
    end: '2026-10-31',
    preDiscount: amount,
    total: amount,
    taxCategory: 'S',
    taxRate: new Decimal(19),
    records: 31,
    ...over,
  };
}

/** Credits that reduce the net before tax. */
export function credit(code: string, total: string, over: Partial<DocumentLine> = {}): DocumentLine {
  return line('', '', total, { lineType: 'credit_consumption', description: `Credit ${code}`, records: 0, ...over });
}

/** All lines in one category. */
export function taxed(lines: readonly DocumentLine[], taxCategory: TaxCategory, rate = '0'): DocumentLine[] {
  return lines.map((one) => ({ ...one, taxCategory, taxRate: new Decimal(rate) }));
}

/** A document whose figures follow from its lines (domain.md, Money). */
export function documentOf(lines: readonly DocumentLine[], over: Partial<BillingDocument> = {}): BillingDocument {
  const currency = over.currency ?? 'EUR';
  const taxes = taxAmounts(
    lines.map(({ taxCategory: category, taxRate: rate, total }) => ({
      rule: { category, rate, reason: REASONS[category], why: '' },
      base: total,
    })),
    currency,
  );
  const net = roundToMinor(sum(lines.map(({ total }) => total)), currency);
  const tax = sum(taxes.map(({ amount }) => amount));
  const total = net.plus(tax);
  const prepaid = over.prepaid ?? [];
  return {
    kind: 'invoice',
    number: 'NW-2026-00042',
    corrects: null,
    seller: SELLER,
    buyer: BUYER,
    issueDate: '2026-11-02',
    dueDate: '2026-11-16',
    period: toPeriod('2026-10'),
    periodBegin: '2026-10-01',
    periodEnd: '2026-10-31',
    currency,
    lines,
    taxes: taxes.map(({ category, rate, base, amount, reason }) => ({ category, rate, base, amount, reason })),
    taxAtHome: null,
    net,
    tax,
    total,
    prepaid,
    amountDue: Decimal.max(total.minus(sum(prepaid.map(({ amount }) => amount))), ZERO),
    payment: { kind: 'bank_transfer', termsDays: 14 },
    conversions: [],
    ...over,
  };
}
