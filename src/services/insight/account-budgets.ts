import type { Decimal } from '../../billing/money/money.ts';
import { allBudgets, type BudgetDoc } from '../../store/groups/budgets.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';

/** A budget as it was set. */
export interface AccountBudget extends Pick<BudgetDoc, 'billingGroupId' | 'projectId' | 'currency' | 'thresholds'> {
  readonly id: string;
  readonly amount: Decimal;
}

/** All budgets of an account for groups that the caller sees, without what is spent. */
export async function accountBudgets(ctx: Ctx, accountId: string): Promise<AccountBudget[]> {
  const { sight } = await admit(ctx, accountId, 'see');
  return sight.among(await allBudgets(accountId)).map(({ _id: id, amount, ...doc }) => {
    const { billingGroupId, projectId, currency, thresholds } = doc;
    return { ...{ id, billingGroupId, projectId, currency, thresholds }, amount: fromDecimal128(amount) };
  });
}
