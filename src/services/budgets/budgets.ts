import { may } from '../../billing/account/role.ts';
import { checkedThresholds, DEFAULT_THRESHOLDS, MOST_PERCENT, MOST_THRESHOLDS } from '../../billing/group/budget.ts';
import { titleOfProject } from '../../billing/group/names.ts';
import { type Decimal, formatMoney, ZERO } from '../../billing/money/money.ts';
import { readAmount } from '../../billing/money/typed-amount.ts';
import { periodAt } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc, UsedUpBudget } from '../../store/accounts/accounts.ts';
import * as budgets from '../../store/groups/budgets.ts';
import { holdGroup, setGroupBudget } from '../../store/groups/group-writes.ts';
import { isInForGood } from '../../store/groups/membership-reads.ts';
import { projectById } from '../../store/groups/project-reads.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import { activeGroup } from '../groups/groups.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, pageOf } from '../kit/page.ts';
import { type BudgetSummary, budgetMonths, budgetNames, budgetSummary, budgetsSpentIn } from './budget-spending.ts';

export type { UsedUpBudget } from '../../store/accounts/accounts.ts';

/** A budget as set by a person: for a project if one is named, otherwise for the group. */
export interface NewBudget {
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly projectId?: string | undefined;
  /** The monthly amount in the group's currency, as typed. */
  readonly amount: string;
  /** In percent; the defaults if omitted. */
  readonly thresholds?: readonly number[] | undefined;
}

/**
 * Sets the monthly budget of a group or a project, before tax. It replaces the previous one, and thresholds are
 * announced again when they are passed again. Safe to repeat: an unchanged budget causes no event.
 *
 * @throws {Refusal} `invalid_input` with the fields at fault, `billing_group_not_found`, `role_needed`
 */
export async function setBudget(ctx: Ctx, input: NewBudget): Promise<BudgetSummary> {
  const { doc, account } = await inChange(ctx, input.accountId, 'edit_groups', async (tx, { account }) => {
    tx.nudge('budgets');
    const group = await activeGroup(account._id, input.billingGroupId);
    await holdGroup(tx, group.accountId, group._id);
    const wanted = checked(input, group.currency);
    const name = await nameOf(account._id, group, input.projectId);
    const _id = input.projectId ?? group._id;
    const before = await budgets.budgetById(account._id, _id);
    if (before && isSame(before, wanted, group.currency)) return { doc: before, account };
    const kept: budgets.BudgetDoc = {
      ...{ _id, accountId: account._id, billingGroupId: group._id, projectId: input.projectId ?? null },
      ...{ currency: group.currency, thresholds: wanted.thresholds, amount: toDecimal128(wanted.amount), told: null },
      since: budgetMonths(account, ctx).open,
      changes: (before?.changes ?? 0) + 1,
      createdAt: before?.createdAt ?? tx.clock.now(),
    };
    await budgets.replaceBudget(tx, kept);
    if (kept.projectId === null) await setGroupBudget(tx, account._id, _id, kept.amount);
    await tx.record({
      accountId: account._id,
      type: 'budget_set',
      description: `Set budget of ${name} to ${formatMoney(wanted.amount, group.currency)} a month, with warnings at ${wanted.thresholds.join(', ')}%`,
      billingGroupId: group._id,
      ...(kept.projectId !== null && { projectId: kept.projectId }),
      before: before ? { amount: before.amount.toString(), thresholds: [...before.thresholds] } : null,
      after: { amount: wanted.amount.toFixed(), thresholds: wanted.thresholds },
    });
    return { doc: kept, account };
  });
  return budgetSummary(doc, await spentOf(account, ctx, [doc]), await budgetNames(doc.accountId, [doc]));
}

/** Removes a budget. Safe to repeat. @throws {Refusal} `role_needed` */
export async function removeBudget(ctx: Ctx, accountId: string, id: string): Promise<void> {
  await inChange(ctx, accountId, 'edit_groups', async (tx) => {
    const before = await budgets.deleteBudget(tx, accountId, id);
    if (!before) return;
    tx.nudge('budgets');
    if (before.projectId === null) await setGroupBudget(tx, accountId, id, null);
    await tx.record({
      accountId,
      type: 'budget_removed',
      description: `Removed budget of ${(await budgetNames(accountId, [before])).get(before._id) ?? ''}`,
      billingGroupId: before.billingGroupId,
      ...(before.projectId !== null && { projectId: before.projectId }),
      before: { amount: before.amount.toString(), thresholds: [...before.thresholds] },
    });
  });
}

