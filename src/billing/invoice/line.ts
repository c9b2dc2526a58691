import type { Decimal } from '../money/money.ts';
import { type Period, periodName } from '../period/period.ts';
import type { TaxCategory } from '../tax/tax.ts';
import type { TrailEntry } from './trail-entry.ts';

export const LINE_TYPES = [
  'service_charge',
  'extra_charge',
  'support_charge',
  'commitment_fee',
  'credit_consumption',
  'multiplier',
  'rounding',
  'other_event',
] as const;
export type LineType = (typeof LINE_TYPES)[number];

/** What the usage records of one line add up to, exactly. */
export interface CostSum {
  readonly projectId: string;
  readonly projectName: string;
  readonly serviceName: string;
  readonly serviceType: string | null;
  readonly servicePlan: string | null;
  /** Null when the costs lie in several clouds or regions. */
  readonly cloudName: string | null;
  readonly lineType: LineType;
  readonly currency: string;
  /** The period the costs belong to, when they came after it was invoiced. */
  readonly lateFrom: Period | null;
  readonly begin: Date;
  readonly end: Date;
  readonly amount: Decimal;
  /** The number of its usage records. */
  readonly records: number;
}

/** What a line was before it was converted into the invoice's currency. */
export interface Original {
  readonly currency: string;
  readonly amount: Decimal;
}

/** A line while the invoice is worked out: exact, not yet rounded. What belongs to no project has an empty one. */
export interface DraftLine extends Omit<CostSum, 'amount'> {
  readonly description: string;
  /** Null for what was in the invoice's currency from the start. */
  readonly original: Original | null;
  /** In the invoice's currency, before any discount. */
  readonly undiscounted: Decimal;
  /** In the invoice's currency, after the discounts. */
  readonly exact: Decimal;
  /** The code of the credit that a credit_consumption line is about. */
  readonly code: string | null;
  readonly trail: readonly TrailEntry[];
}

/** A line of an invoice; amounts are in the invoice's currency, which is the line's too. */
export interface InvoiceLine extends Omit<DraftLine, 'undiscounted'> {
  /** Rounded; the same as the total where no discount was given. */
  readonly preDiscount: Decimal;
  /** Rounded to the minor unit, so that all lines of the invoice add up to its net. */
  readonly total: Decimal;
  readonly taxCategory: TaxCategory;
  /** A percentage, such as 19. */
  readonly taxRate: Decimal;
}

/** Lines that come from usage records, as against those that the invoice itself adds. */
export function isCost(line: { readonly records: number }): boolean {
  return line.records > 0;
}

/** A line of costs, in the currency that they were booked in. */
export function lineOf({ amount, ...cost }: CostSum): DraftLine {
  const description = describe(cost);
  return { ...cost, description, original: null, undiscounted: amount, exact: amount, code: null, trail: [] };
}

/** What a line that rests on no usage record starts from. */
export function addedLine(of: {
  readonly lineType: LineType;
  readonly description: string;
  readonly currency: string;
  readonly begin: Date;
  readonly end: Date;
  readonly amount: Decimal;
  readonly project?: { readonly id: string; readonly name: string } | null;
  readonly code?: string;
}): DraftLine {
  return {
    projectId: of.project?.id ?? '',
    projectName: of.project?.name ?? '',
    serviceName: '',
    serviceType: null,
    servicePlan: null,
    cloudName: null,
    lineType: of.lineType,
    currency: of.currency,
    lateFrom: null,
    begin: of.begin,
    end: of.end,
    records: 0,
    description: of.description,
    original: null,
    undiscounted: of.amount,
    exact: of.amount,
    code: of.code ?? null,
    trail: [],
  };
}

/** Whether a line only says that there is a discount: the lines that it lowers show what it takes off. */
export function isDiscountNote({ lineType, total }: { readonly lineType: LineType; readonly total: Decimal }): boolean {
  return lineType === 'multiplier' && total.isZero();
}

/**
 * Line order: by project, what belongs to none last; service, plan, type; costs of the period before late ones. It
 * decides ties in rounding.
 */
export function byLineOrder(a: DraftLine, b: DraftLine): number {
  return (
    Number(a.projectId === '') - Number(b.projectId === '') ||
    compare(a.projectName, b.projectName) ||
    compare(a.projectId, b.projectId) ||
    Number(a.records === 0) - Number(b.records === 0) ||
    compare(a.serviceName, b.serviceName) ||
    compare(a.servicePlan ?? '', b.servicePlan ?? '') ||
    LINE_TYPES.indexOf(a.lineType) - LINE_TYPES.indexOf(b.lineType) ||
    compare(a.lateFrom ?? '', b.lateFrom ?? '') ||
    compare(a.currency, b.currency) ||
    compare(a.description, b.description)
  );
}

/** By code unit, not by locale: the order must be the same on every machine. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function describe(cost: Omit<CostSum, 'amount'>): string {
  const what = cost.servicePlan ? `${cost.serviceName}, ${cost.servicePlan}` : cost.serviceName;
  return cost.lateFrom ? `Late cost of ${periodName(cost.lateFrom)}: ${what}` : what;
}
