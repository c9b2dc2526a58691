import { type Decimal, sum } from '../money/money.ts';

/**
 * What one month’s invoices have for one service of a project, in one currency, by kind:
 *
 * - `costs`: usage records of the month, before discounts
 * - `late_costs`: the same of earlier months
 * - `discounts`: what they take off costs
 * - `charges`, `commitments`, `credits`, `other`: lines without usage records. Credits are promotions, not purchased.
 */
export interface MonthCell {
  /** Empty for what concerns a whole group. */
  readonly projectId: string;
  readonly service: string;
  readonly kind: CellKind;
  readonly amount: Decimal;
  /** Before conversion; null if it was in the invoice’s currency from the start. */
  readonly original: { readonly currency: string; readonly amount: Decimal } | null;
}

export type CellKind = 'costs' | OtherKind;
export type OtherKind = 'late_costs' | 'discounts' | 'charges' | 'commitments' | 'credits' | 'other';

/** Why an amount has changed. The order is that of lists. */
export const CHANGE_KINDS = [
  'price',
  'volume',
  'usage',
  'new_projects',
  'removed_projects',
  'moved_in',
  'moved_out',
  'other_currency',
  'new_services',
  'removed_services',
  'exchange_rates',
  'late_costs',
  'discounts',
  'charges',
  'commitments',
  'credits',
  'other',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** A part of the change from one month to the next: of one service of a project, or of all of its services. */
export interface ChangePart {
  readonly kind: ChangeKind;
  readonly projectId: string;
  /** Empty for all services of the project. */
  readonly service: string;
  /** Positive if the later month is more expensive. */
  readonly amount: Decimal;
  /** For usage: how it is compared with what the service’s cost files say; absent if they are in several currencies. */
  readonly basis?: UsageBasis;
}

/** How amounts of cost files become a part’s. */
export interface UsageBasis {
  /** That of the cost files. */
  readonly currency: string;
  /** What one unit of it is in the part: the exchange rate of the month before, for the share that both months have. */
  readonly factor: Decimal;
}

export function totalOf(cells: readonly MonthCell[]): Decimal {
  return total(cells, ({ amount }) => amount);
}

/** The currency of the cost files. */
export function fileCurrency({ original }: MonthCell, currency: string): string {
  return original?.currency ?? currency;
}

/** What the cost files say. */
export function fileTotal(cells: readonly MonthCell[]): Decimal {
  return total(cells, ({ original, amount }) => original?.amount ?? amount);
}

/** Most services have one cell a month, which needs no adding. */
function total(cells: readonly MonthCell[], of: (cell: MonthCell) => Decimal): Decimal {
  const [only] = cells;
  return only && cells.length === 1 ? of(only) : sum(cells.map(of));
}
