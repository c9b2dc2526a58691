import type { Sight } from '../../billing/account/sight.ts';
import type { CellKind, ChangeKind, ChangePart, MonthCell } from '../../billing/insight/change.ts';
import {
  type Comparison,
  changesByKind,
  compareMonths,
  type Elsewhere,
  largestChanges,
  type Others,
} from '../../billing/insight/comparison.ts';
import { ALL_HELD, heldShares } from '../../billing/insight/held-shares.ts';
import { type PlainCosts, plainChanges } from '../../billing/insight/plain-changes.ts';
import { pricedParts } from '../../billing/insight/price-volume.ts';
import type { LineType } from '../../billing/invoice/invoice.ts';
import { type Decimal, sum } from '../../billing/money/money.ts';
import { type Period, periodAt, type Span, shiftPeriod, spanOf } from '../../billing/period/period.ts';
import { type ItemsOf, itemsInMonths, keyOfItems } from '../../store/costs/item-months.ts';
import { projectIdsHeldWithin, projectIdsMovedIn } from '../../store/groups/membership-reads.ts';
import { titlesOfProjects } from '../../store/groups/project-reads.ts';
import { cellsOfAccount } from '../../store/invoicing/account-cells.ts';
import { invoicesInPeriods, type SeenInvoicesOf } from '../../store/invoicing/invoice-reads.ts';
import { type LineCell, type LinesOn, lineCellsOf } from '../../store/invoicing/month-cells.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { SharedReads } from '../kit/shared-reads.ts';
import { isPartial, nameOfSubject, type Subject } from './subject.ts';

/** How many changes are named in each currency. */
const MOST_NAMED = 5;
/** How many changes in usage are split by price and volume in each currency: far more than are ever shown. */
const MOST_PRICED = 200;

/** Comparisons of whole accounts: people who ask for the same one at the same time share it. */
const accountReads = new SharedReads<CurrencyComparison[]>();

/** A change of one project, or of one of its services. */
export interface NamedChange {
  readonly kind: ChangeKind;
  /** Null for what concerns a whole group. */
  readonly project: { readonly id: string; readonly title: string } | null;
  readonly service: string | null;
  readonly amount: Decimal;
}

/** In one currency, before tax and purchased credits. The changes by kind add up to the change, as do the named ones with all others. */
export interface CurrencyComparison {
  readonly currency: string;
  readonly now: Decimal;
  readonly before: Decimal;
  readonly change: Decimal;
  readonly byKind: readonly { readonly kind: ChangeKind; readonly amount: Decimal }[];
  readonly largest: readonly NamedChange[];
  /** The sum of the changes that aren't named; null if all are. */
  readonly others: Decimal | null;
}

export interface MonthComparison {
  /** Null for the whole account. */
  readonly subject: string | null;
  readonly period: Period;
  readonly before: Period;
  /** Whether the person doesn't see all groups, so that the account's totals are only of those that they see. */
  readonly isPartial: boolean;
  /** Whether the later month hasn't ended yet. */
  readonly isOpen: boolean;
  readonly currencies: readonly CurrencyComparison[];
}

/**
 * Compares a month with the one before it, on invoices and estimates: the last month that has ended by default. At most
 * eight queries besides that of the admission, or nine if groups are hidden. @throws {Refusal} `account_not_found`
 */
export async function compareWithMonthBefore(
  ctx: Ctx,
  accountId: string,
  subject: Subject,
  asked?: Period,
): Promise<MonthComparison> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const now = ctx.clock.now();
  const period = asked ?? shiftPeriod(periodAt(now, account.timeZone), -1);
  const months = { now: period, before: shiftPeriod(period, -1) };
  const asking = { accountId, timeZone: account.timeZone, months, subject, sight };
  const currencies = () => comparedBy(asking);
  const question = JSON.stringify([accountId, account.timeZone, months, sight.key]);
  return {
    subject: nameOfSubject(subject),
    ...{ period, before: months.before },
    isPartial: isPartial(subject, sight),
    isOpen: now < spanOf(period, account.timeZone).end,
    currencies: await (subject.kind === 'account' ? accountReads.get(question, currencies) : currencies()),
  };
}

