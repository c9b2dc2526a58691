import { type DigestSpan, spanBefore } from '../../billing/event/cost-digest.ts';
import { type Decimal, roundToMinor, sum, ZERO } from '../../billing/money/money.ts';
import { toPeriod } from '../../billing/period/period.ts';
import { type CostCell, lineCells, recordCells, type SeenScope } from '../../store/costs/cost-cells.ts';
import type { CostScope } from '../../store/costs/day-cells.ts';
import { allBudgets } from '../../store/groups/budgets.ts';
import { projectIdsLedBy } from '../../store/groups/project-leads.ts';
import { titlesOfProjects } from '../../store/groups/project-reads.ts';
import { invoicesOfPeriod } from '../../store/invoicing/invoice-reads.ts';
import { admit } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import { type BudgetSummary, budgetNames, budgetSummary, budgetsSpentIn } from '../budgets/budget-spending.ts';
import type { Ctx } from '../kit/context.ts';
import { sightOfMaker } from './maker-sight.ts';

/** How many projects, services and budgets a digest names. */
const MOST_NAMED = 5;

/** What a digest covers. Nothing named means the whole account. */
export interface DigestCover {
  readonly groupIds: readonly string[];
  readonly projectIds: readonly string[];
  /** The person whose projects are covered, too; in that case, only these and the named ones. */
  readonly ledBy?: string | undefined;
  /** Who set it up: private groups that this person doesn't see are left out. Null for the account's settings. */
  readonly madeBy: string | null;
}

/** Costs in the span and in the one before it. */
export interface Compared {
  readonly now: Decimal;
  readonly before: Decimal;
  /** `now` minus `before`. */
  readonly change: Decimal;
}

/** A project or service whose costs have changed. */
export interface Mover extends Compared {
  readonly name: string;
}

/** A digest's figures in one currency, rounded to it. The costs of all projects add up to the total. */
export interface DigestFigures extends Compared {
  readonly currency: string;
  /** The largest changes, up or down. */
  readonly projects: readonly Mover[];
  readonly services: readonly Mover[];
}

export interface CostDigest extends Pick<DigestSpan, 'rhythm' | 'from' | 'until'> {
  readonly figures: readonly DigestFigures[];
  /** Those that are used up the most in the month of the last day. */
  readonly budgets: readonly BudgetSummary[];
}

/**
 * The figures of a cost digest: of a month, the costs on invoices and estimates, in the groups' currencies; of a week,
 * the usage records that begin in it, in the currencies of the cost files. Before adjustments, credits and tax.
 *
 * @throws {Refusal} `account_not_found`
 */
export async function costDigest(
  ctx: Ctx,
  accountId: string,
  cover: DigestCover,
  span: Pick<DigestSpan, 'rhythm' | 'from' | 'until'>,
): Promise<CostDigest> {
  const { account } = await admit(ctx, accountId, 'see');
  const [scope, sight] = [await scopeOf(accountId, cover), await sightOfMaker(account, cover, ctx.clock.now())];
  const cellsOf = (days: Pick<DigestSpan, 'from' | 'until'>) =>
    span.rhythm === 'monthly'
      ? monthCells(accountId, days.from, { scope, sight })
      : recordCells({
          ...{ accountId, timeZone: account.timeZone, from: days.from, until: days.until },
          ...{ scope, hidden: sight.hidden },
        });
  const now = rounded(await cellsOf(span));
  const before = rounded(await cellsOf(spanBefore(span)));
  const ids = [...new Set([...now, ...before].map(({ projectId }) => projectId))];
  const titles = await titlesOfProjects(accountId, ids);
  const currencies = [...new Set([...now, ...before].map(({ currency }) => currency))].sort();
  return {
    ...{ rhythm: span.rhythm, from: span.from, until: span.until },
    figures: currencies.map((currency) => {
      const own = (cells: readonly CostCell[]) => cells.filter((cell) => cell.currency === currency);
      const [a, b] = [own(now), own(before)];
      return {
        currency,
        ...compared(a, b),
        projects: moversOf(a, b, ({ projectId }) => titles.get(projectId) ?? projectId),
        services: moversOf(a, b, ({ service }) => service),
      };
    }),
    budgets: await budgetsIn(accountId, { scope, sight }, span.until, ctx.clock.now()),
  };
}

async function scopeOf(accountId: string, { groupIds, projectIds, ledBy }: DigestCover): Promise<CostScope> {
  if (ledBy !== undefined)
    return { groupIds, projectIds: [...projectIds, ...(await projectIdsLedBy(accountId, ledBy))] };
  return groupIds.length + projectIds.length === 0 ? undefined : { groupIds, projectIds };
}

async function monthCells(accountId: string, from: string, { scope, sight }: SeenScope): Promise<CostCell[]> {
  const invoices = await invoicesOfPeriod(accountId, toPeriod(from.slice(0, 7)), sight);
  const ofGroups = invoices.filter(({ billingGroupId }) => scope?.groupIds.includes(billingGroupId));
  return lineCells(
    accountId,
    invoices.map(({ _id }) => _id),
    scope,
    ofGroups.map(({ _id }) => _id),
  );
}

/** Each cell is rounded once, so that all figures made of them add up as they are shown. */
function rounded(cells: readonly CostCell[]): CostCell[] {
  return cells.map((cell) => ({ ...cell, amount: roundToMinor(cell.amount, cell.currency) }));
}

function compared(now: readonly CostCell[], before: readonly CostCell[]): Compared {
  const [a, b] = [now, before].map((cells) => sum(cells.map(({ amount }) => amount)));
  return { now: a ?? ZERO, before: b ?? ZERO, change: (a ?? ZERO).minus(b ?? ZERO) };
}

function moversOf(now: readonly CostCell[], before: readonly CostCell[], nameOf: (cell: CostCell) => string): Mover[] {
  const [a, b] = [sumsBy(now, nameOf), sumsBy(before, nameOf)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .map((name) => {
      const [is, was] = [a.get(name) ?? ZERO, b.get(name) ?? ZERO];
      return { name, now: is, before: was, change: is.minus(was) };
    })
    .filter(({ change }) => !change.isZero())
    .sort((one, other) => other.change.abs().comparedTo(one.change.abs()) || one.name.localeCompare(other.name, 'en'))
    .slice(0, MOST_NAMED);
}

function sumsBy(cells: readonly CostCell[], nameOf: (cell: CostCell) => string): Map<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const cell of cells) {
    const name = nameOf(cell);
    sums.set(name, sum([sums.get(name) ?? ZERO, cell.amount]));
  }
  return sums;
}

async function budgetsIn(
  accountId: string,
  { scope, sight }: SeenScope,
  lastDay: string,
  now: Date,
): Promise<BudgetSummary[]> {
  const hidden = await hiddenProjectIds(accountId, sight, now);
  const seen = sight.among(await allBudgets(accountId)).filter(({ projectId }) => !hidden.includes(projectId ?? ''));
  const docs = seen.filter(
    ({ billingGroupId, projectId }) =>
      !scope || scope.groupIds.includes(billingGroupId) || (projectId !== null && scope.projectIds.includes(projectId)),
  );
  const spent = await budgetsSpentIn(accountId, docs, toPeriod(lastDay.slice(0, 7)));
  const names = await budgetNames(accountId, docs);
  return docs
    .map((doc) => budgetSummary(doc, spent, names))
    .sort((a, b) => b.percent - a.percent || a.name.localeCompare(b.name, 'en'))
    .slice(0, MOST_NAMED);
}
