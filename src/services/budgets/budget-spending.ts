import { budgetSpent, percentOf } from '../../billing/group/budget.ts';
import { type Decimal, sum, ZERO } from '../../billing/money/money.ts';
import { type Period, periodAt, shiftPeriod } from '../../billing/period/period.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import type * as budgets from '../../store/groups/budgets.ts';
import { groupNames } from '../../store/groups/group-reads.ts';
import { titlesOfProjects } from '../../store/groups/project-reads.ts';
import { netsOfGroups } from '../../store/invoicing/invoice-reads.ts';
import { totalsOfProjects } from '../../store/invoicing/line-sums.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { breakdownsOf } from '../costs/costs-so-far.ts';
import type { Ctx } from '../kit/context.ts';

/** A budget, and how much of it is spent in the open month. */
export interface BudgetSummary {
  readonly id: string;
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly projectId: string | null;
  /** The name of the group or the project. */
  readonly name: string;
  readonly amount: Decimal;
  readonly currency: string;
  readonly thresholds: readonly number[];
  readonly spent: Decimal;
  readonly percent: number;
}

/** The open month and the previous one, which is final once it is closed. */
export interface BudgetMonths {
  readonly open: Period;
  readonly last: Period;
}

/** The amounts spent, by budget ID. */
export type SpentByBudget = ReadonlyMap<string, Decimal>;

/** An account's months in its time zone. */
export function budgetMonths({ timeZone }: AccountDoc, { clock }: Ctx): BudgetMonths {
  const open = periodAt(clock.now(), timeZone);
  return { open, last: shiftPeriod(open, -1) };
}

/** The amount that counts towards each budget in a month, by budget ID. At most three queries. */
export async function budgetsSpentIn(
  accountId: string,
  docs: readonly budgets.BudgetDoc[],
  period: Period,
  netsOf = netsOfGroups,
): Promise<Map<string, Decimal>> {
  const groupIds = docs.filter(({ projectId }) => projectId === null).map(({ _id }) => _id);
  const projectIds = docs.flatMap(({ projectId }) => projectId ?? []);
  const spent = new Map<string, Decimal>();
  if (groupIds.length > 0) {
    const invoices = await netsOf(accountId, groupIds, period);
    const breakdowns = await breakdownsOf(accountId, invoices);
    for (const { _id, billingGroupId, currency, number } of invoices) {
      const breakdown = breakdowns.get(_id);
      // a budget in the group's previous currency doesn't apply
      const isIn = docs.some((doc) => doc._id === billingGroupId && doc.currency === currency);
      if (isIn && breakdown) spent.set(billingGroupId, budgetSpent(breakdown, number !== undefined));
    }
  }
  if (projectIds.length > 0) {
    const lines = await totalsOfProjects(accountId, projectIds, period);
    for (const doc of docs) {
      const own = lines.filter(({ projectId, currency }) => projectId === doc.projectId && currency === doc.currency);
      if (doc.projectId !== null) spent.set(doc._id, sum(own.map(({ amount }) => amount)));
    }
  }
  return spent;
}

/** `billing group "X"` or `project x`, by budget ID. Two queries. */
export async function budgetNames(accountId: string, docs: readonly budgets.BudgetDoc[]): Promise<Map<string, string>> {
  const ids = docs.map(({ _id }) => _id);
  const groups = await groupNames(accountId, ids);
  const projects = await titlesOfProjects(accountId, ids);
  return new Map([
    ...[...groups].map(([id, name]) => [id, `billing group "${name}"`] as const),
    ...[...projects].map(([id, name]) => [id, `project ${name}`] as const),
  ]);
}

/** A budget with the amount spent. */
export function budgetSummary(
  doc: budgets.BudgetDoc,
  spentBy: ReadonlyMap<string, Decimal>,
  names: ReadonlyMap<string, string>,
): BudgetSummary {
  const { _id: id, accountId, billingGroupId, projectId, currency, thresholds } = doc;
  const amount = fromDecimal128(doc.amount);
  const spent = spentBy.get(id) ?? ZERO;
  const name = names.get(id) ?? '';
  return {
    ...{ id, accountId, billingGroupId, projectId, currency, thresholds, amount, spent, name },
    percent: percentOf(spent, amount),
  };
}