/** What is compared, by currency. */
async function comparedBy(asking: Asked): Promise<CurrencyComparison[]> {
  const { accountId, months } = asking;
  const { plain, own, others } = await monthsOf(asking);
  const currencies = [...new Set([...own, ...plain].map(({ currency }) => currency))].sort();
  const known = othersOf(months, { own, plain }, others);
  const compared = currencies.map((currency) => {
    const of = (month: Period) => cellsIn(own, currency, month);
    const costs = plain.filter((one) => one.currency === currency);
    return {
      currency,
      ...together(compareMonths(currency, of(months.now), of(months.before), known), currency, costs, known),
    };
  });
  const priced = await withPrices(asking, compared);
  const titles = await titlesOfProjects(accountId, [
    ...new Set(priced.flatMap(({ largest }) => largest.map(({ projectId }) => projectId))),
  ]);
  return priced.map(({ largest, ...one }) => ({
    ...one,
    largest: largest.map(({ kind, projectId, service, amount }) => ({
      ...{ kind, amount, service: service === '' ? null : service },
      project: projectId === '' ? null : { id: projectId, title: titles.get(projectId) ?? projectId },
    })),
  }));
}

/** The two months that are compared. */
type Months = Readonly<Record<'now' | 'before', Period>>;

interface Asked {
  readonly accountId: string;
  readonly timeZone: string;
  readonly months: Months;
  readonly subject: Subject;
  readonly sight: Sight;
}

/**
 * The lines on the invoices that are compared, and those on other groups’ invoices of projects that may have moved. Five
 * queries at most.
 */
async function monthsOf({ accountId, timeZone, months, subject, sight }: Asked): Promise<{
  readonly plain: readonly PlainCosts[];
  readonly own: readonly LineCell[];
  readonly others: readonly LineCell[];
}> {
  if (subject.kind === 'account') {
    const { plain, cells } = await cellsOfAccount(accountId, months, sight);
    return { plain, own: cells, others: [] };
  }
  const periods = [months.before, months.now];
  if (subject.kind === 'group') {
    return { plain: [], ...(await groupCells({ accountId, timeZone, months, sight }, periods, subject)) };
  }
  const on = sight.isWhole ? { periods } : await linesOn({ accountId, sight }, periods);
  return { plain: [], own: await lineCellsOf(accountId, on, onlyProjects(subject)), others: [] };
}

/** A group’s lines, and those on other groups’ invoices of projects that it didn’t have all the time. Five queries at most. */
async function groupCells(
  { accountId, timeZone, months, sight }: Omit<Asked, 'subject'>,
  periods: readonly Period[],
  group: Extract<Subject, { readonly kind: 'group' }>,
): Promise<{ readonly own: readonly LineCell[]; readonly others: readonly LineCell[] }> {
  const billingGroupId = group.group._id;
  if (!sight.sees(billingGroupId)) return { own: [], others: [] };
  const [own, moved] = await Promise.all([
    // a lead is only shown their own projects
    linesOn({ accountId, sight, billingGroupId }, periods).then((on) =>
      lineCellsOf(accountId, on, onlyProjects(group)),
    ),
    projectIdsMovedIn({ accountId, billingGroupId }, bothSpan(months, timeZone)),
  ]);
  const costing = new Set(own.flatMap(({ isCost, projectId }) => (isCost ? [projectId] : [])));
  const elsewhere = moved.filter((id) => costing.has(id));
  // the account’s invoices are many, and most groups’ projects stay where they are
  if (elsewhere.length === 0) return { own, others: [] };
  const invoices = await invoicesInPeriods({ accountId, sight }, periods);
  const invoiceIds = invoices.filter((one) => one.billingGroupId !== billingGroupId).map(({ _id }) => _id);
  return { own, others: await lineCellsOf(accountId, { invoiceIds }, elsewhere) };
}

function bothSpan({ now, before }: Months, timeZone: string): Span {
  return { begin: spanOf(before, timeZone).begin, end: spanOf(now, timeZone).end };
}

/** Names the invoices whose lines are compared, so that none of a private group shows that comes meanwhile. */
async function linesOn(of: SeenInvoicesOf, periods: readonly Period[]): Promise<LinesOn> {
  const invoices = await invoicesInPeriods(of, periods);
  return { invoiceIds: invoices.map(({ _id }) => _id) };
}

/** The projects whose lines count; undefined for all. */
function onlyProjects(subject: Subject): readonly string[] | undefined {
  if (subject.kind === 'account') return undefined;
  return subject.kind === 'project' ? [subject.project._id] : subject.only;
}

/** A comparison with the costs that are compared in columns. */
interface Compared extends Comparison {
  /** The sums of parts that are too small to be named, by kind. */
  readonly rest: ReadonlyMap<ChangeKind, Decimal>;
}

function together(cells: Comparison, currency: string, costs: readonly PlainCosts[], known: Others): Compared {
  if (costs.length === 0) return { ...cells, rest: new Map() };
  const plain = plainChanges(currency, costs, known);
  const [now, before] = [cells.now.plus(plain.now), cells.before.plus(plain.before)];
  return { now, before, change: now.minus(before), parts: [...cells.parts, ...plain.parts], rest: plain.rest };
}

