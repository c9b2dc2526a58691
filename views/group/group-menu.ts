import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { cleanName, NAME_LIMITS } from '../../src/billing/group/names.ts';
import { groupSummary } from '../../src/services/groups/group-lists.ts';
import {
  deleteGroup,
  deletionObstacles,
  renameGroup,
  setApprovers,
  setEnvironment,
  setPrimaryGroup,
} from '../../src/services/groups/groups.ts';
import { setPrivacy } from '../../src/services/groups/privacy.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import {
  actions,
  button,
  type Choice,
  checkboxes,
  input,
  modal,
  multiUsersSelect,
  section,
  textInput,
} from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { target } from '../kit/action-target.ts';
import { count, listText, projectTitle } from '../kit/figures.ts';
import { formModal, onForm, openForm, originOf, parseWith } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { chosenItems, typedText } from '../kit/typed-fields.ts';
import { openCreateGroup } from './group-create.ts';
import { readPlace } from './place.ts';
import { MOVE_OPEN } from './projects.ts';
import { GROUP_MENU, MENU, type MenuItem } from './render.ts';

const RENAME = 'group.rename';
const PRIMARY = 'group.primary';
const DELETE = 'group.delete';
const PRIVATE: Choice = { text: 'Private to its people', value: 'private' };
const TITLES = { rename: 'Rename', primary: 'Primary group', delete: 'Delete billing group' } as const;

type Find = () => Promise<{ ctx: Ctx; origin: Origin }>;

const renameSchema = z.object({
  name: z
    .string()
    .nullable()
    .transform((name) => name ?? '')
    .refine((name) => cleanName(name) !== '', 'Enter a name for the billing group.'),
  environment: typedText,
  approvers: chosenItems,
  privacy: chosenItems,
});
type Renamed = z.infer<typeof renameSchema>;

/** Asks whether to delete a group, or explains why it can't be deleted and offers the next step. */
export async function openDeleteGroup(request: RequestContext, find: Find): Promise<void> {
  await openForm(request, TITLES.delete, async () => {
    const { ctx, origin } = await find();
    return deletion(ctx, origin);
  });
}

/** The action menu of a group's view, and its forms. */
export function registerGroupMenu(app: SlackApp, deps: Deps): void {
  onAction(app, GROUP_MENU, async (request, action) => {
    const place = readPlace(action.view?.private_metadata);
    if (!place || !isMenuItem(action.value)) return;
    const find = async () => ({ ctx: contextOf(deps, request), origin: originOf(request, place, action.view) });
    if (action.value === 'delete') return openDeleteGroup(request, find);
    if (action.value === 'copy') {
      return openCreateGroup(request, async () => ({ ...(await find()), copyFrom: place.group }));
    }
    const build = action.value === 'rename' ? renaming : primary;
    await openForm(request, TITLES[action.value], async () => {
      const { ctx, origin } = await find();
      return build(ctx, origin);
    });
  });
  onForm<Renamed>(app, deps, RENAME, {
    title: TITLES.rename,
    parse: parseWith(renameSchema, 'name'),
    again: (typed, origin, fault) => renameForm(origin, typed, fault),
    async work(ctx, { name, environment, approvers, privacy }, { account, group }) {
      await setPrivacy(ctx, { accountId: account, billingGroupId: group, isPrivate: privacy.length > 0 });
      const renamed = await renameGroup(ctx, { accountId: account, billingGroupId: group, name });
      await setEnvironment(ctx, { accountId: account, billingGroupId: group, environment });
      await setApprovers(ctx, { accountId: account, billingGroupId: group, userIds: approvers });
      return renamed.before === renamed.after
        ? `Saved *${escapeMrkdwn(renamed.after)}*.`
        : `Renamed *${escapeMrkdwn(renamed.before)}* to *${escapeMrkdwn(renamed.after)}*. Issued invoices keep the old name.`;
    },
  });
  onForm<null>(app, deps, PRIMARY, {
    title: TITLES.primary,
    parse: () => ({ ok: null }),
    again: (_typed, _origin, fault) => modal({ title: TITLES.primary, blocks: [section(fault)] }),
    async work(ctx, _typed, { account, group }) {
      const set = await setPrimaryGroup(ctx, { accountId: account, billingGroupId: group });
      return `New projects now join *${escapeMrkdwn(set.name)}*.`;
    },
  });
  onForm<null>(app, deps, DELETE, {
    title: TITLES.delete,
    parse: () => ({ ok: null }),
    again: async (_typed, origin, _fault, ctx) => deletion(ctx, origin),
    async work(ctx, _typed, { account, group }) {
      const deleted = await deleteGroup(ctx, { accountId: account, billingGroupId: group });
      return `Deleted *${escapeMrkdwn(deleted.name)}*. Its last month will still be invoiced, and its invoices and events are kept.`;
    },
  });
}

