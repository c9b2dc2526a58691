import type { LineType } from '../../billing/invoice/line.ts';
import { type Decimal, toFixedMinor } from '../../billing/money/money.ts';
import type { FocusCharge } from '../../services/costs/focus-export.ts';

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

/** What a column holds. Decimals have all their digits. */
export type FocusKind = 'text' | 'decimal' | 'instant';

/** FOCUS 1.2: the 21 mandatory columns, and others that we have. Columns starting with x_ are our own. */
export const FOCUS_COLUMNS = {
  BilledCost: 'decimal',
  BillingAccountId: 'text',
  BillingAccountName: 'text',
  BillingCurrency: 'text',
  BillingPeriodEnd: 'instant',
  BillingPeriodStart: 'instant',
  ChargeCategory: 'text',
  ChargeClass: 'text',
  ChargeDescription: 'text',
  ChargeFrequency: 'text',
  ChargePeriodEnd: 'instant',
  ChargePeriodStart: 'instant',
  ContractedCost: 'decimal',
  EffectiveCost: 'decimal',
  InvoiceId: 'text',
  InvoiceIssuerName: 'text',
  ListCost: 'decimal',
  PricingQuantity: 'decimal',
  PricingUnit: 'text',
  ProviderName: 'text',
  PublisherName: 'text',
  ServiceCategory: 'text',
  ServiceName: 'text',
  SubAccountId: 'text',
  SubAccountName: 'text',
  // a JSON object
  Tags: 'text',
  x_LineType: 'text',
  x_ServicePlan: 'text',
} as const satisfies Readonly<Record<string, FocusKind>>;
type Column = keyof typeof FOCUS_COLUMNS;

/** A charge's cells: texts, decimals as texts with all their digits, instants. Null for none. */
export type FocusCells = Readonly<Record<Column, string | Date | null>>;

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

/** What FOCUS 1.2 says about a charge. */
export function focusCells({ invoice, invoiceId, line, issuer }: FocusCharge): FocusCells {
  const money = (amount: Decimal) => toFixedMinor(amount, invoice.currency);
  const category = CHARGE_CATEGORIES[line.lineType];
  // usage and purchases have a quantity: each row is one priced line
  const isPriced = (category === 'Usage' || category === 'Purchase') && line.lateFrom === null;
  return {
    BilledCost: money(line.total),
    BillingAccountId: invoice.billingGroupId.replace(/^bg_/, ''),
    BillingAccountName: invoice.billingGroupName,
    BillingCurrency: invoice.currency,
    BillingPeriodEnd: invoice.periodEnd,
    BillingPeriodStart: invoice.periodBegin,
    ChargeCategory: category,
    // late costs correct a period that has been invoiced
    ChargeClass: line.lateFrom === null ? null : 'Correction',
    ChargeDescription: line.description,
    ChargeFrequency:
      category === 'Usage' ? 'Usage-Based' : RECURRING.includes(line.lineType) ? 'Recurring' : 'One-Time',
    ChargePeriodEnd: line.end,
    ChargePeriodStart: line.begin,
    ContractedCost: money(line.total),
    EffectiveCost: money(line.total),
    InvoiceId: invoiceId,
    InvoiceIssuerName: issuer,
    ListCost: money(line.preDiscount),
    PricingQuantity: isPriced ? '1' : null,
    PricingUnit: isPriced ? 'Units' : null,
    ProviderName: issuer,
    PublisherName: issuer,
    ServiceCategory: SERVICE_CATEGORIES.has(line.serviceType ?? '') ? (line.serviceType ?? '') : 'Other',
    ServiceName: line.serviceName || NAMES[line.lineType],
    SubAccountId: line.projectName,
    SubAccountName: line.projectLabel ?? line.projectName,
    Tags: line.tags ? JSON.stringify(Object.fromEntries(line.tags.map(({ key, value }) => [key, value]))) : null,
    x_LineType: line.lineType,
    x_ServicePlan: line.servicePlan,
  };
}
