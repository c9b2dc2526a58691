import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { DEFAULT_THRESHOLDS } from '../../src/billing/group/budget.ts';
import { readThresholds } from '../../src/billing/group/typed-budget.ts';
import { amountToType } from '../../src/billing/money/typed-amount.ts';
import { entering } from '../../src/services/access/rights.ts';
import { budgetOf, type NewBudget, setBudget } from '../../src/services/budgets/budgets.ts';
import { rehearsed } from '../../src/services/kit/account-change.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { foundByIds } from '../../src/services/kit/search.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { externalSelect, input, textInput } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { readTarget } from '../kit/action-target.ts';
import { foundChoice } from '../kit/choices.ts';
import { money } from '../kit/figures.ts';
import { formModal, onForm, openForm, originOf, parseWith } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { groupChosen, onGroupMenu, onProjectMenu } from '../kit/search-menus.ts';
import { typedText } from '../kit/typed-fields.ts';
import { BUDGET_FORM_OPEN, budgetsModal, budgetText } from './budgets.ts';

const FORM = 'budget.form';
const GROUP = 'budget.form.group';
const PROJECT = 'budget.form.project';
const TITLE = 'Budget';
/** The first block ID of the list's own view, from which the form was opened. */
const LIST = 'Budgets';

const typedSchema = z.object({
  group: z.string('Choose the billing group.'),
  project: z.string().nullable().default(null),
  amount: typedText,
  thresholds: typedText,
});
type Typed = z.infer<typeof typedSchema>;

/** The form for a new or existing budget, opened from the list or from Home. */
export function registerBudgetForm(app: SlackApp, deps: Deps): void {
  onAction(app, BUDGET_FORM_OPEN, async (request, action) => {
    const { account, name: id } = readTarget(action.value);
    await openForm(request, TITLE, async () => {
      const ctx = await entering(contextOf(deps, request), account);
      const isInList = action.view?.title?.text === LIST;
      const more = action.view && isInList ? { list: action.view.id } : {};
      return form(ctx, originOf(request, { account, more }), await filledFrom(ctx, account, id));
    });
  });
  onGroupMenu(app, deps, GROUP);
  onProjectMenu(app, deps, PROJECT, groupChosen);
  onForm<Typed>(app, deps, FORM, {
    title: TITLE,
    parse: parseWith(typedSchema, 'group'),
    again: (typed, origin, fault, ctx) => form(ctx, origin, typed, fault),
    confirm: {
      kept: typedSchema,
      submit: 'Set budget',
      async text(ctx, typed, origin) {
        const { name, amount, currency, thresholds } = await rehearsed(ctx, (dry) =>
          setBudget(dry, budgetIn(typed, origin)),
        );
        const warnings = `Warnings will be sent at ${thresholds.join(', ')}%.`;
        return `You’re about to set the budget of ${escapeMrkdwn(name)} to *${money(amount, currency)}* a month. ${warnings}`;
      },
      back: (typed, origin, ctx) => form(ctx, origin, typed),
    },
    async work(ctx, typed, origin, request) {
      const budget = await setBudget(ctx, budgetIn(typed, origin));
      if (origin.more.list !== undefined) {
        const view = await budgetsModal(ctx, origin.account);
        await request.client.views.update({ view_id: origin.more.list, view });
      }
      return `Set the budget of ${escapeMrkdwn(budget.name)}. Used so far: ${budgetText(budget)}.`;
    },
  });
}

function budgetIn({ group, project, amount, thresholds }: Typed, { account }: Origin): NewBudget {
  return {
    ...{ accountId: account, billingGroupId: group, amount },
    ...(project !== null && { projectId: project }),
    ...(thresholds !== '' && { thresholds: readThresholds(thresholds) }),
  };
}

async function filledFrom(ctx: Ctx, account: string, id: string): Promise<Partial<Typed>> {
  const budget = id === '' ? undefined : await budgetOf(ctx, account, id);
  if (!budget) return {};
  return {
    group: budget.billingGroupId,
    project: budget.projectId,
    amount: amountToType(budget.amount, budget.currency),
    thresholds: budget.thresholds.join(', '),
  };
}

async function form(ctx: Ctx, origin: Origin, filled: Partial<Typed>, fault?: string): Promise<ModalView> {
  const found = await foundByIds(ctx, origin.account, {
    groups: filled.group === undefined ? [] : [filled.group],
    projects: filled.project ? [filled.project] : [],
  });
  const [group] = found.groups;
  const [project] = found.projects;
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Review budget',
    close: 'Cancel',
    origin,
    fault,
    blocks: [
      input('group', 'Billing group', externalSelect(GROUP, group ? { initial: foundChoice(group) } : {})),
      input('project', 'Project', externalSelect(PROJECT, project ? { initial: foundChoice(project) } : {}), {
        optional: true,
        hint: 'Leave empty for the whole group.',
      }),
      input('amount', 'A month', textInput('budget.form.amount', { initial: filled.amount, maxLength: 24 }), {
        hint: 'Before tax, in the group’s currency, such as 500.00.',
      }),
      input(
        'thresholds',
        'Warn at (percent)',
        textInput('budget.form.thresholds', {
          initial: filled.thresholds ?? DEFAULT_THRESHOLDS.join(', '),
          maxLength: 60,
        }),
        { hint: 'Up to five percentages, such as 50, 80, 100.' },
      ),
    ],
  });
}