/** What the other groups’ invoices say about projects that aren’t, or only in part, on those that are compared. */
function othersOf(
  months: Months,
  { own, plain }: { readonly own: readonly LineCell[]; readonly plain: readonly PlainCosts[] },
  others: readonly LineCell[],
): Others {
  const costsIn = (cells: readonly LineCell[], month: Period) =>
    new Set(cells.flatMap((cell) => (cell.isCost && !cell.isLate && cell.period === month ? [cell.projectId] : [])));
  const currencies = new Set([...own, ...plain].map(({ currency }) => currency));
  const elsewhere = (name: keyof Months): Elsewhere => {
    const month = months[name];
    const [theirs, ours] = [costsIn(others, month), costsIn(own, month)];
    // with one currency, there is no other
    if (currencies.size > 1)
      for (const one of plain) if (one.month === name) for (const id of one.projects) ours.add(id);
    // only asked for projects without costs in the currency, so any costs here are in another
    return (id) => {
      if (theirs.has(id)) return 'other group';
      return ours.has(id) ? 'other currency' : undefined;
    };
  };
  const held = (month: Period) => {
    if (others.length === 0) return ALL_HELD;
    const byCurrency = (cells: readonly LineCell[]) =>
      [...new Set(cells.map(({ currency }) => currency))].map((currency) => ({
        currency,
        cells: cellsIn(cells, currency, month),
      }));
    return heldShares(byCurrency(own), byCurrency(others));
  };
  return {
    ...{ now: elsewhere('now'), before: elsewhere('before') },
    held: { now: held(months.now), before: held(months.before) },
  };
}

function cellsIn(cells: readonly LineCell[], currency: string, month: Period): MonthCell[] {
  return cells.filter((cell) => cell.currency === currency && cell.period === month).flatMap(monthCells);
}

/** A comparison with its largest changes, which aren’t shown by project’s title yet. */
interface Priced extends Omit<CurrencyComparison, 'largest'> {
  readonly largest: readonly ChangePart[];
}

/**
 * Splits the largest changes in usage by price and volume, as far as quantities are known. They are those of the whole
 * project, so one that a hidden group held in these months isn't split. Three queries at most.
 */
async function withPrices(
  { accountId, timeZone, months, sight }: Asked,
  compared: readonly (Compared & { readonly currency: string })[],
): Promise<Priced[]> {
  const hidden = new Set(await projectIdsHeldWithin(accountId, sight.hidden, bothSpan(months, timeZone)));
  const usage = compared.flatMap(({ parts }) => {
    const priceable = parts.filter(
      ({ kind, basis, projectId }) => kind === 'usage' && basis !== undefined && !hidden.has(projectId),
    );
    return largestChanges(priceable, MOST_PRICED).largest;
  });
  const wanted = usage.flatMap((part) => itemsOf(part) ?? []);
  const items = await itemsInMonths(accountId, wanted, months);
  const split = new Set(usage);
  return compared.map(({ currency, parts: whole, rest: small, ...totals }) => {
    const parts = whole.flatMap((part) => {
      const of = split.has(part) ? itemsOf(part) : undefined;
      return of ? pricedParts(part, items.get(keyOfItems(of)) ?? [], currency) : [part];
    });
    const { largest, others } = largestChanges(parts, MOST_NAMED);
    const rest = parts.length > largest.length ? sum([others, ...small.values()]) : null;
    return { currency, ...totals, byKind: changesByKind(parts, small), largest, others: rest };
  });
}

function itemsOf({ basis, projectId, service }: ChangePart): ItemsOf | undefined {
  return basis && { projectId, service, currency: basis.currency };
}

const KINDS: Partial<Record<LineType, Exclude<CellKind, 'costs'>>> = {
  extra_charge: 'charges',
  support_charge: 'charges',
  commitment_fee: 'commitments',
  credit_consumption: 'credits',
  multiplier: 'discounts',
};

/** Costs before discounts, and the discounts if there are any, as two cells. */
function monthCells({ projectId, service, lineType, isCost, isLate, cost, total, original }: LineCell): MonthCell[] {
  const of = { projectId, service };
  if (!isCost) return [{ ...of, kind: KINDS[lineType] ?? 'other', amount: total, original: null }];
  const costs: MonthCell = { ...of, kind: isLate ? 'late_costs' : 'costs', amount: cost, original };
  return total.eq(cost) ? [costs] : [costs, { ...of, kind: 'discounts', amount: total.minus(cost), original: null }];
}
