import type { Decimal } from '../money/money.ts';
import { type Period, periodName } from '../period/period.ts';
import type { TaxCategory } from '../tax/tax.ts';
import type { LineTag } from './line-tags.ts';
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

/** The exact sum of a line's usage records. */
export interface CostSum {
  readonly projectId: string;
  readonly projectName: string;
  readonly serviceName: string;
  readonly serviceType: string | null;
  readonly servicePlan: string | null;
  /** Null if the costs are spread over several clouds or regions. */
  readonly cloudName: string | null;
  readonly lineType: LineType;
  readonly currency: string;
  /** The period of late costs, which arrived after it was invoiced. */
  readonly lateFrom: Period | null;
  readonly begin: Date;
  readonly end: Date;
  readonly amount: Decimal;
  /** The number of usage records. */
  readonly records: number;
  /** The tags that all of them have; absent if there are none. */
  readonly tags?: readonly LineTag[];
}

/** A line's amount before conversion to the invoice's currency. */
export interface Original {
  readonly currency: string;
  readonly amount: Decimal;
}

/** A line during calculation: exact, not yet rounded. Lines without a project have an empty one. */
export interface DraftLine extends Omit<CostSum, 'amount'> {
  readonly description: string;
  /** Null if it was in the invoice's currency from the start. */
  readonly original: Original | null;
  /** In the invoice's currency, before discounts. */
  readonly undiscounted: Decimal;
  /** In the invoice's currency, after discounts. */
  readonly exact: Decimal;
  /** The code of the credit, for a credit_consumption line. */
  readonly code: string | null;
  readonly trail: readonly TrailEntry[];
}

/** An invoice line. Amounts are in the invoice's currency, which is also the line's. */
export interface InvoiceLine extends Omit<DraftLine, 'undiscounted'> {
  /** Rounded; the same as the total if there is no discount. */
  readonly preDiscount: Decimal;
  /** Rounded to the minor unit, so that all lines add up to the invoice's net. */
  readonly total: Decimal;
  readonly taxCategory: TaxCategory;
  /** A percentage, such as 19. */
  readonly taxRate: Decimal;
}

/** What a line is about, without its amounts and dates. */
export type LineSubject = Pick<
  InvoiceLine,
  | 'lineType'
  | 'description'
  | 'projectName'
  | 'serviceName'
  | 'serviceType'
  | 'servicePlan'
  | 'cloudName'
  | 'records'
  | 'tags'
>;

/** Types of lines based on usage records, as opposed to those added by the calculation. */
export function isCost(line: { readonly records: number }): boolean {
  return line.records > 0;
}

/** A cost line, in the currency it was booked in. */
export function lineOf(cost: CostSum): DraftLine {
  // field by field: with very many lines, most of the time went into spreading objects
  return {
    projectId: cost.projectId,
    projectName: cost.projectName,
    serviceName: cost.serviceName,
    serviceType: cost.serviceType,
    servicePlan: cost.servicePlan,
    cloudName: cost.cloudName,
    lineType: cost.lineType,
    currency: cost.currency,
    lateFrom: cost.lateFrom,
    begin: cost.begin,
    end: cost.end,
    records: cost.records,
    ...(cost.tags && { tags: cost.tags }),
    description: describe(cost),
    original: null,
    undiscounted: cost.amount,
    exact: cost.amount,
    code: null,
    trail: NO_STEPS,
  };
}

/** Shared by all lines that no step has changed. */
const NO_STEPS: readonly TrailEntry[] = [];

/** A line with its rounded amounts and its tax. */
export function roundedLine(
  draft: DraftLine,
  rounded: Pick<InvoiceLine, 'preDiscount' | 'total' | 'taxCategory' | 'taxRate'>,
): InvoiceLine {
  return {
    projectId: draft.projectId,
    projectName: draft.projectName,
    serviceName: draft.serviceName,
    serviceType: draft.serviceType,
    servicePlan: draft.servicePlan,
    cloudName: draft.cloudName,
    lineType: draft.lineType,
    currency: draft.currency,
    lateFrom: draft.lateFrom,
    begin: draft.begin,
    end: draft.end,
    records: draft.records,
    ...(draft.tags && { tags: draft.tags }),
    description: draft.description,
    original: draft.original,
    exact: draft.exact,
    code: draft.code,
    trail: draft.trail,
    preDiscount: rounded.preDiscount,
    total: rounded.total,
    taxCategory: rounded.taxCategory,
    taxRate: rounded.taxRate,
  };
}

/** The initial values of a line without usage records. */
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

/** Whether a line only mentions a discount. The discounted lines show the amount. */
export function isDiscountNote({ lineType, total }: { readonly lineType: LineType; readonly total: Decimal }): boolean {
  return lineType === 'multiplier' && total.isZero();
}

/**
 * Line order: by project, lines without one last; then service, plan and type; costs of the period before late costs.
 * It also breaks ties in rounding.
 */
export function inLineOrder(lines: readonly DraftLine[]): DraftLine[] {
  const keyed = lines.map((line) => ({ key: orderKey(line), line }));
  return keyed.sort((a, b) => compare(a.key, b.key)).map(({ line }) => line);
}

/** A text for each line that sorts as the line does. With very many, comparing fields took most of the time. */
function orderKey(line: DraftLine): string {
  const { projectId, projectName, records, serviceName, servicePlan, lineType, lateFrom, currency, description } = line;
  const owner = `${projectId === '' ? 1 : 0}${projectName}${END}${projectId}${END}${records === 0 ? 1 : 0}`;
  const what = `${serviceName}${END}${servicePlan ?? ''}${END}${LINE_TYPES.indexOf(lineType)}`;
  return `${owner}${what}${lateFrom ?? ''}${END}${currency}${END}${description}`;
}

/** Ends a field. It sorts before every character that one contains. */
const END = '\u0000';

/** Compares by code unit instead of locale: the order must be the same on every machine. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function describe(cost: Omit<CostSum, 'amount'>): string {
  const what = cost.servicePlan ? `${cost.serviceName}, ${cost.servicePlan}` : cost.serviceName;
  return cost.lateFrom ? `Late cost of ${periodName(cost.lateFrom)}: ${what}` : what;
}
