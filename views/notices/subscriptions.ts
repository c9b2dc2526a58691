import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { EVENT_KINDS, type EventKind, eventKindName } from '../../src/billing/event/event.ts';
import { RHYTHMS, type Rhythm, USUAL_KINDS } from '../../src/billing/event/notice.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { type Found, foundByIds } from '../../src/services/kit/search.ts';
import {
  listSubscriptions,
  pauseSubscription,
  removeSubscription,
  resumeSubscription,
  type SubscriptionSummary,
  subscribe,
} from '../../src/services/notices/subscriptions.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import {
  type Choice,
  checkboxes,
  conversationsSelect,
  input,
  multiExternalSelect,
  multiStaticSelect,
  multiUsersSelect,
  overflow,
  radioButtons,
  section,
} from '../../src/slack/blocks/blocks.ts';
import { channelMention, escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { isSharedOutside, sharedOutsideWarning } from '../../src/slack/web-api/channels.ts';
import { Messenger } from '../../src/slack/web-api/messenger.ts';
import { NOTIFY_OPEN } from '../group/overview.ts';
import { readTarget } from '../kit/action-target.ts';
import { foundChoice } from '../kit/choices.ts';
import { count } from '../kit/figures.ts';
import { formModal, onForm, openForm, originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { onGroupMenu, onProjectMenu } from '../kit/search-menus.ts';
import { brokenReason, NOTIFY_MOVE_OPEN, NOTIFY_RESUME } from './broken.ts';

const TITLE = 'Notifications';
const FORM = 'notify.new';
const GROUPS = 'notify.groups';
const PROJECTS = 'notify.projects';
const MENU = 'notify.menu';
const ELSEWHERE = 'notify.elsewhere';
const RHYTHM_NAMES: Readonly<Record<Rhythm, string>> = {
  at_once: 'Immediately',
  hourly: 'Hourly digest',
  daily: 'Daily digest at 9:00',
};
const MINE: Choice = { text: 'Only me, by direct message', value: 'mine' };
const STEPS = { pause: 'Pause', resume: 'Resume', remove: 'Remove' } as const;

const typedSchema = z.object({
  channel: z.string().nullable(),
  mine: z.array(z.string()).nullable(),
  groups: z.array(z.string()).nullable(),
  projects: z.array(z.string()).nullable(),
  kinds: z.array(z.string()).nullable(),
  rhythm: z.enum(RHYTHMS).catch('at_once'),
  mentions: z.array(z.string()).nullable(),
  mentionKinds: z.array(z.string()).nullable(),
});
type Typed = z.infer<typeof typedSchema>;

/** Opens the form for a new subscription, with a channel and a group preselected. */
export async function openNotify(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; origin: Origin; channelId?: string | undefined }>,
): Promise<void> {
  await openForm(request, TITLE, async () => {
    const { ctx, origin, channelId } = await find();
    const groups = origin.group === '' ? [] : [origin.group];
    return form(origin, { ...EMPTY, channel: channelId ?? null }, await foundByIds(ctx, origin.account, { groups }));
  });
}

/** The subscriptions of a channel or of the whole account, with a menu for each. */
export async function notifyReply(ctx: Ctx, account: string, channelId?: string): Promise<Reply> {
  const all = await listSubscriptions(ctx, account, channelId);
  const where = channelId === undefined ? 'of the account' : `in ${channelMention(channelId)}`;
  const title = `Notifications ${where}`;
  const none = 'No notifications yet. Type `/billing notify` in a channel to subscribe.';
  const lines: KnownBlock[] = all.length === 0 ? [section(none)] : all.slice(0, 40).map((one) => line(account, one));
  return { text: title, blocks: [section(`*${title}*`), ...lines] };
}

export function registerNotify(app: SlackApp, deps: Deps): void {
  onAction(app, NOTIFY_OPEN, (request, action) =>
    openNotify(request, async () => {
      const { account, group } = readTarget(action.value);
      return { ctx: contextOf(deps, request), origin: originOf(request, { account, group }, action.view) };
    }),
  );
  onGroupMenu(app, deps, GROUPS);
  onProjectMenu(app, deps, PROJECTS);
  onForm<Typed>(app, deps, FORM, {
    title: TITLE,
    parse(values) {
      const typed = typedSchema.parse({ ...EMPTY, ...values });
      const isMine = (typed.mine ?? []).length > 0;
      return typed.channel === null && !isMine
        ? { errors: { channel: 'Choose a channel or direct messages.' } }
        : { ok: typed };
    },
    async again(typed, origin, fault, ctx) {
      const ids = { groups: typed.groups ?? [], projects: typed.projects ?? [] };
      return form(origin, typed, await foundByIds(ctx, origin.account, ids), fault);
    },
    async work(ctx, typed, origin, request) {
      const channel = (typed.mine ?? []).length > 0 ? null : typed.channel;
      if (channel === null || !(await needsWarning(request, origin, channel)))
        return begin(ctx, typed, origin, request);
      const ids = { groups: typed.groups ?? [], projects: typed.projects ?? [] };
      const found = await foundByIds(ctx, origin.account, ids);
      return form(warned(origin, channel), typed, found, warningOf(channel));
    },
  });
  onAction(app, MENU, async (request, action) => {
    const [step = '', account = '', id = ''] = (action.value ?? '').split(' ');
    const ctx = contextOf(deps, request);
    if (step === 'pause') await pauseSubscription(ctx, account, id);
    if (step === 'resume') await resumeSubscription(ctx, account, id);
    if (step === 'remove') await removeSubscription(ctx, account, id);
    await request.respond({ ...(await notifyReply(ctx, account)), replace: true });
  });
  onAction(app, NOTIFY_RESUME, async (request, action) => {
    const { account, subscription } = readTarget(action.value);
    await resumeSubscription(contextOf(deps, request), account, subscription);
    await request.respond({ text: 'Retrying. Missed notifications are sent first.', replace: true });
  });
  registerMove(app, deps);
}

/** The form that moves a subscription to another channel. */
function registerMove(app: SlackApp, deps: Deps): void {
  onAction(app, NOTIFY_MOVE_OPEN, async (request, action) => {
    const { account, subscription } = readTarget(action.value);
    await request.openModal(elsewhere(originOf(request, { account, more: { subscription } })));
  });
  onForm<string>(app, deps, ELSEWHERE, {
    title: TITLE,
    parse: ({ channel }) =>
      typeof channel === 'string' ? { ok: channel } : { errors: { channel: 'Choose a channel.' } },
    again: (_channel, origin, fault) => elsewhere(origin, fault),
    async work(ctx, channel, origin, request) {
      if (await needsWarning(request, origin, channel)) return elsewhere(warned(origin, channel), warningOf(channel));
      const { account, more } = origin;
      const words = await join(request, channel);
      await resumeSubscription(ctx, account, more.subscription ?? '', channel);
      return `${channelMention(channel)} now receives notifications, missed ones first. ${words}`;
    },
  });
}

function elsewhere(origin: Origin, fault?: string): ModalView {
  return formModal({
    title: TITLE,
    callbackId: ELSEWHERE,
    submit: 'Continue there',
    origin,
    fault,
    blocks: [input('channel', 'Channel', conversationsSelect('notify.elsewhere.channel'))],
  });
}

async function begin(ctx: Ctx, typed: Typed, { account }: Origin, request: RequestContext): Promise<string> {
  const isPersonal = (typed.mine ?? []).length > 0;
  const channelId = isPersonal
    ? await new Messenger(request.client).directMessages(request.userId)
    : (typed.channel ?? '');
  const mentionKinds = kindsOf(typed.mentionKinds);
  const subscription = await subscribe(ctx, account, {
    channelId,
    isPersonal,
    groupIds: typed.groups ?? [],
    projectIds: typed.projects ?? [],
    kinds: kindsOf(typed.kinds),
    rhythm: typed.rhythm,
    mentions: (typed.mentions ?? []).map((id) => ({ id, kinds: mentionKinds })),
  });
  const words = isPersonal ? '' : await join(request, channelId);
  const where = isPersonal ? 'You' : channelMention(subscription.channelId);
  return `${where} will receive: ${inWords(subscription)}. ${words}`;
}

/** Whether a channel is shared with other organizations and the person hasn't been warned about it yet. */
async function needsWarning(request: RequestContext, { more }: Origin, channel: string): Promise<boolean> {
  return more.warned !== channel && (await isSharedOutside(request.client, channel));
}

/** Records that a form has warned about a channel, so that submitting it again confirms it. */
function warned(origin: Origin, channel: string): Origin {
  return { ...origin, more: { ...origin.more, warned: channel } };
}

function warningOf(channel: string): string {
  return `${sharedOutsideWarning(channel)} Choose another channel, or submit again to use it anyway.`;
}

/** Joins a public channel. For a private one, explains how to add the app. */
async function join(request: RequestContext, channel: string): Promise<string> {
  try {
    await request.client.conversations.join({ channel });
    return '';
  } catch {
    return 'I can’t join this channel. Type `/invite` with my name there. I’ll then send missed notifications.';
  }
}

const EMPTY: Typed = {
  channel: null,
  mine: null,
  groups: null,
  projects: null,
  kinds: [...USUAL_KINDS],
  rhythm: 'at_once',
  mentions: null,
  mentionKinds: null,
};

function form(
  origin: Origin,
  typed: Typed,
  chosen: { groups: readonly Found[]; projects: readonly Found[] },
  fault?: string,
): ModalView {
  const rhythms = RHYTHMS.map((rhythm): Choice => ({ text: RHYTHM_NAMES[rhythm], value: rhythm }));
  const kinds = (Object.keys(EVENT_KINDS) as EventKind[]).map(kindChoice);
  const optional = { optional: true } as const;
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Subscribe',
    origin,
    fault,
    blocks: [
      input('channel', 'Channel', conversationsSelect('notify.channel', typed.channel ?? undefined), optional),
      input('mine', 'Direct messages', checkboxes('notify.mine', [MINE], typed.mine?.length ? [MINE] : []), optional),
      input('groups', 'Billing groups', multiExternalSelect(GROUPS, { initial: chosen.groups.map(foundChoice) }), {
        ...optional,
        hint: 'Leave billing groups and projects empty for the whole account.',
      }),
      input(
        'projects',
        'Projects',
        multiExternalSelect(PROJECTS, { initial: chosen.projects.map(foundChoice) }),
        optional,
      ),
      input(
        'kinds',
        'Topics',
        multiStaticSelect('notify.kinds', kinds, { initial: kindsOf(typed.kinds).map(kindChoice) }),
        {
          ...optional,
          hint: 'Leave empty for all topics.',
        },
      ),
      input(
        'rhythm',
        'Frequency',
        radioButtons(
          'notify.rhythm',
          rhythms,
          rhythms.find(({ value }) => value === typed.rhythm),
        ),
      ),
      input('mentions', 'Mention', multiUsersSelect('notify.mentions', { initial: typed.mentions ?? [] }), optional),
      input(
        'mentionKinds',
        'Mention for',
        multiStaticSelect('notify.mention_kinds', kinds, { initial: kindsOf(typed.mentionKinds).map(kindChoice) }),
        {
          ...optional,
          hint: 'Leave empty to mention them for all topics.',
        },
      ),
    ],
  });
}

