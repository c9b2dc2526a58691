import { may } from '../../billing/account/role.ts';
import {
  budgetSpent,
  checkedThresholds,
  DEFAULT_THRESHOLDS,
  MOST_PERCENT,
  MOST_THRESHOLDS,
  newlyPassed,
  percentOf,
} from '../../billing/group/budget.ts';
import { type Decimal, formatMoney, sum, ZERO } from '../../billing/money/money.ts';
import { readAmount } from '../../billing/money/typed-amount.ts';
import { type Period, periodAt, periodName, shiftPeriod } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountsToCheckBudgets } from '../../store/accounts/account-reads.ts';
import { setUsedUp } from '../../store/accounts/account-writes.ts';
import type { AccountDoc, UsedUpBudget } from '../../store/accounts/accounts.ts';
import * as budgets from '../../store/groups/budgets.ts';
import { groupNames } from '../../store/groups/group-reads.ts';
import { holdGroup, setGroupBudget } from '../../store/groups/group-writes.ts';
import { isInForGood } from '../../store/groups/membership-reads.ts';
import { namesOfProjects, projectById } from '../../store/groups/project-reads.ts';
import { linesOfProjects } from '../../store/invoicing/invoice-lines.ts';
import { netsOfGroups, numberedNetsOfGroups } from '../../store/invoicing/invoice-reads.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, eachStep, type Loop } from '../background/each-of-all.ts';
import { breakdownsOf } from '../costs/costs-so-far.ts';
import { activeGroup } from '../groups/groups.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, placeOf } from '../kit/page.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';

/** How many passed budgets the Home names. */
const MOST_PASSED = 5;
const ALL_OF_IT = 100;

export type { UsedUpBudget } from '../../store/accounts/accounts.ts';

/** A budget as a person sets it: of a project where one is named, else of the group. */
export interface NewBudget {
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly projectId?: string | undefined;
  /** A month, in the group's currency, as it was typed. */
  readonly amount: string;
  /** In per cent; the usual ones where none are named. */
  readonly thresholds?: readonly number[] | undefined;
}

/** A budget, and how much of it is spent in the open month. */
export interface BudgetSummary {
  readonly id: string;
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly projectId: string | null;
  /** Of the group, or of the project. */
  readonly name: string;
  readonly amount: Decimal;
  readonly currency: string;
  readonly thresholds: readonly number[];
  readonly spent: Decimal;
  readonly percent: number;
}

/**
 * Sets what a group or a project is meant to cost in a month, before tax; what was set before is replaced, and what was
 * told of it is told again where it is passed again. Safe to repeat: the same once more is no event.
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
      since: monthsOf(account, ctx).open,
      changes: (before?.changes ?? 0) + 1,
      createdAt: before?.createdAt ?? tx.clock.now(),
    };
    await budgets.replaceBudget(tx, kept);
    if (kept.projectId === null) await setGroupBudget(tx, account._id, _id, kept.amount);
    await tx.record({
      accountId: account._id,
      type: 'budget_set',
      description: `Set budget of ${name} to ${formatMoney(wanted.amount, group.currency)} a month, with warnings at ${wanted.thresholds.join(', ')} %`,
      billingGroupId: group._id,
      ...(kept.projectId !== null && { projectId: kept.projectId }),
      before: before ? { amount: before.amount.toString(), thresholds: [...before.thresholds] } : null,
      after: { amount: wanted.amount.toFixed(), thresholds: wanted.thresholds },
    });
    return { doc: kept, account };
  });
  return summaryOf(doc, await spentOf(account, ctx, [doc]), await namesOf(doc.accountId, [doc]));
}

/** Ends a budget. Safe to repeat. @throws {Refusal} `role_needed` */
export async function removeBudget(ctx: Ctx, accountId: string, id: string): Promise<void> {
  await inChange(ctx, accountId, 'edit_groups', async (tx) => {
    const before = await budgets.deleteBudget(tx, accountId, id);
    if (!before) return;
    tx.nudge('budgets');
    if (before.projectId === null) await setGroupBudget(tx, accountId, id, null);
    await tx.record({
      accountId,
      type: 'budget_removed',
      description: `Removed budget of ${(await namesOf(accountId, [before])).get(before._id) ?? ''}`,
      billingGroupId: before.billingGroupId,
      ...(before.projectId !== null && { projectId: before.projectId }),
      before: { amount: before.amount.toString(), thresholds: [...before.thresholds] },
    });
  });
}

/** An account's budgets in the order in which they were set; six queries at most. @throws {Refusal} `account_not_found` */
export async function listBudgets(ctx: Ctx, accountId: string, request: PageRequest): Promise<Page<BudgetSummary>> {
  const { account } = await admit(ctx, accountId, 'see');
  const total = await budgets.countBudgets(accountId);
  const { skip, page, pages } = placeOf(request, total);
  const docs = await budgets.budgetPage(accountId, { skip, size: request.size });
  const spent = await spentOf(account, ctx, docs);
  const names = await namesOf(accountId, docs);
  return { items: docs.map((doc) => summaryOf(doc, spent, names)), page, pages, total };
}