/**
 * An account's budgets in the order in which they were set; at most six queries. @throws {Refusal} `account_not_found`
 */
export async function listBudgets(ctx: Ctx, accountId: string, request: PageRequest): Promise<Page<BudgetSummary>> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const of = { accountId, sight, hiddenProjectIds: await hiddenProjectIds(accountId, sight, ctx.clock.now()) };
  const page = await pageOf(
    request,
    () => budgets.countBudgets(of),
    (part) => budgets.budgetPage(of, part),
  );
  const spent = await spentOf(account, ctx, page.items);
  const names = await budgetNames(accountId, page.items);
  return { ...page, items: page.items.map((doc) => budgetSummary(doc, spent, names)) };
}

/** A group's or a project's budget; undefined if there is none. @throws {Refusal} `account_not_found` */
export async function budgetOf(ctx: Ctx, accountId: string, id: string): Promise<BudgetSummary | undefined> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const doc = await budgets.budgetById(accountId, id);
  const hidden = await hiddenProjectIds(accountId, sight, ctx.clock.now());
  return doc && sight.sees(doc.billingGroupId) && !hidden.includes(doc.projectId ?? '')
    ? budgetSummary(doc, await spentOf(account, ctx, [doc]), await budgetNames(doc.accountId, [doc]))
    : undefined;
}

/**
 * Budgets that are used up in the open month, for people who may change them, as of the last check. No query if the
 * caller was already admitted. @throws {Refusal} `account_not_found`
 */
export async function usedUpBudgets(ctx: Ctx, accountId: string): Promise<readonly UsedUpBudget[]> {
  const { account, role } = await admit(ctx, accountId, 'see');
  if (role !== null && !may(role, 'edit_groups')) return [];
  const { usedUp, timeZone } = account;
  return usedUp?.period === periodAt(ctx.clock.now(), timeZone) ? usedUp.budgets : [];
}

/** The amount spent of each budget in the open month, based on the estimates, by budget ID. */
function spentOf(account: AccountDoc, ctx: Ctx, docs: readonly budgets.BudgetDoc[]): Promise<Map<string, Decimal>> {
  return budgetsSpentIn(account._id, docs, budgetMonths(account, ctx).open);
}

async function nameOf(
  accountId: string,
  group: { readonly _id: string; readonly name: string },
  projectId: string | undefined,
): Promise<string> {
  if (projectId === undefined) return `billing group "${group.name}"`;
  const project = await projectById(accountId, projectId);
  const isIn = await isInForGood(accountId, { projectId, billingGroupId: group._id });
  if (project && isIn) return `project ${titleOfProject(project)}`;
  throw new Refusal('project_not_found', { group: group.name }, { fields: ['project'] });
}

function checked(input: NewBudget, currency: string): { amount: Decimal; thresholds: number[] } {
  const fields: Record<string, string> = {};
  const read = readAmount(input.amount, currency);
  const amount = 'value' in read ? read.value : ZERO;
  if ('fault' in read) fields.amount = read.fault;
  const thresholds = checkedThresholds(input.thresholds ?? DEFAULT_THRESHOLDS);
  if (!thresholds) {
    fields.thresholds = `Enter 1 to ${MOST_THRESHOLDS} whole numbers from 1 to ${MOST_PERCENT}, such as 50, 80, 100.`;
  }
  if (Object.keys(fields).length > 0 || !thresholds) throw new Refusal('invalid_input', { fields });
  return { amount, thresholds };
}

function isSame(
  before: budgets.BudgetDoc,
  wanted: { amount: Decimal; thresholds: readonly number[] },
  currency: string,
): boolean {
  const sameAmount = fromDecimal128(before.amount).equals(wanted.amount) && before.currency === currency;
  return sameAmount && before.thresholds.join() === wanted.thresholds.join();
}
