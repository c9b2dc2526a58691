import type { Decimal } from '../../billing/money/money.ts';
import { type BudgetDoc, budgetsOfAccount } from '../../store/groups/budgets.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import type { Part, PartRequest } from '../groups/group-details.ts';
import type { Ctx } from '../kit/context.ts';
import { partWith, seenPart } from '../kit/seen-part.ts';

/** A budget as it was set. */
export interface AccountBudget extends Pick<BudgetDoc, 'billingGroupId' | 'projectId' | 'currency' | 'thresholds'> {
  readonly id: string;
  readonly amount: Decimal;
}

/** Budgets of groups and projects that the caller sees, in the order of their IDs, without what is spent. */
export async function accountBudgets(ctx: Ctx, accountId: string, request: PartRequest): Promise<Part<AccountBudget>> {
  const { sight } = await admit(ctx, accountId, 'see');
  const hidden = await hiddenProjectIds(accountId, sight, ctx.clock.now());
  const part = await seenPart(
    request,
    (wanted) => budgetsOfAccount({ accountId, sight, hiddenProjectIds: hidden }, wanted),
    (docs) => docs,
  );
  const items = part.items.map(({ _id: id, amount, ...doc }) => {
    const { billingGroupId, projectId, currency, thresholds } = doc;
    return { ...{ id, billingGroupId, projectId, currency, thresholds }, amount: fromDecimal128(amount) };
  });
  return partWith(part, items);
}
