import { currencyUnit, Decimal } from '../money/money.ts';
import type { ChangeKind, ChangePart } from './change.ts';
import type { Elsewhere } from './comparison.ts';

/**
 * A month’s costs of services in one currency, in which they were also booked. In columns and whole minor units, since
 * an account can have tens of thousands: rows of a project follow each other.
 */
export interface PlainCosts {
  readonly month: 'now' | 'before';
  readonly currency: string;
  readonly services: readonly string[];
  readonly projects: readonly string[];
  /** For each project, the row after its last. */
  readonly ends: readonly number[];
  /** For each row, the place of its service, its cost before discounts, and its total. */
  readonly service: readonly number[];
  readonly cost: readonly number[];
  readonly total: readonly number[];
}

/** What changed in costs. All parts and the rest add up to `now` minus `before`. */
export interface PlainChanges {
  readonly now: Decimal;
  readonly before: Decimal;
  /** The largest. */
  readonly parts: readonly ChangePart[];
  /** The sums of all other parts by kind. */
  readonly rest: ReadonlyMap<ChangeKind, Decimal>;
}

/** How many parts of each kind are returned one by one: more than are split by price and volume. */
const MOST_PARTS = 400;
const WHOLE = new Decimal(1);

interface Amounts {
  cost: number;
  total: number;
}
type Services = Map<string, Amounts>;
type Project = Partial<Record<PlainCosts['month'], Services>>;

/** A part, in minor units. */
interface Part {
  readonly kind: ChangeKind;
  readonly projectId: string;
  readonly service: string;
  readonly amount: number;
}

/**
 * The same as `compareMonths` for costs that need no exchange rate and are on the invoices as a whole, many times as
 * fast: only the largest parts become decimals.
 *
 * @param all in one currency; numbers whose sums are exact
 */
export function plainChanges(
  currency: string,
  all: readonly PlainCosts[],
  elsewhere: Readonly<Record<PlainCosts['month'], Elsewhere>>,
): PlainChanges {
  const projects = byProject(all);
  const parts = [...projects].flatMap(([id, project]) => projectParts(id, project, elsewhere));
  const unit = currencyUnit(currency);
  const inCurrency = (amount: number) => unit.times(amount);
  const totalOf = (month: PlainCosts['month']) =>
    all.reduce((sum, one) => (one.month === month ? one.total.reduce((of, row) => of + row, sum) : sum), 0);
  const { largest, rest } = split(parts);
  return {
    ...{ now: inCurrency(totalOf('now')), before: inCurrency(totalOf('before')) },
    parts: largest.map(({ kind, projectId, service, amount }) => ({
      ...{ kind, projectId, service, amount: inCurrency(amount) },
      ...(kind === 'usage' && { basis: { currency, factor: WHOLE } }),
    })),
    rest: new Map([...rest].map(([kind, amount]) => [kind, inCurrency(amount)])),
  };
}

function byProject(all: readonly PlainCosts[]): Map<string, Project> {
  const projects = new Map<string, Project>();
  for (const { month, services: names, projects: ids, ends, service, cost, total } of all) {
    let row = 0;
    for (const [at, id] of ids.entries()) {
      const project = projects.get(id) ?? {};
      projects.set(id, project);
      const services = project[month] ?? new Map<string, Amounts>();
      project[month] = services;
      for (const end = ends[at] ?? row; row < end; row++) {
        const name = names[service[row] ?? 0] ?? '';
        const of = { cost: cost[row] ?? 0, total: total[row] ?? 0 };
        const before = services.get(name);
        if (before) {
          before.cost += of.cost;
          before.total += of.total;
        } else services.set(name, of);
      }
    }
  }
  return projects;
}

const ARRIVED = { 'other group': 'moved_in', 'other currency': 'other_currency', nowhere: 'new_projects' } as const;
const LEFT = { 'other group': 'moved_out', 'other currency': 'other_currency', nowhere: 'removed_projects' } as const;
const NONE: ReadonlyMap<string, Amounts> = new Map();

function projectParts(
  projectId: string,
  { now, before }: Project,
  elsewhere: Readonly<Record<PlainCosts['month'], Elsewhere>>,
): Part[] {
  const parts: Part[] = [];
  const add = (kind: ChangeKind, service: string, amount: number) => {
    if (amount !== 0) parts.push({ kind, projectId, service, amount });
  };
  const whole = (services: Services) => [...services.values()].reduce((sum, { cost }) => sum + cost, 0);
  if (now && !before) add(ARRIVED[elsewhere.before(projectId) ?? 'nowhere'], '', whole(now));
  if (before && !now) add(LEFT[elsewhere.now(projectId) ?? 'nowhere'], '', -whole(before));
  const stays = now !== undefined && before !== undefined;
  for (const [service, is] of now ?? NONE) {
    const was = before?.get(service);
    if (stays) add(was ? 'usage' : 'new_services', service, is.cost - (was?.cost ?? 0));
    add('discounts', service, is.total - is.cost - (was ? was.total - was.cost : 0));
  }
  for (const [service, was] of before ?? NONE) {
    if (now?.has(service)) continue;
    if (stays) add('removed_services', service, -was.cost);
    add('discounts', service, was.cost - was.total);
  }
  return parts;
}

/** The largest of each kind, and the sums of the others. */
function split(parts: readonly Part[]): { largest: readonly Part[]; rest: ReadonlyMap<ChangeKind, number> } {
  const kinds = new Map<ChangeKind, Part[]>();
  for (const part of parts) {
    const own = kinds.get(part.kind);
    if (own) own.push(part);
    else kinds.set(part.kind, [part]);
  }
  const rest = new Map<ChangeKind, number>();
  const largest = [...kinds].flatMap(([kind, own]) => {
    if (own.length <= MOST_PARTS) return own;
    // only those that may be among them are put in order
    const least = Float64Array.from(own, ({ amount }) => Math.abs(amount)).sort()[own.length - MOST_PARTS] ?? 0;
    const kept = own
      .filter(({ amount }) => Math.abs(amount) >= least)
      .sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount) || (keyOf(a) < keyOf(b) ? -1 : 1))
      .slice(0, MOST_PARTS);
    const sumOf = (some: readonly Part[]) => some.reduce((sum, { amount }) => sum + amount, 0);
    rest.set(kind, sumOf(own) - sumOf(kept));
    return kept;
  });
  return { largest, rest };
}

function keyOf({ projectId, service, kind }: Part): string {
  return `${projectId} ${service} ${kind}`;
}
