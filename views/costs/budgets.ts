import type { KnownBlock, ModalView } from '@slack/types';
import { progressBar } from '../../src/billing/group/budget.ts';
import { Decimal } from '../../src/billing/money/money.ts';
import { capitalized } from '../../src/billing/normalized.ts';
import { entering } from '../../src/services/access/rights.ts';
import type { BudgetSummary } from '../../src/services/budgets/budget-spending.ts';
import { listBudgets, removeBudget, type UsedUpBudget } from '../../src/services/budgets/budgets.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, context, modal, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pager } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { type FindAccount, onAccountPages, openAccountModal } from '../kit/account-modal.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { count, money } from '../kit/figures.ts';

/** Opens the form. Its value is a target with the account and, to change a budget, its ID as the name. */
export const BUDGET_FORM_OPEN = 'budget.form.open';

const TITLE = 'Budgets';
const PAGE = 'budget.page';
const REMOVE = 'budget.remove';
const SIZE = 20;

/** Opens an account's budgets. */
export function openBudgets(request: RequestContext, find: FindAccount): Promise<void> {
  return openAccountModal(request, TITLE, find, budgetsModal);
}

export function registerBudgets(app: SlackApp, deps: Deps): void {
  onAccountPages(app, deps, PAGE, budgetsModal);
  onAction(app, REMOVE, async (request, action) => {
    const { account, name } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    await removeBudget(ctx, account, name);
    if (!action.view) return;
    await request.client.views.update({ view_id: action.view.id, view: await budgetsModal(ctx, account) });
  });
}

/** A page of the list, each item with buttons to change and end it. At most eight queries. */
export async function budgetsModal(plain: Ctx, account: string, page = 1): Promise<ModalView> {
  const ctx = await entering(plain, account);
  const { role } = ctx.known;
  const mayEdit = role === null || role === 'owner' || role === 'billing_admin';
  const list = await listBudgets(ctx, account, { page, size: SIZE });
  const add = actions([button('Add budget', BUDGET_FORM_OPEN, { value: target({ account }), style: 'primary' })]);
  const blocks: KnownBlock[] = [
    section(list.total === 0 ? 'No budgets yet.' : `${count(list.total, 'budget')}, for each month`),
    ...(mayEdit ? [add] : []),
    ...list.items.flatMap((budget) => budgetBlocks(budget, mayEdit)),
    context(
      'Costs and adjustments so far this month, before credits and tax. Commitments count once the month is closed. Warnings go to channels subscribed to budgets.',
    ),
    ...pager({ page: list.page, pages: list.pages, actionId: PAGE, value: { account } }),
  ];
  return modal({ title: TITLE, blocks });
}

/** How much of a budget is spent, in words: `EUR 412.30 of EUR 500.00, 82%`. */
export function budgetText({
  spent,
  amount,
  currency,
  percent,
}: Pick<BudgetSummary, 'spent' | 'amount' | 'currency' | 'percent'>): string {
  return `${money(spent, currency)} of ${money(amount, currency)}, ${percent}%`;
}

/** A budget that needs attention. */
export function budgetLine(account: string, budget: UsedUpBudget): KnownBlock {
  const amounts = { ...budget, spent: new Decimal(budget.spent), amount: new Decimal(budget.amount) };
  const text = `Budget of ${escapeMrkdwn(budget.name)} is used up: *${budgetText(amounts)}*`;
  const value = target({ account, name: budget.id });
  return section(text, {
    accessory: button('Change budget', BUDGET_FORM_OPEN, { value, label: `Change the budget of ${budget.name}` }),
  });
}

function budgetBlocks(budget: BudgetSummary, mayEdit: boolean): KnownBlock[] {
  const warns = `warns at ${budget.thresholds.join(', ')}%`;
  const text = `*${escapeMrkdwn(capitalized(budget.name))}*\n${progressBar(budget.percent)} ${budgetText(budget)} · ${warns}`;
  if (!mayEdit) return [section(text)];
  const value = target({ account: budget.accountId, name: budget.id });
  return [
    section(text),
    actions([
      button('Change budget', BUDGET_FORM_OPEN, { value, label: `Change the budget of ${budget.name}` }),
      button('Remove budget', REMOVE, {
        value,
        style: 'danger',
        label: `Remove the budget of ${budget.name}`,
        confirm: { title: 'Remove budget?', text: 'Warnings will stop.', confirm: 'Remove budget', deny: 'Cancel' },
      }),
    ]),
  ];
}
