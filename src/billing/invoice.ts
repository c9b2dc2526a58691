import { Decimal, formatMoney, roundTogether, roundToMinor, sum, ZERO } from './money.ts';
import type { PaymentMethod } from './payment-method.ts';
import { type Period, periodName } from './period.ts';

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

/** domain.md, the table of states. `draft` is ours: frozen, and about to get its number; nobody is shown it as a state. */
export const INVOICE_STATES = [
  'estimate',
  'draft',
  'due',
  'mailed',
  'failed_credit_card_charge',
  'failed_no_credit_card',
  'no_payment_expected',
  'paid',
  'waived',
  'uncollectible',
] as const;
export type InvoiceState = (typeof INVOICE_STATES)[number];

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
  /** How many usage records stand behind it. */
  readonly records: number;
}

export interface InvoiceLine extends Omit<CostSum, 'amount'> {
  readonly description: string;
  /** Before rounding. */
  readonly exact: Decimal;
  /** Rounded to the minor unit, so that all lines of the invoice add up to its net. */
  readonly total: Decimal;
}

export interface Calculation {
  readonly lines: readonly InvoiceLine[];
  /** The sum of all costs, unrounded. */
  readonly exact: Decimal;
  /** `total_vat_zero` */
  readonly net: Decimal;
  readonly tax: Decimal;
  /** `total_inc_vat` */
  readonly total: Decimal;
  readonly amountDue: Decimal;
}

/**
 * An invoice's figures (domain.md, Money): costs, then what is taken off before tax, then tax, then what is paid
 * ahead. Discounts, commitments, credits, tax and conversion join here, each a step of its own between `exact` and
 * `amountDue`.
 */
export function calculate(costs: readonly CostSum[], currency: string): Calculation {
  const ordered = [...costs].sort(byLineOrder);
  const totals = roundTogether(
    ordered.map((cost) => cost.amount),
    currency,
  );
  const lines = ordered.map(({ amount, ...cost }, index) => ({
    ...cost,
    description: describe(cost),
    exact: amount,
    total: totals[index] ?? ZERO,
  }));
  const exact = sum(ordered.map((cost) => cost.amount));
  const net = roundToMinor(exact, currency);
  const tax = ZERO;
  const total = net.plus(tax);
  return { lines, exact, net, tax, total, amountDue: Decimal.max(total, ZERO) };
}

/**
 * What can't be true of a calculation, in words, or undefined. A close stops on it rather than send a wrong invoice:
 * the calculation is held against the plain sum that the database made of the same records.
 */
export function impossibility(calculation: Calculation, plainSum: Decimal, currency: string): string | undefined {
  const { lines, exact, net, total, tax } = calculation;
  if (!exact.equals(plainSum)) return `lines hold ${exact}, the usage records ${plainSum}`;
  const shown = sum(lines.map((line) => line.total));
  if (!shown.equals(net))
    return `lines add up to ${formatMoney(shown, currency)}, the net is ${formatMoney(net, currency)}`;
  if (!net.plus(tax).equals(total)) return `net and tax do not add up to ${formatMoney(total, currency)}`;
  return undefined;
}

/** The currencies of the costs that are not the invoice's own: each needs a rate. */
export function foreignCurrencies(costs: readonly CostSum[], currency: string): string[] {
  return [...new Set(costs.map((cost) => cost.currency).filter((code) => code !== currency))].sort();
}

/** The state in which an invoice is issued (domain.md, Periods and invoices). */
export function issuedState(amountDue: Decimal, method: PaymentMethod): InvoiceState {
  if (amountDue.lte(0) || method.kind === 'no_payment_expected') return 'no_payment_expected';
  // a group whose payment is switched off has nothing that could be charged: somebody has to see to it
  if (method.kind === 'disabled') return 'failed_no_credit_card';
  return method.kind === 'credit_card' ? 'due' : 'mailed';
}

/** The day by which to pay, from the instant of issue; a card is charged at once. */
export function dueDate(issuedAt: Date, method: PaymentMethod): Date {
  const days = method.kind === 'bank_transfer' ? method.termsDays : 0;
  return new Date(issuedAt.getTime() + days * 86_400_000);
}

/** `ACME-1`: the account's prefix and the place in its series. */
export function invoiceNumber(prefix: string, seq: number): string {
  return `${prefix}-${seq}`;
}

/** As a person reads a state: `no payment expected`. */
export function stateName(state: InvoiceState): string {
  return state === 'draft' ? 'being issued' : state.replaceAll('_', ' ');
}

function describe(cost: Omit<CostSum, 'amount'>): string {
  const what = cost.servicePlan ? `${cost.serviceName}, ${cost.servicePlan}` : cost.serviceName;
  return cost.lateFrom ? `Late cost of ${periodName(cost.lateFrom)}: ${what}` : what;
}

/** Line order: by project, service, plan, type; costs of the period before late ones. Decides ties in rounding. */
function byLineOrder(a: CostSum, b: CostSum): number {
  return (
    compare(a.projectName, b.projectName) ||
    compare(a.projectId, b.projectId) ||
    compare(a.serviceName, b.serviceName) ||
    compare(a.servicePlan ?? '', b.servicePlan ?? '') ||
    LINE_TYPES.indexOf(a.lineType) - LINE_TYPES.indexOf(b.lineType) ||
    compare(a.lateFrom ?? '', b.lateFrom ?? '') ||
    compare(a.currency, b.currency)
  );
}

/** By code unit, not by locale: the order must be the same on every machine. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
