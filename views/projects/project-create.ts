import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { cleanName, NAME_LIMITS } from '../../src/billing/group/names.ts';
import { type Found, foundByIds } from '../../src/services/kit/search.ts';
import { similarProject } from '../../src/services/projects/project-names.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { externalSelect, input, textInput } from '../../src/slack/blocks/blocks.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { PROJECT_CREATE_OPEN } from '../group/projects.ts';
import { readTarget } from '../kit/action-target.ts';
import { foundChoice } from '../kit/choices.ts';
import { formModal, onForm, openForm, originOf, parseWith } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { onGroupMenu } from '../kit/search-menus.ts';
import { createdModal, NEW_PROJECT, similarModal } from './project-decision.ts';

const FORM = 'project.create';
const GROUP = 'project.create.group';

const typedSchema = z.object({
  name: z
    .string()
    .nullable()
    .transform((name) => name ?? '')
    .refine((name) => cleanName(name) !== '', 'Enter a name for the project.'),
  group: z.string().nullable(),
});
type Typed = z.infer<typeof typedSchema>;

/** The form for a new project, opened from Home and from a group's view. */
export function registerCreateProject(app: SlackApp, deps: Deps): void {
  onAction(app, PROJECT_CREATE_OPEN, (request, action) =>
    openForm(request, NEW_PROJECT, async () => {
      const { account, group } = readTarget(action.value);
      const { groups } = await foundByIds(contextOf(deps, request), account, { groups: group === '' ? [] : [group] });
      return form(originOf(request, { account, group }, action.view), { name: '', group: groups[0] });
    }),
  );
  onGroupMenu(app, deps, GROUP);
  onForm<Typed>(app, deps, FORM, {
    title: NEW_PROJECT,
    parse: parseWith(typedSchema, 'name'),
    async again({ name, group }, origin, fault, ctx) {
      const { groups } = await foundByIds(ctx, origin.account, { groups: group === null ? [] : [group] });
      return form(origin, { name, group: groups[0] }, fault);
    },
    async work(ctx, { name, group }, origin) {
      const similar = await similarProject(ctx, origin.account, name);
      if (similar) {
        const wanted = { account: origin.account, name: cleanName(name), group: group ?? undefined };
        return similarModal(origin, wanted, similar);
      }
      const created = await createProject(ctx, {
        accountId: origin.account,
        name,
        ...(group !== null && { billingGroupId: group }),
      });
      return createdModal(origin, created);
    },
  });
}

function form(
  origin: Origin,
  filled: { readonly name: string; readonly group: Found | undefined },
  fault?: string,
): ModalView {
  return formModal({
    title: NEW_PROJECT,
    callbackId: FORM,
    submit: 'Create',
    origin,
    fault,
    blocks: [
      input(
        'name',
        'Name',
        textInput('project.create.name', { initial: filled.name, maxLength: NAME_LIMITS.project }),
        {
          hint: 'As named in the cost files: the provider’s ID of the account or service.',
        },
      ),
      input(
        'group',
        'Billing group',
        externalSelect(GROUP, filled.group ? { initial: foundChoice(filled.group) } : {}),
        { optional: true, hint: 'Leave empty for the account’s primary group.' },
      ),
    ],
  });
}
