import { byKey } from '../by-key.ts';
import { type Decimal, sum, ZERO } from '../money/money.ts';
import { CHANGE_KINDS, type ChangeKind, type ChangePart, type MonthCell, totalOf } from './change.ts';
import { type Held, serviceParts } from './service-change.ts';

/** Where a project without costs on one side has them instead, so that it is neither new nor gone. */
export type Elsewhere = (projectId: string) => 'other group' | 'other currency' | undefined;

/** What is known of the costs that aren’t on the invoices that are compared. */
export interface Others {
  readonly now: Elsewhere;
  readonly before: Elsewhere;
  /** Which share of a service’s costs is on the invoices. */
  readonly held: Held;
}

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
 * A project or service is new or gone if only one of the months has costs for it; a project that has them on the
 * invoices of other groups has moved. For the others, see `serviceParts`.
 *
 * @param now rounded to the currency, as are those of `before`
 */
export function compareMonths(
  currency: string,
  now: readonly MonthCell[],
  before: readonly MonthCell[],
  others: Others,
): Comparison {
  const [is, was] = [byProject(now), byProject(before)];
  const parts = [
    ...[...new Set([...is.keys(), ...was.keys()])].flatMap((projectId) =>
      projectParts(currency, projectId, { now: is.get(projectId), before: was.get(projectId) }, others),
    ),
    ...otherParts(now, before),
  ].filter(({ amount }) => !amount.isZero());
  const [a, b] = [totalOf(now), totalOf(before)];
  return { now: a, before: b, change: a.minus(b), parts };
}

/**
 * The sums of the parts by kind, in the order of lists, and without those that come to zero.
 *
 * @param rest sums of parts that aren’t listed
 */
export function changesByKind(
  parts: readonly ChangePart[],
  rest: ReadonlyMap<ChangeKind, Decimal> = new Map(),
): { readonly kind: ChangeKind; readonly amount: Decimal }[] {
  const amounts = byKey(parts, ({ kind }) => kind);
  return CHANGE_KINDS.map((kind) => ({
    kind,
    amount: sum([...(amounts.get(kind) ?? []).map(({ amount }) => amount), rest.get(kind) ?? ZERO]),
  })).filter(({ amount }) => !amount.isZero());
}

/** The parts with the largest amounts, up or down, and the sum of all others. */
export function largestChanges(
  parts: readonly ChangePart[],
  most: number,
): { readonly largest: readonly ChangePart[]; readonly others: Decimal } {
  // once for each of tens of thousands, instead of at each comparison
  const sized = parts.map((part) => ({ part, size: part.amount.abs(), key: keyOf(part) }));
  const sorted = sized.sort((a, b) => b.size.comparedTo(a.size) || (a.key < b.key ? -1 : 1)).map(({ part }) => part);
  return { largest: sorted.slice(0, most), others: sum(sorted.slice(most).map(({ amount }) => amount)) };
}

function keyOf({ projectId, service, kind }: ChangePart): string {
  return `${projectId} ${service} ${kind}`;
}

/** The costs of a project by service. */
type Services = ReadonlyMap<string, readonly MonthCell[]>;

function byProject(cells: readonly MonthCell[]): Map<string, Services> {
  const costs = cells.filter(({ kind }) => kind === 'costs');
  const projects = byKey(costs, ({ projectId }) => projectId);
  return new Map([...projects].map(([id, own]) => [id, byKey(own, ({ service }) => service)]));
}

function projectParts(
  currency: string,
  projectId: string,
  { now, before }: { readonly now: Services | undefined; readonly before: Services | undefined },
  others: Others,
): ChangePart[] {
  const part = (kind: ChangeKind, amount: Decimal): ChangePart => ({ ...{ kind, projectId, service: '', amount } });
  const whole = (services: Services) => totalOf([...services.values()].flat());
  if (now && !before) return [part(ARRIVED[others.before(projectId) ?? 'nowhere'], whole(now))];
  if (before && !now) return [part(LEFT[others.now(projectId) ?? 'nowhere'], whole(before).neg())];
  if (!now || !before) return [];
  return [...new Set([...now.keys(), ...before.keys()])].flatMap((service) => {
    const cells = { now: now.get(service) ?? [], before: before.get(service) ?? [] };
    return serviceParts(currency, { projectId, service, ...cells }, others.held);
  });
}

const ARRIVED = { 'other group': 'moved_in', 'other currency': 'other_currency', nowhere: 'new_projects' } as const;
const LEFT = { 'other group': 'moved_out', 'other currency': 'other_currency', nowhere: 'removed_projects' } as const;

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
