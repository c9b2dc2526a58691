import { newlyPassed, percentOf } from '../../billing/group/budget.ts';
import { type Decimal, formatMoney, ZERO } from '../../billing/money/money.ts';
import { capitalized } from '../../billing/normalized.ts';
import { type Period, periodAt, periodName } from '../../billing/period/period.ts';
import { accountsToCheckBudgets } from '../../store/accounts/account-reads.ts';
import { setUsedUp } from '../../store/accounts/account-writes.ts';
import type { AccountDoc, UsedUpBudget } from '../../store/accounts/accounts.ts';
import * as budgets from '../../store/groups/budgets.ts';
import { numberedNetsOfGroups } from '../../store/invoicing/invoice-reads.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { isConnectionLost } from '../../store/kit/transaction.ts';
import { eachOfAll, eachStep, forgetOutside, type Loop } from '../background/each-of-all.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import {
  type BudgetMonths,
  budgetMonths,
  budgetNames,
  budgetSummary,
  budgetsSpentIn,
  type SpentByBudget,
} from './budget-spending.ts';

/** How many used-up budgets the Home shows. */
const MOST_PASSED = 5;
const ALL_OF_IT = 100;

const CHECKING_ACCOUNTS: Loop<AccountDoc> = {
  kind: 'budgets-account',
  whole: 'everywhere',
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
 * Announces each threshold that a budget has passed, once per month; if there are several, only the highest. Budgets
 * that are used up are stored on the account, for its Home. @returns how many were announced
 */
export async function checkBudgets(ctx: Ctx): Promise<number> {
  let told = 0;
  const accounts = await accountsToCheckBudgets(await budgets.accountsWithBudgets());
  const check = async (account: AccountDoc) => {
    const accountId = account._id;
    const docs = await budgets.allBudgets(accountId);
    const months = budgetMonths(account, ctx);
    const together = await spentTogether(ctx, account, docs, months);
    const open = new Map<string, Decimal>();
    const sound: budgets.BudgetDoc[] = [];
    await eachStep(ctx, {
      tell: () =>
        eachOfAll(ctx, { ...CHECKING, whole: { accountId } }, docs, async (doc) => {
          const spent = together ?? (await spentBy(accountId, [doc], months));
          open.set(doc._id, spent.open.get(doc._id) ?? ZERO);
          if (passedIn(doc, months, spent).length > 0) {
            told += await inTransaction(ctx, (tx) => tell(tx, account, doc._id));
          }
          sound.push(doc);
        }),
      note: () => noteUsedUp(ctx, account, sound, open),
    });
  };
  await forgetOutside(ctx, CHECKING.kind, accounts);
  await eachOfAll(ctx, CHECKING_ACCOUNTS, accounts, check);
  return told;
}

interface Spent {
  readonly open: SpentByBudget;
  readonly closed: SpentByBudget;
}

/** What is spent by budgets in both months. At most six queries. */
async function spentBy(
  accountId: string,
  docs: readonly budgets.BudgetDoc[],
  { open, last }: BudgetMonths,
): Promise<Spent> {
  return {
    open: await budgetsSpentIn(accountId, docs, open),
    closed: await closedSpent(accountId, docs, last),
  };
}

/** The same for all of an account's budgets. Undefined if one of them fails: each is then counted in its own turn. */
async function spentTogether(
  ctx: Ctx,
  { _id: accountId }: AccountDoc,
  docs: readonly budgets.BudgetDoc[],
  months: BudgetMonths,
): Promise<Spent | undefined> {
  try {
    return await spentBy(accountId, docs, months);
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    ctx.log.warn({ accountId, err: error }, 'budgets could not be counted together');
    return undefined;
  }
}

interface Passed {
  readonly period: Period;
  readonly percent: number;
  readonly spent: Decimal;
}

/** The thresholds that a budget has newly passed, in the last closed month and in the open one. */
function passedIn(doc: budgets.BudgetDoc, { open, last }: BudgetMonths, spent: Spent): Passed[] {
  const of = { amount: fromDecimal128(doc.amount), thresholds: doc.thresholds };
  const passed = (period: Period, amount: Decimal | undefined): Passed[] => {
    const percent = amount && newlyPassed(of, amount, toldOf(doc, period));
    return percent === undefined ? [] : [{ period, percent, spent: amount ?? ZERO }];
  };
  return [...passed(last, spent.closed.get(doc._id)), ...passed(open, spent.open.get(doc._id) ?? ZERO)];
}

/** The highest threshold announced for a month. */
function toldOf({ told, toldBefore = null }: budgets.BudgetDoc, period: Period): number {
  return Math.max(0, ...[told, toldBefore].flatMap((one) => (one?.period === period ? [one.percent] : [])));
}

/** @returns how many events were written */
async function tell(tx: Change, account: AccountDoc, id: string): Promise<number> {
  const accountId = account._id;
  const doc = await budgets.budgetById(accountId, id);
  if (!doc) return 0;
  const months = budgetMonths(account, tx);
  const spent = await spentBy(accountId, [doc], months);
  const passed = passedIn(doc, months, spent);
  if (passed.length === 0) return 0;
  const noted = (period: Period): budgets.BudgetDoc['told'] => {
    const percent = passed.find((one) => one.period === period)?.percent ?? toldOf(doc, period);
    return percent === 0 ? null : { period, percent };
  };
  const change = { told: noted(months.open), toldBefore: noted(months.last) };
  // of several concurrent runs, one succeeds: the others find on their next run that it was announced
  await budgets.markBudgetTold(tx, doc, change);
  const name = (await budgetNames(doc.accountId, [doc])).get(id) ?? '';
  for (const { period, percent, spent: amount } of passed) {
    const amounts = `${formatMoney(amount, doc.currency)} of ${formatMoney(fromDecimal128(doc.amount), doc.currency)}`;
    const close = period === months.last ? ', at the close of the month' : '';
    await tx.record({
      accountId: account._id,
      type: 'budget_passed',
      description: `${capitalized(name)} has passed ${percent}% of its budget for ${periodName(period)}${close}: ${amounts}`,
      billingGroupId: doc.billingGroupId,
      ...(doc.projectId !== null && { projectId: doc.projectId }),
      before: { told: doc.told && { ...doc.told } },
      after: { told: { period, percent }, spent: amount.toFixed() },
    });
  }
  return passed.length;
}

/** A cached value that is recalculated at every check. */
async function noteUsedUp(
  ctx: Ctx,
  account: AccountDoc,
  docs: readonly budgets.BudgetDoc[],
  spent: ReadonlyMap<string, Decimal>,
): Promise<void> {
  const full = docs.filter((doc) => percentOf(spent.get(doc._id) ?? ZERO, fromDecimal128(doc.amount)) >= ALL_OF_IT);
  const names = await budgetNames(account._id, full);
  const named = full.slice(0, MOST_PASSED).map((doc): UsedUpBudget => {
    const { id, name, currency, percent, ...amounts } = budgetSummary(doc, spent, names);
    return { id, name, currency, percent, spent: amounts.spent.toFixed(), amount: amounts.amount.toFixed() };
  });
  const usedUp = { period: periodAt(ctx.clock.now(), account.timeZone), budgets: named };
  if (JSON.stringify(usedUp) === JSON.stringify(account.usedUp)) return;
  await setUsedUp(account._id, usedUp);
  ctx.nudge('home');
}

/** What was spent in a month for each budget of a group whose invoice for it is issued, including commitments. */
async function closedSpent(
  accountId: string,
  docs: readonly budgets.BudgetDoc[],
  period: Period,
): Promise<Map<string, Decimal>> {
  const counting = docs.filter(
    ({ projectId, since }) => projectId === null && (since === undefined || since <= period),
  );
  return budgetsSpentIn(accountId, counting, period, numberedNetsOfGroups);
}
