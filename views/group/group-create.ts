import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { cleanName, NAME_LIMITS } from '../../src/billing/group/names.ts';
import { groupSummary } from '../../src/services/groups/group-lists.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { type Found, foundByIds } from '../../src/services/kit/search.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions, type RequestContext } from '../../src/slack/app/listeners.ts';
import {
  actions,
  button,
  externalSelect,
  input,
  modal,
  multiExternalSelect,
  section,
  textInput,
} from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { currencyChoice, currencyChoices, foundChoice } from '../kit/choices.ts';
import { formModal, onForm, openForm, originOf, parseWith } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { onGroupMenu, onProjectMenu } from '../kit/search-menus.ts';
import { chosenItems } from '../kit/typed-fields.ts';
import { assignResultText } from '../projects/assign-outcome.ts';
import { BILLING_EDIT } from './billing.ts';
import { GROUP_OPEN } from './tab.ts';

/** Opens the form for a new group. Its value is a target with the account. */
export const GROUP_CREATE_OPEN = 'group.create.open';

const TITLE = 'New billing group';
const FORM = 'group.create';
const CURRENCY = 'group.create.currency';
const COPY = 'group.create.copy';
const PROJECTS = 'group.create.projects';
/** The most projects that can be assigned at once. */
const MOST_PROJECTS = 1024;

const typedSchema = z.object({
  name: z
    .string()
    .nullable()
    .transform((name) => name ?? '')
    .refine((name) => cleanName(name) !== '', 'Enter a name for the billing group.'),
  currency: z.string().nullable(),
  environment: z.string().nullable(),
  copy: z.string().nullable(),
  projects: chosenItems,
});
type Typed = z.infer<typeof typedSchema>;

/** Opens the form for a new group, as a copy of another one if it is named. */
export async function openCreateGroup(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; origin: Origin; copyFrom?: string }>,
): Promise<void> {
  await openForm(request, TITLE, async () => {
    const { ctx, origin, copyFrom } = await find();
    const model = copyFrom === undefined ? undefined : await groupSummary(ctx, origin.account, copyFrom);
    return form(origin, model && { id: model.id, name: model.name, label: null });
  });
}

export function registerCreateGroup(app: SlackApp, deps: Deps): void {
  onAction(app, GROUP_CREATE_OPEN, (request, action) =>
    openCreateGroup(request, async () => {
      const { account } = readTarget(action.value);
      return { ctx: contextOf(deps, request), origin: originOf(request, { account }, action.view) };
    }),
  );
  onOptions(app, CURRENCY, async (_request, { typed }) => currencyChoices(typed));
  onGroupMenu(app, deps, COPY);
  onProjectMenu(app, deps, PROJECTS);
  onForm<Typed>(app, deps, FORM, {
    title: TITLE,
    parse: parseWith(typedSchema, 'name'),
    async again(typed, origin, fault, ctx) {
      const groups = typed.copy === null ? [] : [typed.copy];
      const chosen = await foundByIds(ctx, origin.account, { groups, projects: typed.projects });
      return form(origin, chosen.groups[0], { typed, fault, projects: chosen.projects });
    },
    work: create,
  });
}

async function create(ctx: Ctx, typed: Typed, { account }: Origin): Promise<ModalView> {
  const group = await createGroup(ctx, {
    accountId: account,
    name: typed.name,
    ...(typed.currency !== null && { currency: typed.currency }),
    ...(typed.environment !== null && { environment: typed.environment }),
    ...(typed.copy !== null && { copyFrom: typed.copy }),
  });
  const lines = [`Created billing group *${escapeMrkdwn(group.name)}*. Its invoices are in ${group.currency}.`];
  if (typed.projects.length > 0) {
    lines.push(await assignResultText(ctx, { accountId: account, projectIds: typed.projects, toGroupId: group._id }));
  }
  const value = target({ account, group: group._id });
  return modal({
    title: TITLE,
    close: 'Done',
    blocks: [
      section(lines.join('\n')),
      actions([
        button('Billing information', BILLING_EDIT, { value, style: 'primary' }),
        button('Open group', GROUP_OPEN, { value }),
      ]),
    ],
  });
}

function form(
  origin: Origin,
  model?: Found,
  again?: { typed: Typed; fault: string; projects: readonly Found[] },
): ModalView {
  const typed = again?.typed;
  const chosen = (again?.projects ?? []).map(foundChoice);
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Create',
    origin,
    fault: again?.fault,
    blocks: [
      input(
        'name',
        'Name',
        textInput('group.create.name', { initial: typed?.name, maxLength: NAME_LIMITS.billingGroup }),
      ),
      input(
        'currency',
        'Currency',
        externalSelect(CURRENCY, typed?.currency ? { initial: currencyChoice(typed.currency) } : {}),
        {
          optional: true,
          hint: 'For its invoices. Leave empty to use the account’s currency, or that of the copied group.',
        },
      ),
      input(
        'environment',
        'Environment',
        textInput('group.create.environment', {
          initial: typed?.environment ?? undefined,
          maxLength: 64,
          placeholder: 'dev, test, prod …',
        }),
        { optional: true },
      ),
      input('copy', 'Copy from', externalSelect(COPY, model ? { initial: foundChoice(model) } : {}), {
        optional: true,
        hint: 'Copies billing information, payment method, currency and approvers, but not projects.',
      }),
      input('projects', 'Projects', multiExternalSelect(PROJECTS, { initial: chosen, max: MOST_PROJECTS }), {
        optional: true,
        hint: 'Projects move with this month’s costs. Approval may be required.',
      }),
    ],
  });
}
