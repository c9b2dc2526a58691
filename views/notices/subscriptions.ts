import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { EVENT_KINDS, type EventKind, eventKindName } from '../../src/billing/event/event.ts';
import { RHYTHMS, type Rhythm, USUAL_KINDS } from '../../src/billing/event/notice.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { foundByIds } from '../../src/services/kit/search.ts';
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
  conversationsSelect,
  input,
  multiStaticSelect,
  multiUsersSelect,
  overflow,
  radioButtons,
  section,
} from '../../src/slack/blocks/blocks.ts';
import { channelMention, escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { NOTIFY_OPEN } from '../group/overview.ts';
import { readTarget } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';
import { formModal, onForm, openForm, originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { chosenItems } from '../kit/typed-fields.ts';
import { brokenReason, NOTIFY_MOVE_OPEN, NOTIFY_RESUME } from './broken.ts';
import {
  ABOUT_MINE,
  isPersonal,
  join,
  needsWarning,
  onSubscriptionForm,
  recipientFields,
  recipientInputs,
  recipientText,
  subscriptionIn,
  warned,
  warningOf,
} from './subscription-form.ts';

const TITLE = 'Notifications';
const FORM = 'notify.new';
const MENU = 'notify.menu';
const ELSEWHERE = 'notify.elsewhere';
const RHYTHM_NAMES: Readonly<Record<Rhythm, string>> = {
  at_once: 'Immediately',
  hourly: 'Hourly digest',
  daily: 'Daily digest at 9:00',
};
const STEPS = { pause: 'Pause', resume: 'Resume', remove: 'Remove' } as const;

const typedSchema = z.object({
  ...recipientFields,
  kinds: chosenItems.transform(kindsOf),
  rhythm: z.enum(RHYTHMS).catch('at_once'),
  mentions: chosenItems,
  mentionKinds: chosenItems.transform(kindsOf),
});
type Typed = z.infer<typeof typedSchema>;

/** Opens the form for a new subscription, with a channel and a group preselected. */
export async function openNotify(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; origin: Origin; channelId?: string | undefined; isAboutLed?: boolean }>,
): Promise<void> {
  await openForm(request, TITLE, async () => {
    const { ctx, origin, channelId, isAboutLed } = await find();
    const groups = origin.group === '' ? [] : [origin.group];
    const typed = typedSchema.parse(isAboutLed ? ABOUT_MINE : { channel: channelId, groups, kinds: USUAL_KINDS });
    return form(ctx, origin, typed);
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
  onSubscriptionForm(app, deps, { title: TITLE, callbackId: FORM, prefix: 'notify', schema: typedSchema, form, begin });
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
  const wanted = await subscriptionIn(request, typed);
  const subscription = await subscribe(ctx, account, {
    ...wanted,
    kinds: typed.kinds,
    rhythm: typed.rhythm,
    mentions: typed.mentions.map((id) => ({ id, kinds: typed.mentionKinds })),
  });
  const words = isPersonal(typed) ? '' : await join(request, wanted.channelId);
  return `${recipientText(typed, wanted.channelId)} will receive: ${inWords(subscription)}. ${words}`;
}

async function form(ctx: Ctx, origin: Origin, typed: Typed, fault?: string): Promise<ModalView> {
  const found = await foundByIds(ctx, origin.account, typed);
  const rhythms = RHYTHMS.map((rhythm): Choice => ({ text: RHYTHM_NAMES[rhythm], value: rhythm }));
  const kinds = (Object.keys(EVENT_KINDS) as EventKind[]).map(kindChoice);
  const kindMenu = (actionId: string, chosen: readonly EventKind[]) =>
    multiStaticSelect(actionId, kinds, { initial: chosen.map(kindChoice) });
  const optional = { optional: true } as const;
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Subscribe',
    origin,
    fault,
    blocks: [
      ...recipientInputs('notify', typed, found),
      input('kinds', 'Topics', kindMenu('notify.kinds', typed.kinds), {
        ...optional,
        hint: 'Leave empty for all topics.',
      }),
      input(
        'rhythm',
        'Frequency',
        radioButtons(
          'notify.rhythm',
          rhythms,
          rhythms.find(({ value }) => value === typed.rhythm),
        ),
      ),
      input('mentions', 'Mention', multiUsersSelect('notify.mentions', { initial: typed.mentions }), optional),
      input('mentionKinds', 'Mention for', kindMenu('notify.mention_kinds', typed.mentionKinds), {
        ...optional,
        hint: 'Leave empty to mention them for all topics.',
      }),
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
  one: Pick<SubscriptionSummary, 'kinds' | 'rhythm' | 'mentions' | 'isAboutLed' | 'digest'> & {
    about?: readonly string[];
  },
): string {
  const kinds = one.kinds.length === 0 ? 'everything' : one.kinds.map(eventKindName).join(', ');
  const covered = [...(one.isAboutLed ? ['my projects'] : []), ...(one.about ?? []).map(escapeMrkdwn)];
  const about = covered.length > 0 ? ` of ${covered.join(', ')}` : '';
  if (one.digest) return `${one.digest} cost digest${about}`;
  const mentions =
    one.mentions.length === 0 ? '' : ` · mentions ${one.mentions.map(({ id }) => mention(id)).join(' ')}`;
  return `${kinds}${about} · ${RHYTHM_NAMES[one.rhythm].toLowerCase()}${mentions}`;
}

function kindChoice(kind: EventKind): Choice {
  return { text: eventKindName(kind), value: kind };
}

function kindsOf(values: readonly string[]): EventKind[] {
  return values.filter((value): value is EventKind => Object.hasOwn(EVENT_KINDS, value));
}