async function renaming(ctx: Ctx, origin: Origin): Promise<ModalView> {
  const { name, environment, approverIds, isPrivate } = await groupSummary(ctx, origin.account, origin.group);
  const privacy = isPrivate ? [PRIVATE.value] : [];
  return renameForm(origin, { name, environment, approvers: [...approverIds], privacy });
}

function renameForm(origin: Origin, { name, environment, approvers, privacy }: Renamed, fault?: string): ModalView {
  return formModal({
    title: TITLES.rename,
    callbackId: RENAME,
    submit: 'Save',
    origin,
    fault,
    blocks: [
      input('name', 'Name', textInput('group.rename.name', { initial: name, maxLength: NAME_LIMITS.billingGroup })),
      input(
        'environment',
        'Environment',
        textInput('group.rename.environment', {
          initial: environment,
          maxLength: 64,
          placeholder: 'dev, test, prod …',
        }),
        { optional: true },
      ),
      input('approvers', 'Approvers for moves', multiUsersSelect('group.rename.approvers', { initial: approvers }), {
        optional: true,
        hint: 'In addition to owners, billing admins and approvers.',
      }),
      input('privacy', 'Privacy', checkboxes('group.rename.privacy', [PRIVATE], privacy.length > 0 ? [PRIVATE] : []), {
        optional: true,
        hint: 'A private group is seen by owners, billing admins, the people chosen above and the leads of its projects.',
      }),
    ],
  });
}

async function primary(ctx: Ctx, origin: Origin): Promise<ModalView> {
  const { name } = await groupSummary(ctx, origin.account, origin.group);
  return formModal({
    title: TITLES.primary,
    callbackId: PRIMARY,
    submit: 'Set as primary',
    origin,
    blocks: [
      section(
        `New projects will join *${escapeMrkdwn(name)}* unless another group is chosen. Existing projects stay where they are.`,
      ),
    ],
  });
}

async function deletion(ctx: Ctx, origin: Origin): Promise<ModalView> {
  const { group, isPrimary, projects, first } = await deletionObstacles(ctx, origin.account, origin.group);
  const name = escapeMrkdwn(group.name);
  if (projects > 0) {
    const lines = first.map((project) => `• ${projectTitle(project)}`);
    const list = listText(lines, lines.length, projects);
    const value = target({ account: origin.account, group: origin.group });
    return modal({
      title: TITLES.delete,
      metadata: JSON.stringify(origin),
      blocks: [
        section(`*${name}* can’t be deleted while it has ${count(projects, 'project')}:\n${list}`),
        actions([button('Move these projects', MOVE_OPEN, { value, style: 'primary' })]),
      ],
    });
  }
  if (isPrimary) {
    return modal({
      title: TITLES.delete,
      blocks: [
        section(
          `*${name}* can’t be deleted because it’s the account’s primary group. Set another primary group first.`,
        ),
      ],
    });
  }
  return formModal({
    title: TITLES.delete,
    callbackId: DELETE,
    submit: 'Delete',
    close: 'Cancel',
    origin,
    blocks: [
      section(
        `Delete *${name}*? Its last month will still be invoiced. Its invoices, credits and events are kept, and its name can be used again.`,
      ),
    ],
  });
}

function isMenuItem(value: string | undefined): value is MenuItem {
  return value !== undefined && Object.hasOwn(MENU, value);
}
