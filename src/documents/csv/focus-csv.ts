import type { LineType } from '../../billing/invoice/line.ts';
import { type Decimal, toFixedMinor } from '../../billing/money/money.ts';
import type { FocusCharge } from '../../services/costs/focus-export.ts';
import { csvRow, type Digits, digits } from './csv-row.ts';

/** FOCUS charge categories by line type (FOCUS 1.2, ChargeCategory). */
const CHARGE_CATEGORIES: Readonly<Record<LineType, 'Usage' | 'Purchase' | 'Tax' | 'Credit' | 'Adjustment'>> = {
  service_charge: 'Usage',
  extra_charge: 'Purchase',
  support_charge: 'Purchase',
  commitment_fee: 'Purchase',
  credit_consumption: 'Credit',
  multiplier: 'Adjustment',
  rounding: 'Adjustment',
  other_event: 'Adjustment',
};

/** FOCUS 1.2: the 21 mandatory columns, and others that we have. Columns starting with x_ are our own. */
export const FOCUS_COLUMNS = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceId',
  'InvoiceIssuerName',
  'ListCost',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'ServiceCategory',
  'ServiceName',
  'SubAccountId',
  'SubAccountName',
  'x_LineType',
  'x_ServicePlan',
] as const;
type Column = (typeof FOCUS_COLUMNS)[number];

/** FOCUS 1.2, ServiceCategory. */
const SERVICE_CATEGORIES: ReadonlySet<string> = new Set([
  'AI and Machine Learning',
  'Analytics',
  'Business Applications',
  'Compute',
  'Databases',
  'Developer Tools',
  'Identity',
  'Integration',
  'Internet of Things',
  'Management and Governance',
  'Media',
  'Migration',
  'Mobile',
  'Multicloud',
  'Networking',
  'Other',
  'Security',
  'Storage',
  'Web',
]);

/** The description of a charge without a service. */
const NAMES: Readonly<Record<LineType, string>> = {
  service_charge: 'Service',
  extra_charge: 'Extra charge',
  support_charge: 'Support',
  commitment_fee: 'Commitment',
  credit_consumption: 'Credit',
  multiplier: 'Discount',
  rounding: 'Rounding',
  other_event: 'Other',
};

const RECURRING: readonly LineType[] = ['support_charge', 'commitment_fee'];

/**
 * Charges as FOCUS 1.2 in CSV, in batches. For each InvoiceId, BilledCost adds up to the invoice's net: discounts are
 * included; credits, fees and rounding are separate rows; taxes aren't part of the net and are left out. Dates are in
 * UTC, ends exclusive.
 */
export async function* focusCsv(charges: AsyncIterable<readonly FocusCharge[]>): AsyncGenerator<string> {
  yield csvRow([...FOCUS_COLUMNS]);
  for await (const batch of charges) yield batch.map(rowOf).join('');
}

function rowOf(charge: FocusCharge): string {
  const cells = cellsOf(charge);
  return csvRow(FOCUS_COLUMNS.map((column) => cells[column]));
}

function cellsOf({ invoice, invoiceId, line, issuer }: FocusCharge): Readonly<Record<Column, string | Digits>> {
  const money = (amount: Decimal) => digits(toFixedMinor(amount, invoice.currency));
  const category = CHARGE_CATEGORIES[line.lineType];
  // usage and purchases have a quantity: each row is one priced line
  const isPriced = (category === 'Usage' || category === 'Purchase') && line.lateFrom === null;
  return {
    BilledCost: money(line.total),
    BillingAccountId: invoice.billingGroupId.replace(/^bg_/, ''),
    BillingAccountName: invoice.billingGroupName,
    BillingCurrency: invoice.currency,
    BillingPeriodEnd: instant(invoice.periodEnd),
    BillingPeriodStart: instant(invoice.periodBegin),
    ChargeCategory: category,
    // late costs correct a period that has been invoiced
    ChargeClass: line.lateFrom === null ? '' : 'Correction',
    ChargeDescription: line.description,
    ChargeFrequency:
      category === 'Usage' ? 'Usage-Based' : RECURRING.includes(line.lineType) ? 'Recurring' : 'One-Time',
    ChargePeriodEnd: instant(line.end),
    ChargePeriodStart: instant(line.begin),
    ContractedCost: money(line.total),
    EffectiveCost: money(line.total),
    InvoiceId: invoiceId ?? '',
    InvoiceIssuerName: issuer,
    ListCost: money(line.preDiscount),
    PricingQuantity: isPriced ? digits('1') : '',
    PricingUnit: isPriced ? 'Units' : '',
    ProviderName: issuer,
    PublisherName: issuer,
    ServiceCategory: SERVICE_CATEGORIES.has(line.serviceType ?? '') ? (line.serviceType ?? '') : 'Other',
    ServiceName: line.serviceName || NAMES[line.lineType],
    SubAccountId: line.projectName,
    SubAccountName: line.projectLabel ?? line.projectName,
    x_LineType: line.lineType,
    x_ServicePlan: line.servicePlan ?? '',
  };
}

/** FOCUS 1.2, Date/Time Format: in UTC, to the second. */
function instant(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}