/** A group's or a project's budget; undefined where there is none. @throws {Refusal} `account_not_found` */
export async function budgetOf(ctx: Ctx, accountId: string, id: string): Promise<BudgetSummary | undefined> {
  const { account } = await admit(ctx, accountId, 'see');
  const doc = await budgets.budgetById(accountId, id);
  return doc ? summaryOf(doc, await spentOf(account, ctx, [doc]), await namesOf(doc.accountId, [doc])) : undefined;
}

/**
 * Budgets that are used up in the open month, for those who may change them, as the last look at them has found. No query
 * for anyone who was let in already. @throws {Refusal} `account_not_found`
 */
export async function usedUpBudgets(ctx: Ctx, accountId: string): Promise<readonly UsedUpBudget[]> {
  const { account, role } = await admit(ctx, accountId, 'see');
  if (role !== null && !may(role, 'edit_groups')) return [];
  const { usedUp, timeZone } = account;
  return usedUp?.period === periodAt(ctx.clock.now(), timeZone) ? usedUp.budgets : [];
}

const CHECKING_ACCOUNTS: Loop<AccountDoc> = {
  kind: 'budgets-account',
  name: ({ _id }) => ({ id: _id, accountId: _id }),
  what: 'check the budgets',
  inTurn: true,
};
const CHECKING: Loop<budgets.BudgetDoc> = {
  kind: 'budget',
  name: ({ _id: id, accountId, billingGroupId }) => ({ id, accountId, billingGroupId }),
  what: 'check a budget',
};

/**
 * Tells what has passed a threshold, each once for a month; only the highest of several. What is used up is noted on the
 * account, for its Home. @returns how many were told
 */
export async function checkBudgets(ctx: Ctx): Promise<number> {
  let told = 0;
  const accounts = await accountsToCheckBudgets(await budgets.accountsWithBudgets());
  const check = async (account: AccountDoc) => {
    const accountId = account._id;
    const docs = await budgets.allBudgets(accountId);
    const months = monthsOf(account, ctx);
    const [open, closed] = [
      await spentIn(accountId, docs, months.open),
      await closedSpent(accountId, docs, months.last),
    ];
    await eachStep(ctx, {
      tell: () =>
        eachOfAll(ctx, CHECKING, docs, async (doc) => {
          if (passedIn(doc, months, { open, closed }).length === 0) return;
          told += await inTransaction(ctx, (tx) => tell(tx, account, doc._id));
        }),
      note: () => noteUsedUp(ctx, account, docs, open),
    });
  };
  await eachOfAll(ctx, CHECKING_ACCOUNTS, accounts, check);
  return told;
}

/** The open month and the one before, which counts in full once it is closed. */
interface Months {
  readonly open: Period;
  readonly last: Period;
}
type SpentBy = ReadonlyMap<string, Decimal>;
interface Passed {
  readonly period: Period;
  readonly percent: number;
  readonly spent: Decimal;
}

function monthsOf({ timeZone }: AccountDoc, { clock }: Ctx): Months {
  const open = periodAt(clock.now(), timeZone);
  return { open, last: shiftPeriod(open, -1) };
}

/** The thresholds that a budget has newly passed: in the month that was closed last, and in the open one. */
function passedIn(doc: budgets.BudgetDoc, { open, last }: Months, spent: { open: SpentBy; closed: SpentBy }): Passed[] {
  const of = { amount: fromDecimal128(doc.amount), thresholds: doc.thresholds };
  const passed = (period: Period, amount: Decimal | undefined): Passed[] => {
    const percent = amount && newlyPassed(of, amount, toldOf(doc, period));
    return percent === undefined ? [] : [{ period, percent, spent: amount ?? ZERO }];
  };
  return [...passed(last, spent.closed.get(doc._id)), ...passed(open, spent.open.get(doc._id) ?? ZERO)];
}

/** The highest threshold that was told of a month. */
function toldOf({ told, toldBefore = null }: budgets.BudgetDoc, period: Period): number {
  return Math.max(0, ...[told, toldBefore].flatMap((one) => (one?.period === period ? [one.percent] : [])));
}