function line(account: string, one: SubscriptionSummary): KnownBlock {
  const where = one.isPersonal ? 'You, by direct message' : channelMention(one.channelId);
  const state = one.state === 'active' ? '' : ` · *${stateName(one)}*`;
  const behind = one.state === 'active' ? '' : ` · ${count(one.behind, 'entry', 'entries')} not sent yet`;
  const steps = (['pause', 'resume', 'remove'] as const).filter((step) =>
    one.state === 'active' ? step !== 'resume' : step !== 'pause',
  );
  return section(`${where}${state}\n${inWords(one)}${behind}`, {
    accessory: overflow(
      MENU,
      steps.map((step) => ({ text: STEPS[step], value: `${step} ${account} ${one._id}` })),
    ),
  });
}

function stateName({ state, brokenBy }: SubscriptionSummary): string {
  return state === 'broken' ? `suspended: ${escapeMrkdwn(brokenReason(brokenBy))}` : state;
}

function inWords(
  one: Pick<SubscriptionSummary, 'kinds' | 'rhythm' | 'mentions'> & { about?: readonly string[] },
): string {
  const kinds = one.kinds.length === 0 ? 'everything' : one.kinds.map(eventKindName).join(', ');
  const about = one.about && one.about.length > 0 ? ` of ${one.about.map(escapeMrkdwn).join(', ')}` : '';
  const mentions =
    one.mentions.length === 0 ? '' : ` · mentions ${one.mentions.map(({ id }) => mention(id)).join(' ')}`;
  return `${kinds}${about} · ${RHYTHM_NAMES[one.rhythm].toLowerCase()}${mentions}`;
}

function kindChoice(kind: EventKind): Choice {
  return { text: eventKindName(kind), value: kind };
}

function kindsOf(values: readonly string[] | null): EventKind[] {
  return (values ?? []).filter((value): value is EventKind => Object.hasOwn(EVENT_KINDS, value));
}
