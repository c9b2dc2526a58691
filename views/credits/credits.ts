import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { claimCredit } from '../../src/services/credits/credits.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { type Found, foundByIds } from '../../src/services/kit/search.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { externalSelect, input, textInput } from '../../src/slack/blocks/blocks.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { CREDIT_CLAIM_OPEN, creditText } from '../group/credits.ts';
import { readTarget } from '../kit/action-target.ts';
import { foundChoice } from '../kit/choices.ts';
import { formModal, onForm, openForm, originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { groupChosen, onGroupMenu, onProjectMenu } from '../kit/search-menus.ts';
import { typedText } from '../kit/typed-fields.ts';

const TITLE = 'Claim a code';
const FORM = 'credit.claim';
const GROUP = 'credit.claim.group';
const PROJECT = 'credit.claim.project';

const typedSchema = z.object({
  code: typedText,
  group: z.string().nullable(),
  project: z.string().nullable(),
});
type Typed = z.infer<typeof typedSchema>;

/** Opens the form that claims a code, with the group preselected if one is named. */
export async function openClaim(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; origin: Origin; code?: string }>,
): Promise<void> {
  await openForm(request, TITLE, async () => {
    const { ctx, origin, code = '' } = await find();
    return filled(ctx, origin, { code, group: origin.group === '' ? null : origin.group, project: null });
  });
}

export function registerCredits(app: SlackApp, deps: Deps): void {
  onAction(app, CREDIT_CLAIM_OPEN, (request, action) =>
    openClaim(request, async () => {
      const { account, group } = readTarget(action.value);
      return { ctx: contextOf(deps, request), origin: originOf(request, { account, group }, action.view) };
    }),
  );
  onGroupMenu(app, deps, GROUP);
  onProjectMenu(app, deps, PROJECT, groupChosen);
  onForm<Typed>(app, deps, FORM, {
    title: TITLE,
    parse(values) {
      const typed = typedSchema.parse(values);
      const errors: Record<string, string> = {};
      if (typed.code.trim() === '') errors.code = 'Enter a credit code.';
      if (typed.group === null) errors.group = 'Choose a group.';
      return Object.keys(errors).length > 0 ? { errors } : { ok: typed };
    },
    again: (typed, origin, fault, ctx) => filled(ctx, origin, typed, fault),
    async work(ctx, { code, group, project }, { account }) {
      const credit = await claimCredit(ctx, {
        accountId: account,
        code,
        billingGroupId: group ?? '',
        ...(project !== null && { projectId: project }),
      });
      return `Claimed.\n${creditText(credit)}`;
    },
  });
}

async function filled(ctx: Ctx, origin: Origin, typed: Typed, fault?: string): Promise<ModalView> {
  const { group, project } = typed;
  const chosen = await foundByIds(ctx, origin.account, {
    groups: group === null ? [] : [group],
    projects: project === null ? [] : [project],
  });
  return form(origin, { code: typed.code, group: chosen.groups[0], project: chosen.projects[0] }, fault);
}

function form(
  origin: Origin,
  { code, group, project }: { code: string; group: Found | undefined; project: Found | undefined },
  fault?: string,
): ModalView {
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Claim credit',
    origin,
    fault,
    blocks: [
      input('code', 'Code', textInput('credit.claim.code', { initial: code, maxLength: 60 })),
      input('group', 'Billing group', externalSelect(GROUP, group ? { initial: foundChoice(group) } : {})),
      input('project', 'Project', externalSelect(PROJECT, project ? { initial: foundChoice(project) } : {}), {
        optional: true,
        hint: 'Leave empty to use it for all projects of the group.',
      }),
    ],
  });
}
