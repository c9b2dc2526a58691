import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { Found } from '../../src/services/kit/search.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import {
  type Choice,
  checkboxes,
  conversationsSelect,
  input,
  multiExternalSelect,
} from '../../src/slack/blocks/blocks.ts';
import { channelMention } from '../../src/slack/blocks/mrkdwn.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';
import { isSharedOutside, sharedOutsideWarning } from '../../src/slack/web-api/channels.ts';
import { Messenger } from '../../src/slack/web-api/messenger.ts';
import { foundChoice } from '../kit/choices.ts';
import { onForm } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { onGroupMenu, onProjectMenu } from '../kit/search-menus.ts';
import { chosenItems } from '../kit/typed-fields.ts';

const MINE: Choice = { text: 'Only me, by direct message', value: 'mine' };
const LED: Choice = { text: 'Only the projects I lead', value: 'led' };

/** The fields that all forms for subscriptions share: who is notified, and about what. */
export const recipientFields = {
  channel: z.string().nullish(),
  mine: chosenItems,
  led: chosenItems,
  groups: chosenItems,
  projects: chosenItems,
};
const recipientSchema = z.object(recipientFields);
type Recipients = z.infer<typeof recipientSchema>;

/** The values of a form about the projects that a person leads. */
export const ABOUT_MINE = { mine: [MINE.value], led: [LED.value] };

/** A form for a subscription. The action IDs of its shared inputs begin with the prefix. */
interface SubscriptionForm<T extends Recipients> {
  readonly title: string;
  readonly callbackId: string;
  readonly prefix: string;
  readonly schema: z.ZodType<T>;
  form(ctx: Ctx, origin: Origin, typed: T, fault?: string): Promise<ModalView>;
  /** @returns the result, as mrkdwn */
  begin(ctx: Ctx, typed: T, origin: Origin, request: RequestContext): Promise<string>;
}

/** Registers a form for a subscription, with its menus. It warns once about a channel shared with others. */
export function onSubscriptionForm<T extends Recipients>(app: SlackApp, deps: Deps, of: SubscriptionForm<T>): void {
  onGroupMenu(app, deps, `${of.prefix}.groups`);
  onProjectMenu(app, deps, `${of.prefix}.projects`);
  onForm<T>(app, deps, of.callbackId, {
    title: of.title,
    parse(values) {
      const typed = of.schema.parse(values);
      const errors = errorsIn(typed);
      return errors ? { errors } : { ok: typed };
    },
    again: (typed, origin, fault, ctx) => of.form(ctx, origin, typed, fault),
    async work(ctx, typed, origin, request) {
      const channel = isPersonal(typed) ? '' : (typed.channel ?? '');
      if (channel === '' || !(await needsWarning(request, origin, channel)))
        return of.begin(ctx, typed, origin, request);
      return of.form(ctx, warned(origin, channel), typed, warningOf(channel));
    },
  });
}

export function isPersonal({ mine }: Recipients): boolean {
  return mine.length > 0;
}

/** Errors under the fields, if the choices don't fit each other. */
function errorsIn(typed: Recipients): Record<string, string> | undefined {
  if (typed.led.length > 0 && !isPersonal(typed))
    return { led: 'To follow only the projects you lead, also select “Only me, by direct message”.' };
  return isPersonal(typed) || typed.channel ? undefined : { channel: 'Choose a channel or direct messages.' };
}

/** The inputs for these fields. Their action IDs begin with the prefix. */
export function recipientInputs(
  prefix: string,
  typed: Recipients,
  found: { readonly groups: readonly Found[]; readonly projects: readonly Found[] },
): KnownBlock[] {
  const optional = { optional: true } as const;
  const checked = (id: 'mine' | 'led', choice: Choice) =>
    checkboxes(`${prefix}.${id}`, [choice], typed[id].length > 0 ? [choice] : []);
  const menu = (id: 'groups' | 'projects') =>
    multiExternalSelect(`${prefix}.${id}`, { initial: found[id].map(foundChoice) });
  return [
    input('channel', 'Channel', conversationsSelect(`${prefix}.channel`, typed.channel ?? undefined), optional),
    input('mine', 'Direct messages', checked('mine', MINE), optional),
    input('led', 'My projects', checked('led', LED), optional),
    input('groups', 'Billing groups', menu('groups'), {
      ...optional,
      hint: 'Leave billing groups and projects empty for the whole account. Messages include the private billing groups that you can see, even in a channel.',
    }),
    input('projects', 'Projects', menu('projects'), optional),
  ];
}

/** The part of a subscription that these fields decide. For a person, the conversation is opened first. */
export async function subscriptionIn(request: RequestContext, typed: Recipients) {
  return {
    channelId: isPersonal(typed)
      ? await new Messenger(request.client).directMessages(request.userId)
      : (typed.channel ?? ''),
    isPersonal: isPersonal(typed),
    groupIds: typed.groups,
    projectIds: typed.projects,
    isAboutLed: typed.led.length > 0,
  };
}

/** The subject of a sentence about the messages: a channel, or the person who reads it. */
export function recipientText(typed: Recipients, channelId: string): string {
  return isPersonal(typed) ? 'You' : channelMention(channelId);
}

/** Whether a channel is shared with other organizations and the person hasn't been warned about it yet. */
export async function needsWarning(request: RequestContext, { more }: Origin, channel: string): Promise<boolean> {
  return more.warned !== channel && (await isSharedOutside(request.client, channel));
}

/** Records that a form has warned about a channel, so that submitting it again confirms it. */
export function warned(origin: Origin, channel: string): Origin {
  return { ...origin, more: { ...origin.more, warned: channel } };
}

export function warningOf(channel: string): string {
  return `${sharedOutsideWarning(channel)} Choose another channel, or submit again to use it anyway.`;
}

/** Joins a public channel. For a private one, explains how to add the app. */
export async function join(request: RequestContext, channel: string): Promise<string> {
  try {
    await request.client.conversations.join({ channel });
    return '';
  } catch {
    return 'I can’t join this channel on my own. To add me, type `/invite` and my name there. I’ll then send missed notifications.';
  }
}
