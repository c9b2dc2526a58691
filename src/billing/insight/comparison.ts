import { type Decimal, roundToMinor, sum, ZERO } from '../money/money.ts';

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
}

/** Where a project without costs on one side has them instead, so that it is neither new nor gone. */
export type Elsewhere = (projectId: string) => 'other group' | 'other currency' | undefined;

export interface Comparison {
  readonly now: Decimal;
  readonly before: Decimal;
  /** `now` minus `before`, and the sum of all parts. */
  readonly change: Decimal;
  /** Those of zero are left out. */
  readonly parts: readonly ChangePart[];
}

/**
 * Splits the change of an amount in one currency, from one month to the next, into parts that add up to it exactly.
 *
 * - A project or service is new or gone if only one of the months has costs for it; a project that has them on the
 *   invoices of other groups has moved.
 * - Of converted costs, the part of the exchange rate is what this month’s amount would have cost less at the rate of
 *   the month before. Rates are those that the amounts of each month come to. The rest is usage.
 *
 * @param now rounded to the currency, as are those of `before`
 */
export function compareMonths(
  currency: string,
  now: readonly MonthCell[],
  before: readonly MonthCell[],
  elsewhere: { readonly now: Elsewhere; readonly before: Elsewhere },
): Comparison {
  const [is, was] = [byProject(now), byProject(before)];
  const parts = [
    ...[...new Set([...is.keys(), ...was.keys()])].flatMap((projectId) =>
      projectParts(currency, projectId, is.get(projectId), was.get(projectId), elsewhere),
    ),
    ...otherParts(now, before),
  ].filter(({ amount }) => !amount.isZero());
  const [a, b] = [totalOf(now), totalOf(before)];
  return { now: a, before: b, change: a.minus(b), parts };
}

/** The sums of the parts by kind, in the order of lists, and without those that come to zero. */
export function changesByKind(parts: readonly ChangePart[]): { readonly kind: ChangeKind; readonly amount: Decimal }[] {
  return CHANGE_KINDS.map((kind) => ({
    kind,
    amount: sum(parts.map((part) => (part.kind === kind ? part.amount : ZERO))),
  })).filter(({ amount }) => !amount.isZero());
}

/** The parts with the largest amounts, up or down, and the sum of all others. */
export function largestChanges(
  parts: readonly ChangePart[],
  most: number,
): { readonly largest: readonly ChangePart[]; readonly others: Decimal } {
  const sorted = [...parts].sort((a, b) => b.amount.abs().comparedTo(a.amount.abs()) || compareKeys(a, b));
  return { largest: sorted.slice(0, most), others: sum(sorted.slice(most).map(({ amount }) => amount)) };
}

function compareKeys(a: ChangePart, b: ChangePart): number {
  const [one, other] = [a, b].map(({ projectId, service, kind }) => `${projectId} ${service} ${kind}`);
  return (one ?? '') < (other ?? '') ? -1 : 1;
}

/** The costs of a project by service. */
type Services = ReadonlyMap<string, readonly MonthCell[]>;

function byProject(cells: readonly MonthCell[]): Map<string, Map<string, MonthCell[]>> {
  const projects = new Map<string, Map<string, MonthCell[]>>();
  for (const cell of cells) {
    if (cell.kind !== 'costs') continue;
    const services = projects.get(cell.projectId) ?? new Map<string, MonthCell[]>();
    services.set(cell.service, [...(services.get(cell.service) ?? []), cell]);
    projects.set(cell.projectId, services);
  }
  return projects;
}

function projectParts(
  currency: string,
  projectId: string,
  now: Services | undefined,
  before: Services | undefined,
  elsewhere: { readonly now: Elsewhere; readonly before: Elsewhere },
): ChangePart[] {
  const part = (kind: ChangeKind, service: string, amount: Decimal): ChangePart => ({
    ...{ kind, projectId, service, amount },
  });
  const whole = (services: Services) => totalOf([...services.values()].flat());
  if (now && !before) return [part(ARRIVED[elsewhere.before(projectId) ?? 'nowhere'], '', whole(now))];
  if (before && !now) return [part(LEFT[elsewhere.now(projectId) ?? 'nowhere'], '', whole(before).neg())];
  if (!now || !before) return [];
  return [...new Set([...now.keys(), ...before.keys()])].flatMap((service) => {
    const [is, was] = [now.get(service), before.get(service)];
    if (is && !was) return [part('new_services', service, totalOf(is))];
    if (was && !is) return [part('removed_services', service, totalOf(was).neg())];
    const change = totalOf(is ?? []).minus(totalOf(was ?? []));
    const rates = rateChange(currency, is ?? [], was ?? []);
    return [part('exchange_rates', service, rates), part('usage', service, change.minus(rates))];
  });
}

const ARRIVED = { 'other group': 'moved_in', 'other currency': 'other_currency', nowhere: 'new_projects' } as const;
const LEFT = { 'other group': 'moved_out', 'other currency': 'other_currency', nowhere: 'removed_projects' } as const;

/** How much of a change comes from the exchange rates alone. */
function rateChange(currency: string, now: readonly MonthCell[], before: readonly MonthCell[]): Decimal {
  return sum(
    [...new Set(now.flatMap(({ original }) => original?.currency ?? []))].map((from) => {
      const [is, was] = [now, before].map((cells) => cells.filter(({ original }) => original?.currency === from));
      const [original, originalBefore] = [originalOf(is ?? []), originalOf(was ?? [])];
      if (original.isZero() || originalBefore.isZero()) return ZERO;
      const atRateBefore = original.times(totalOf(was ?? [])).dividedBy(originalBefore);
      return roundToMinor(totalOf(is ?? []).minus(atRateBefore), currency);
    }),
  );
}

function otherParts(now: readonly MonthCell[], before: readonly MonthCell[]): ChangePart[] {
  const parts = new Map<string, ChangePart>();
  const add = (cell: MonthCell, amount: Decimal) => {
    const { kind, projectId, service } = cell;
    if (kind === 'costs') return;
    const key = JSON.stringify([kind, projectId, service]);
    parts.set(key, { kind, projectId, service, amount: sum([parts.get(key)?.amount ?? ZERO, amount]) });
  };
  for (const cell of now) add(cell, cell.amount);
  for (const cell of before) add(cell, cell.amount.neg());
  return [...parts.values()];
}

function totalOf(cells: readonly MonthCell[]): Decimal {
  return sum(cells.map(({ amount }) => amount));
}

function originalOf(cells: readonly MonthCell[]): Decimal {
  return sum(cells.map(({ original }) => original?.amount ?? ZERO));
}
