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
import { type Period, periodAt, shiftPeriod } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type AccountDoc, Accounts, type UsedUpBudget } from '../../store/accounts/accounts.ts';
import { type BudgetDoc, Budgets } from '../../store/groups/budgets.ts';
import { Groups, Memberships, Projects } from '../../store/groups/groups.ts';
import { Invoices, Lines } from '../../store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, eachStep, type Loop } from '../background/each-of-all.ts';
import { breakdownsOf } from '../costs/costs-so-far.ts';
import { activeGroup } from '../groups/groups.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, placeOf } from '../kit/page.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { holdGroup } from '../projects/projects.ts';

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
 * told of it is told anew where it is passed again. Safe to repeat: the same once more is no event.
 *
 * @throws {Refusal} `invalid_input` with the fields at fault, `billing_group_not_found`, `role_needed`
 */
export async function setBudget(ctx: Ctx, input: NewBudget): Promise<BudgetSummary> {
  const { doc, account } = await inChange(ctx, input.accountId, 'edit_groups', async (tx, { account }) => {
    const group = await activeGroup(account._id, input.billingGroupId);
    await holdGroup(tx, group._id);
    const wanted = checked(input, group.currency);
    const name = await nameOf(group, input.projectId);
    const _id = input.projectId ?? group._id;
    const before = await Budgets.findById(_id).lean();
    if (before && isSame(before, wanted, group.currency)) return { doc: before, account };
    const kept: BudgetDoc = {
      ...{ _id, accountId: account._id, billingGroupId: group._id, projectId: input.projectId ?? null },
      ...{ currency: group.currency, thresholds: wanted.thresholds, amount: toDecimal128(wanted.amount), told: null },
      since: monthsOf(account, ctx).open,
      changes: (before?.changes ?? 0) + 1,
      createdAt: before?.createdAt ?? tx.clock.now(),
    };
    await Budgets.replaceOne({ _id }, kept, { upsert: true });
    if (kept.projectId === null) await Groups.updateOne({ _id }, { $set: { budget: kept.amount } });
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
  ctx.nudge('budgets');
  return summaryOf(doc, await spentOf(account, ctx, [doc]), await namesOf([doc]));
}

/** Ends a budget. Safe to repeat. @throws {Refusal} `role_needed` */
export async function removeBudget(ctx: Ctx, accountId: string, id: string): Promise<void> {
  await inChange(ctx, accountId, 'edit_groups', async (tx) => {
    const before = await Budgets.findOneAndDelete({ _id: id, accountId }).lean();
    if (!before) return;
    if (before.projectId === null) await Groups.updateOne({ _id: id }, { $set: { budget: null } });
    await tx.record({
      accountId,
      type: 'budget_removed',
      description: `Removed budget of ${(await namesOf([before])).get(before._id) ?? ''}`,
      billingGroupId: before.billingGroupId,
      ...(before.projectId !== null && { projectId: before.projectId }),
      before: { amount: before.amount.toString(), thresholds: [...before.thresholds] },
    });
  });
  ctx.nudge('budgets');
}

/** An account's budgets in the order in which they were set; six queries at most. @throws {Refusal} `account_not_found` */
export async function listBudgets(ctx: Ctx, accountId: string, request: PageRequest): Promise<Page<BudgetSummary>> {
  const { account } = await admit(ctx, accountId, 'see');
  const total = await Budgets.countDocuments({ accountId });
  const { skip, page, pages } = placeOf(request, total);
  const docs = await Budgets.find({ accountId }).sort({ createdAt: 1, _id: 1 }).skip(skip).limit(request.size).lean();
  const spent = await spentOf(account, ctx, docs);
  const names = await namesOf(docs);
  return { items: docs.map((doc) => summaryOf(doc, spent, names)), page, pages, total };
}

/** A group's or a project's budget; undefined where there is none. @throws {Refusal} `account_not_found` */
export async function budgetOf(ctx: Ctx, accountId: string, id: string): Promise<BudgetSummary | undefined> {
  const { account } = await admit(ctx, accountId, 'see');
  const doc = await Budgets.findOne({ _id: id, accountId }).lean();
  return doc ? summaryOf(doc, await spentOf(account, ctx, [doc]), await namesOf([doc])) : undefined;
}

/**
 * Budgets that are used up in the open month, for those who may change them, as the last look at them has found. No query
 * for whoever was let in already. @throws {Refusal} `account_not_found`
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
const CHECKING: Loop<BudgetDoc> = {
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
  const withBudgets = await Budgets.distinct('accountId');
  const accounts = await Accounts.find({ $or: [{ _id: { $in: withBudgets } }, { usedUp: { $exists: true } }] }).lean();
  const check = async (account: AccountDoc) => {
    const accountId = account._id;
    const docs = await Budgets.find({ accountId }).lean();
    const months = monthsOf(account, ctx);
    const [open, closed] = [await spentIn(docs, months.open), await closedSpent(docs, months.last)];
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
function passedIn(doc: BudgetDoc, { open, last }: Months, spent: { open: SpentBy; closed: SpentBy }): Passed[] {
  const of = { amount: fromDecimal128(doc.amount), thresholds: doc.thresholds };
  const passed = (period: Period, amount: Decimal | undefined): Passed[] => {
    const percent = amount && newlyPassed(of, amount, toldOf(doc, period));
    return percent === undefined ? [] : [{ period, percent, spent: amount ?? ZERO }];
  };
  return [...passed(last, spent.closed.get(doc._id)), ...passed(open, spent.open.get(doc._id) ?? ZERO)];
}

/** The highest threshold that was told of a month. */
function toldOf({ told, toldBefore = null }: BudgetDoc, period: Period): number {
  return Math.max(0, ...[told, toldBefore].flatMap((one) => (one?.period === period ? [one.percent] : [])));
}

/** @returns how many events were written */
async function tell(tx: Change, account: AccountDoc, id: string): Promise<number> {
  const doc = await Budgets.findById(id).lean();
  if (!doc) return 0;
  const months = monthsOf(account, tx);
  const spent = { open: await spentIn([doc], months.open), closed: await closedSpent([doc], months.last) };
  const passed = passedIn(doc, months, spent);
  if (passed.length === 0) return 0;
  const noted = (period: Period): BudgetDoc['told'] => {
    const percent = passed.find((one) => one.period === period)?.percent ?? toldOf(doc, period);
    return percent === 0 ? null : { period, percent };
  };
  const change = { told: noted(months.open), toldBefore: noted(months.last) };
  // of several at once, one goes through: the other finds on its next run that it was told
  await Budgets.updateOne({ _id: id, changes: doc.changes }, { $set: change, $inc: { changes: 1 } });
  const name = (await namesOf([doc])).get(id) ?? '';
  for (const { period, percent, spent: amount } of passed) {
    const amounts = `${formatMoney(amount, doc.currency)} of ${formatMoney(fromDecimal128(doc.amount), doc.currency)}`;
    const close = period === months.last ? ', at the close of the month' : '';
    await tx.record({
      accountId: account._id,
      type: 'budget_passed',
      description: `${name.charAt(0).toUpperCase()}${name.slice(1)} has passed ${percent} % of its budget for ${period}${close}: ${amounts}`,
      billingGroupId: doc.billingGroupId,
      ...(doc.projectId !== null && { projectId: doc.projectId }),
      before: { told: doc.told && { ...doc.told } },
      after: { told: { period, percent }, spent: amount.toFixed() },
    });
  }
  return passed.length;
}

/** A note that is made anew at every look, and holds no truth of its own. */
async function noteUsedUp(
  ctx: Ctx,
  account: AccountDoc,
  docs: readonly BudgetDoc[],
  spent: ReadonlyMap<string, Decimal>,
): Promise<void> {
  const full = docs.filter((doc) => percentOf(spent.get(doc._id) ?? ZERO, fromDecimal128(doc.amount)) >= ALL_OF_IT);
  const names = await namesOf(full);
  const budgets = full.slice(0, MOST_PASSED).map((doc): UsedUpBudget => {
    const { id, name, currency, percent, ...amounts } = summaryOf(doc, spent, names);
    return { id, name, currency, percent, spent: amounts.spent.toFixed(), amount: amounts.amount.toFixed() };
  });
  const usedUp = { period: periodAt(ctx.clock.now(), account.timeZone), budgets };
  if (JSON.stringify(usedUp) === JSON.stringify(account.usedUp)) return;
  await Accounts.updateOne({ _id: account._id }, { $set: { usedUp } });
  ctx.nudge('home');
}

/** What is spent of each budget in the open month, by the estimates; by the budgets' ids. */
function spentOf(account: AccountDoc, ctx: Ctx, docs: readonly BudgetDoc[]): Promise<Map<string, Decimal>> {
  return spentIn(docs, monthsOf(account, ctx).open);
}

/** What was spent in a month of each budget of a group whose invoice for it is issued: with its commitments. */
async function closedSpent(docs: readonly BudgetDoc[], period: Period): Promise<Map<string, Decimal>> {
  const counting = docs.filter(
    ({ projectId, since }) => projectId === null && (since === undefined || since <= period),
  );
  return spentIn(counting, period, { number: { $exists: true } });
}

/** What a month counts in each budget; by the budgets' ids. Three queries at most. */
async function spentIn(
  docs: readonly BudgetDoc[],
  period: Period,
  which: { readonly number?: { readonly $exists: true } } = {},
): Promise<Map<string, Decimal>> {
  const groupIds = docs.filter(({ projectId }) => projectId === null).map(({ _id }) => _id);
  const projectIds = docs.flatMap(({ projectId }) => projectId ?? []);
  const spent = new Map<string, Decimal>();
  if (groupIds.length > 0) {
    const invoices = await Invoices.find(
      { billingGroupId: { $in: groupIds }, period, ...which },
      { billingGroupId: 1, net: 1, breakdown: 1, currency: 1, number: 1 },
    ).lean();
    const breakdowns = await breakdownsOf(invoices);
    for (const { _id, billingGroupId, currency, number } of invoices) {
      const breakdown = breakdowns.get(_id);
      // a budget from before the group's currency changed says nothing of it
      const isIn = docs.some((doc) => doc._id === billingGroupId && doc.currency === currency);
      if (isIn && breakdown) spent.set(billingGroupId, budgetSpent(breakdown, number !== undefined));
    }
  }
  if (projectIds.length > 0) {
    const lines = await Lines.find(
      { projectId: { $in: projectIds }, period },
      { projectId: 1, total: 1, currency: 1 },
    ).lean();
    for (const doc of docs) {
      const own = lines.filter(({ projectId, currency }) => projectId === doc.projectId && currency === doc.currency);
      if (doc.projectId !== null) spent.set(doc._id, sum(own.map(({ total }) => fromDecimal128(total))));
    }
  }
  return spent;
}

/** `billing group "X"` or `project x`, by the budgets' ids. Two queries. */
async function namesOf(docs: readonly BudgetDoc[]): Promise<Map<string, string>> {
  const groups = await Groups.find({ _id: { $in: docs.map(({ _id }) => _id) } }, { name: 1 }).lean();
  const projects = await Projects.find({ _id: { $in: docs.map(({ _id }) => _id) } }, { name: 1 }).lean();
  return new Map([
    ...groups.map(({ _id, name }) => [_id, `billing group "${name}"`] as const),
    ...projects.map(({ _id, name }) => [_id, `project ${name}`] as const),
  ]);
}

async function nameOf(group: { readonly _id: string; readonly name: string }, projectId: string | undefined) {
  if (projectId === undefined) return `billing group "${group.name}"`;
  const project = await Projects.findOne({ _id: projectId }).lean();
  const isIn = await Memberships.exists({ projectId, billingGroupId: group._id, to: null });
  if (project && isIn) return `project ${project.name}`;
  const sentence = `There is no such project in “${group.name}”.`;
  throw new Refusal('invalid_input', sentence, { fields: { project: sentence } });
}

function checked(input: NewBudget, currency: string): { amount: Decimal; thresholds: number[] } {
  const fields: Record<string, string> = {};
  const read = readAmount(input.amount, currency);
  const amount = 'value' in read ? read.value : ZERO;
  if ('fault' in read) fields.amount = read.fault;
  const thresholds = checkedThresholds(input.thresholds ?? DEFAULT_THRESHOLDS);
  if (!thresholds) {
    fields.thresholds = `Give 1 to ${MOST_THRESHOLDS} whole numbers from 1 to ${MOST_PERCENT}, such as 50, 80, 100.`;
  }
  const [first] = Object.values(fields);
  if (first !== undefined || !thresholds) throw new Refusal('invalid_input', first ?? '', { fields });
  return { amount, thresholds };
}

function isSame(
  before: BudgetDoc,
  wanted: { amount: Decimal; thresholds: readonly number[] },
  currency: string,
): boolean {
  const sameAmount = fromDecimal128(before.amount).equals(wanted.amount) && before.currency === currency;
  return sameAmount && before.thresholds.join() === wanted.thresholds.join();
}

function summaryOf(
  doc: BudgetDoc,
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
