import { formatMoney } from '../../billing/money/money.ts';
import { capitalized } from '../../billing/normalized.ts';
import { dayIn, dayName } from '../../billing/period/day.ts';
import { periodAt, periodName } from '../../billing/period/period.ts';
import { accountsToCheckBudgets } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import * as budgets from '../../store/groups/budgets.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { eachOfAll, forgetOutside, type Loop } from '../background/each-of-all.ts';
import { type CurrencyForecast, forecastMonth } from '../insight/month-forecast.ts';
import type { Ctx } from '../kit/context.ts';
import { inTransaction } from '../kit/transaction.ts';
import { budgetNames } from './budget-spending.ts';

const CHECKING_ACCOUNTS: Loop<AccountDoc> = {
  kind: 'budget-forecasts-account',
  whole: 'everywhere',
  name: ({ _id }) => ({ id: _id, accountId: _id }),
  what: 'forecast the budgets',
  inTurn: true,
};
const CHECKING: Loop<budgets.BudgetDoc> = {
  kind: 'budget-forecast',
  name: ({ _id: id, accountId, billingGroupId }) => ({ id, accountId, billingGroupId }),
  what: 'forecast a budget',
};

/**
 * Warns once a month of each budget that the costs are going to exceed according to their forecast, before they do.
 * Each budget is forecast once a day, in the account's time zone, because costs are daily. Safe to run at any time and
 * in several processes. @returns how many warnings were written
 */
export async function warnOfForecasts(ctx: Ctx): Promise<number> {
  let warned = 0;
  const accounts = await accountsToCheckBudgets(await budgets.accountsWithBudgets());
  await forgetOutside(ctx, CHECKING.kind, accounts);
  await eachOfAll(ctx, CHECKING_ACCOUNTS, accounts, async (account) => {
    const today = dayIn(ctx.clock.now(), account.timeZone);
    const period = periodAt(ctx.clock.now(), account.timeZone);
    const docs = await budgets.allBudgets(account._id);
    const due = docs.filter(({ forecast }) => forecast?.checkedOn !== today && forecast?.warnedFor !== period);
    await eachOfAll(ctx, { ...CHECKING, whole: { accountId: account._id } }, due, async (doc) => {
      if (await check(ctx, account, doc, today)) warned += 1;
    });
  });
  return warned;
}

/** @returns whether a warning was written */
async function check(ctx: Ctx, account: AccountDoc, doc: budgets.BudgetDoc, today: string): Promise<boolean> {
  const { period, currencies } = await forecastMonth(ctx, account._id, subjectOf(doc));
  const forecast = currencies.find(({ currency }) => currency === doc.currency);
  const day = forecast?.method === 'model' ? forecast.budget?.usedUpOn : undefined;
  const warnedFor = forecast && day ? period : (doc.forecast?.warnedFor ?? null);
  return inTransaction(ctx, async (tx) => {
    // of several concurrent runs, one succeeds
    const isFirst = await budgets.markBudgetForecast(tx, doc, { checkedOn: today, warnedFor });
    if (!isFirst || !forecast || !day) return false;
    await tx.record({
      accountId: account._id,
      type: 'budget_forecast',
      description: await warning(doc, forecast, { month: periodName(period), day }),
      billingGroupId: doc.billingGroupId,
      ...(doc.projectId !== null && { projectId: doc.projectId }),
      after: {
        period,
        usedUpOn: day,
        expected: forecast.total.toFixed(),
        amount: fromDecimal128(doc.amount).toFixed(),
      },
    });
    tx.nudge('news');
    return true;
  });
}

async function warning(
  doc: budgets.BudgetDoc,
  { total, currency }: CurrencyForecast,
  { month, day }: { readonly month: string; readonly day: string },
): Promise<string> {
  const name = (await budgetNames(doc.accountId, [doc])).get(doc._id) ?? '';
  const amounts = `about ${formatMoney(total, currency)} of ${formatMoney(fromDecimal128(doc.amount), currency)}`;
  return `${capitalized(name)} is likely to use up its budget for ${month} on ${dayName(day)}: ${amounts} by the end of the month`;
}

/** Names don't matter here: the warning has the budget's. */
function subjectOf({ billingGroupId, projectId }: budgets.BudgetDoc) {
  return projectId === null
    ? { kind: 'group' as const, group: { _id: billingGroupId, name: '' } }
    : { kind: 'project' as const, project: { _id: projectId, name: '', label: null } };
}