/** @returns how many events were written */
async function tell(tx: Change, account: AccountDoc, id: string): Promise<number> {
  const accountId = account._id;
  const doc = await budgets.budgetById(accountId, id);
  if (!doc) return 0;
  const months = monthsOf(account, tx);
  const spent = {
    open: await spentIn(accountId, [doc], months.open),
    closed: await closedSpent(accountId, [doc], months.last),
  };
  const passed = passedIn(doc, months, spent);
  if (passed.length === 0) return 0;
  const noted = (period: Period): budgets.BudgetDoc['told'] => {
    const percent = passed.find((one) => one.period === period)?.percent ?? toldOf(doc, period);
    return percent === 0 ? null : { period, percent };
  };
  const change = { told: noted(months.open), toldBefore: noted(months.last) };
  // of several at once, one goes through: the other finds on its next run that it was told
  await budgets.markBudgetTold(tx, doc, change);
  const name = (await namesOf(doc.accountId, [doc])).get(id) ?? '';
  for (const { period, percent, spent: amount } of passed) {
    const amounts = `${formatMoney(amount, doc.currency)} of ${formatMoney(fromDecimal128(doc.amount), doc.currency)}`;
    const close = period === months.last ? ', at the close of the month' : '';
    await tx.record({
      accountId: account._id,
      type: 'budget_passed',
      description: `${name.charAt(0).toUpperCase()}${name.slice(1)} has passed ${percent} % of its budget for ${periodName(period)}${close}: ${amounts}`,
      billingGroupId: doc.billingGroupId,
      ...(doc.projectId !== null && { projectId: doc.projectId }),
      before: { told: doc.told && { ...doc.told } },
      after: { told: { period, percent }, spent: amount.toFixed() },
    });
  }
  return passed.length;
}

/** A note that is made again at every look, and holds no truth of its own. */
async function noteUsedUp(
  ctx: Ctx,
  account: AccountDoc,
  docs: readonly budgets.BudgetDoc[],
  spent: ReadonlyMap<string, Decimal>,
): Promise<void> {
  const full = docs.filter((doc) => percentOf(spent.get(doc._id) ?? ZERO, fromDecimal128(doc.amount)) >= ALL_OF_IT);
  const names = await namesOf(account._id, full);
  const named = full.slice(0, MOST_PASSED).map((doc): UsedUpBudget => {
    const { id, name, currency, percent, ...amounts } = summaryOf(doc, spent, names);
    return { id, name, currency, percent, spent: amounts.spent.toFixed(), amount: amounts.amount.toFixed() };
  });
  const usedUp = { period: periodAt(ctx.clock.now(), account.timeZone), budgets: named };
  if (JSON.stringify(usedUp) === JSON.stringify(account.usedUp)) return;
  await setUsedUp(account._id, usedUp);
  ctx.nudge('home');
}

/** What is spent of each budget in the open month, by the estimates; by the budgets' ids. */
function spentOf(account: AccountDoc, ctx: Ctx, docs: readonly budgets.BudgetDoc[]): Promise<Map<string, Decimal>> {
  return spentIn(account._id, docs, monthsOf(account, ctx).open);
}

/** What was spent in a month of each budget of a group whose invoice for it is issued: with its commitments. */
async function closedSpent(
  accountId: string,
  docs: readonly budgets.BudgetDoc[],
  period: Period,
): Promise<Map<string, Decimal>> {
  const counting = docs.filter(
    ({ projectId, since }) => projectId === null && (since === undefined || since <= period),
  );
  return spentIn(accountId, counting, period, numberedNetsOfGroups);
}

/** What a month counts in each budget; by the budgets' ids. Three queries at most. */
async function spentIn(
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
    const breakdowns = await breakdownsOf(invoices);
    for (const { _id, billingGroupId, currency, number } of invoices) {
      const breakdown = breakdowns.get(_id);
      // a budget from before the group's currency changed says nothing of it
      const isIn = docs.some((doc) => doc._id === billingGroupId && doc.currency === currency);
      if (isIn && breakdown) spent.set(billingGroupId, budgetSpent(breakdown, number !== undefined));
    }
  }
  if (projectIds.length > 0) {
    const lines = await linesOfProjects(projectIds, period);
    for (const doc of docs) {
      const own = lines.filter(({ projectId, currency }) => projectId === doc.projectId && currency === doc.currency);
      if (doc.projectId !== null) spent.set(doc._id, sum(own.map(({ total }) => fromDecimal128(total))));
    }
  }
  return spent;
}

/** `billing group "X"` or `project x`, by the budgets' ids. Two queries. */
async function namesOf(accountId: string, docs: readonly budgets.BudgetDoc[]): Promise<Map<string, string>> {
  const ids = docs.map(({ _id }) => _id);
  const groups = await groupNames(accountId, ids);
  const projects = await namesOfProjects(accountId, ids);
  return new Map([
    ...[...groups].map(([id, name]) => [id, `billing group "${name}"`] as const),
    ...[...projects].map(([id, name]) => [id, `project ${name}`] as const),
  ]);
}

async function nameOf(
  accountId: string,
  group: { readonly _id: string; readonly name: string },
  projectId: string | undefined,
): Promise<string> {
  if (projectId === undefined) return `billing group "${group.name}"`;
  const project = await projectById(accountId, projectId);
  const isIn = await isInForGood(accountId, { projectId, billingGroupId: group._id });
  if (project && isIn) return `project ${project.name}`;
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

function summaryOf(
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
