import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { EFFECTS, type Effect, effectInstant } from '../../src/billing/move/move.ts';
import { entering } from '../../src/services/access/rights.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { type Found, foundByIds } from '../../src/services/kit/search.ts';
import { askMove, MOST_PROJECTS } from '../../src/services/moves/move-ask.ts';
import { type EffectPreview, previewMove } from '../../src/services/moves/move-preview.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onShortcut, type RequestContext } from '../../src/slack/app/listeners.ts';
import {
  type Choice,
  context,
  externalSelect,
  input,
  multiExternalSelect,
  radioButtons,
  section,
  textInput,
} from '../../src/slack/blocks/blocks.ts';
import { callerOf, contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { FormValues } from '../../src/slack/requests/form-values.ts';
import { ASSIGN_OPEN, MOVE_OPEN } from '../group/projects.ts';
import { readTarget } from '../kit/action-target.ts';
import { foundChoice } from '../kit/choices.ts';
import { formModal, onForm, openForm, originFrom, originOf } from '../kit/form.ts';
import { PROJECT_MOVE_OPEN } from '../kit/open-actions.ts';
import type { Origin } from '../kit/origin.ts';
import { onGroupMenu, onProjectMenu } from '../kit/search-menus.ts';
import { chosenItems, typedText } from '../kit/typed-fields.ts';
import { effectName, estimateChangesText, includedCostsText, moveResultText } from './move-words.ts';

const TITLE = 'Move projects';
const FORM = 'move.ask';
const PROJECTS = 'move.projects';
const GROUP = 'move.group';
const EFFECT = 'move.effect';

const typedSchema = z.object({
  projects: chosenItems,
  group: z.string().nullable(),
  effect: z.enum(EFFECTS).catch('period_start'),
  reason: typedText,
});
type Typed = z.infer<typeof typedSchema>;
const NOTHING: Typed = { projects: [], group: null, effect: 'period_start', reason: '' };

/** The choices, as menus show them. */
interface Chosen {
  readonly projects: readonly Found[];
  readonly groups: readonly Found[];
}

/** Opens the form that requests a move, prefilled with what is known. */
export async function openMove(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; origin: Origin; group?: string; chosen?: Chosen }>,
): Promise<void> {
  await openForm(request, TITLE, async () => {
    const { ctx, origin, group, chosen } = await find();
    const projects = chosen?.projects.map(({ id }) => id) ?? [];
    return form(
      ctx,
      origin,
      { ...NOTHING, projects, group: group ?? chosen?.groups[0]?.id ?? null },
      undefined,
      chosen,
    );
  });
}

/** The form that requests a move: from Home, a group's projects, a message, and by command. */
export function registerMove(app: SlackApp, deps: Deps): void {
  onAction(app, ASSIGN_OPEN, (request, action) =>
    openMove(request, async () => {
      const { account, group } = readTarget(action.value);
      const origin = originOf(request, { account, group }, action.view);
      return { ctx: contextOf(deps, request), origin, group };
    }),
  );
  onAction(app, MOVE_OPEN, (request, action) =>
    openMove(request, async () => {
      const { account, group } = readTarget(action.value);
      const origin = originOf(request, { account, group, more: { only: group } }, action.view);
      return { ctx: contextOf(deps, request), origin };
    }),
  );
  onAction(app, PROJECT_MOVE_OPEN, (request, action) =>
    openMove(request, async () => {
      const { account, project } = readTarget(action.value);
      const ctx = contextOf(deps, request);
      const { projects } = await foundByIds(ctx, account, { projects: [project] });
      return { ctx, origin: originOf(request, { account }, action.view), chosen: { projects, groups: [] } };
    }),
  );
  onShortcut(app, FORM, (request) =>
    openMove(request, async () => {
      const { ctx, account } = await callerOf(deps, request);
      return { ctx, origin: originOf(request, { account: account._id }) };
    }),
  );
  onProjectMenu(app, deps, PROJECTS, ({ more }) => more.only);
  onGroupMenu(app, deps, GROUP);
  // the cost impact is shown before it is sent, and updated with each choice
  onAction(app, [PROJECTS, GROUP], async (request, action) => {
    if (!action.view) return;
    const view = await form(contextOf(deps, request), originFrom(action.view), read(action.form));
    await request.client.views.update({ view_id: action.view.id, view });
  });
  onForm<Typed>(app, deps, FORM, {
    title: TITLE,
    parse(values) {
      const typed = read(values);
      const errors: Record<string, string> = {};
      if (typed.projects.length === 0) errors.projects = 'Choose a project.';
      if (typed.group === null) errors.group = 'Choose a group.';
      return Object.keys(errors).length > 0 ? { errors } : { ok: typed };
    },
    again: (typed, origin, fault, ctx) => form(ctx, origin, typed, fault),
    async work(ctx, { projects, group, effect, reason }, { account }) {
      const asked = await askMove(ctx, {
        accountId: account,
        projectIds: projects,
        toGroupId: group ?? '',
        effect,
        reason,
      });
      return moveResultText(asked);
    },
  });
}

