import { largestFirst, type SharedTotal, sharedTotals } from '../../billing/insight/shares.ts';
import { type Decimal, sum, ZERO } from '../../billing/money/money.ts';
import { daysFrom } from '../../billing/period/day.ts';
import { type DayCell, type DaysOf, dayCells } from '../../store/costs/day-cells.ts';
import { tagCells } from '../../store/costs/tag-cells.ts';
import { titlesOfProjects } from '../../store/groups/project-reads.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { isPartial, nameOfSubject, type Subject, scopeOf } from './subject.ts';

/** What costs can be split by. */
export const COST_SPLITS = ['day', 'service', 'project', 'tag'] as const;
export type CostSplit = (typeof COST_SPLITS)[number];

/** What a cost report is about. */
export interface ReportOf {
  readonly subject: Subject;
  /** The first and the last day, YYYY-MM-DD in the account's time zone. */
  readonly from: string;
  readonly until: string;
  readonly split: CostSplit;
  /** The tag's key; only for `tag`. */
  readonly tag?: string | undefined;
  /** How many of each currency’s shares get their names, the largest first; those of other projects keep their IDs. All if absent. */
  readonly mostNamed?: number;
}

/** One currency's costs. The shares add up to the total, and so do the days. */
export interface CurrencyCosts extends SharedTotal {
  /** Each day of the report, also those without costs. */
  readonly days: readonly { readonly day: string; readonly amount: Decimal }[];
}

/** Usage in the currencies of the cost files, before adjustments, credits and tax. */
export interface CostReport extends Omit<ReportOf, 'subject' | 'mostNamed'> {
  /** Null for the whole account. */
  readonly subject: string | null;
  /** Whether the person doesn't see all groups, so that the account's totals are only of those that they see. */
  readonly isPartial: boolean;
  /** Days in order; everything else with the largest first. The name of costs without the tag is empty. */
  readonly currencies: readonly CurrencyCosts[];
}

/**
 * The costs of a billing group, a project or the whole account on some days. At most ten queries besides those of the
 * admission. @throws {Refusal} `account_not_found`
 */
export async function costReport(
  ctx: Ctx,
  accountId: string,
  { subject, mostNamed, ...of }: ReportOf,
): Promise<CostReport> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const scope = scopeOf(subject);
  const days = { accountId, timeZone: account.timeZone, from: of.from, until: of.until, scope, hidden: sight.hidden };
  const cells = await dayCells(days);
  const shared = sharedTotals(await namedCells(days, of, cells)).map((one) => ({
    ...one,
    shares: largestFirst(one.shares),
  }));
  const named = of.split === 'project' ? await titled(accountId, shared, mostNamed) : shared;
  const byDay = new Map(
    sharedTotals(cells.map((one) => ({ ...one, name: one.day }))).map((one) => [one.currency, one]),
  );
  return {
    ...of,
    subject: nameOfSubject(subject),
    isPartial: isPartial(subject, sight),
    currencies: named.map(({ currency, total, shares }) => {
      const amounts = new Map(byDay.get(currency)?.shares.map(({ name, amount }) => [name, amount]));
      const all = daysFrom(of.from, of.until).map((day) => ({ day, amount: amounts.get(day) ?? ZERO }));
      const shown = of.split === 'day' ? all.map(({ day, amount }) => ({ name: day, amount })) : shares;
      return { currency, total, shares: shown, days: all };
    }),
  };
}

type NamedCell = Parameters<typeof sharedTotals>[0][number];

async function namedCells(
  days: DaysOf,
  { split, tag }: Pick<ReportOf, 'split' | 'tag'>,
  cells: readonly DayCell[],
): Promise<NamedCell[]> {
  if (split === 'day') return cells.map((one) => ({ ...one, name: one.day }));
  if (split === 'service') return cells.map((one) => ({ ...one, name: one.service }));
  if (split === 'tag') return taggedCells(days, tag ?? '', cells);
  const totals = await dayCells({ ...days, byProject: true, isSummed: true });
  return totals.map((one) => ({ ...one, name: one.projectId ?? '' }));
}

/**
 * The largest shares of projects by their titles; a large account has far more than a table shows. One query.
 *
 * @param totals with the largest shares first
 */
async function titled(accountId: string, totals: readonly SharedTotal[], most?: number): Promise<SharedTotal[]> {
  const ids = new Set(totals.flatMap(({ shares }) => shares.slice(0, most).map(({ name }) => name)));
  const titles = await titlesOfProjects(accountId, [...ids]);
  return totals.map(({ shares, ...one }) => {
    const named = shares.slice(0, most).map(({ name, amount }) => ({ name: titles.get(name) ?? name, amount }));
    // equal ones are in the order of their titles, but none goes behind one that has no title here
    return { ...one, shares: [...largestFirst(named), ...shares.slice(named.length)] };
  });
}

/** What has no such tag is the rest. */
async function taggedCells(days: DaysOf, key: string, cells: readonly DayCell[]): Promise<NamedCell[]> {
  const tagged = (await tagCells(days, key)).map(({ value, ...one }) => ({ ...one, name: value }));
  const rest = [...new Set(cells.map(({ currency }) => currency))].map((currency) => {
    const all = sum(cells.map((one) => (one.currency === currency ? one.amount : ZERO)));
    const found = sum(tagged.map((one) => (one.currency === currency ? one.amount : ZERO)));
    return { name: '', currency, amount: all.minus(found) };
  });
  return [...tagged, ...rest.filter(({ amount }) => !amount.isZero())];
}