function read(values: FormValues): Typed {
  return typedSchema.parse({ ...NOTHING, ...values });
}

async function form(plain: Ctx, origin: Origin, typed: Typed, fault?: string, known?: Chosen): Promise<ModalView> {
  const ctx = await entering(plain, origin.account);
  const { projects, group } = typed;
  const ids = { projects, groups: group === null ? [] : [group] };
  const chosen = known ?? (await foundByIds(ctx, origin.account, ids));
  const isReady = group !== null && projects.length > 0;
  const previews = isReady
    ? await previewMove(ctx, { accountId: origin.account, projectIds: projects, toGroupId: group })
    : undefined;
  const zone = ctx.known.account.timeZone;
  const now = ctx.clock.now();
  const choices = EFFECTS.map((effect) => effectChoice(effect, now, zone, previews));
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Move',
    origin,
    fault,
    blocks: [
      input('projects', 'Projects', projectsMenu(chosen.projects), { dispatch: true }),
      input('group', 'To billing group', groupMenu(chosen.groups[0]), { dispatch: true }),
      input(
        'effect',
        'Effective from',
        radioButtons(
          EFFECT,
          choices,
          choices.find(({ value }) => value === typed.effect),
        ),
      ),
      input('reason', 'Reason', textInput('move.reason', { initial: typed.reason, multiline: true, maxLength: 500 }), {
        optional: true,
      }),
      ...estimates(previews, zone),
    ],
  });
}

function projectsMenu(chosen: readonly Found[]) {
  return multiExternalSelect(PROJECTS, {
    placeholder: 'Type to search',
    initial: chosen.map(foundChoice),
    max: MOST_PROJECTS,
  });
}

function groupMenu(chosen: Found | undefined) {
  return externalSelect(GROUP, { placeholder: 'Type to search', ...(chosen && { initial: foundChoice(chosen) }) });
}

function effectChoice(effect: Effect, now: Date, zone: string, previews: readonly EffectPreview[] | undefined): Choice {
  const preview = previews?.find((one) => one.effect === effect);
  return {
    text: effectName(effect, effectInstant(effect, now, zone), zone),
    value: effect,
    ...(preview && { description: includedCostsText(effect, preview.along) }),
  };
}

/** Each group's estimate before and after, for each effective date. */
function estimates(previews: readonly EffectPreview[] | undefined, zone: string): KnownBlock[] {
  if (!previews) return [context('Choose projects and a billing group to see the cost impact.')];
  return [
    section('*This month’s estimates before and after the move, excluding tax*'),
    ...previews.map(({ effect, at, along, estimates: changes }) =>
      section(`${effectName(effect, at, zone)} · ${includedCostsText(effect, along)}\n${estimateChangesText(changes)}`),
    ),
    context('Approval may be required. You’ll be notified.'),
  ];
}
