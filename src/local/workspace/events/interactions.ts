import { checkSuggestions } from '../../../slack/limits/check-elements.ts';
import { Problems } from '../../../slack/limits/check-text.ts';
import type { Core } from '../core.ts';
import { findElement, isOption, optionsOf, placedElements } from '../elements.ts';
import { SlackRefusal } from '../errors.ts';
import { choiceOf, refuseUnoffered, stateOf } from '../form.ts';
import { arrayOf, isFields, objectsOf } from '../json.ts';
import { shownMessage } from '../messages.ts';
import { installationFor } from '../teams/installed.ts';
import type { Block, Entries, Entry, Fields, Option, Target } from '../types.ts';
import { unfurlFields } from '../unfurls/interaction.ts';
import type { Ack } from './dispatch.ts';
import { channelName, interactionBase, placeOf, responseUrl } from './payloads.ts';

export interface Click {
  actionId: string;
  blockId?: string;
  /** For a button: distinguishes it from others with the same action_id. Otherwise: what was chosen or entered. */
  value?: Entry;
  /** What else was entered in the same view or message. */
  entries?: Entries;
}

/**
 * A person clicks a button or chooses from a menu: a block_actions request.
 * @throws SlackRefusal when they can't see the target; Error when it has no such element or option
 */
export async function click(core: Core, userId: string, target: Target, how: Click): Promise<Ack> {
  const place = placeOf(core, userId, target);
  const placed = findElement(place.blocks, how.actionId, how.blockId, how.value);
  const { block, element } = placed;
  if (how.value !== undefined && element.type !== 'button') refuseUnoffered(element, how.value);
  const entries = offeredEntries(core, userId, place.key, place.blocks, {
    ...how.entries,
    [block.block_id]: {
      ...how.entries?.[block.block_id],
      ...(how.value !== undefined && { [how.actionId]: how.value }),
    },
  });
  const choice = choiceOf(element, entries[block.block_id]?.[how.actionId]);
  const at = { type: element.type, block_id: block.block_id, action_id: how.actionId, action_ts: core.state.nextTs() };
  const { message } = place;
  const ticket = message && core.tickets.response({ userId, channelId: message.channel, source: message });
  const ack = await send(core, 'interaction', {
    ...interactionBase(core, 'block_actions', userId),
    ...place.fields(stateOf(place.blocks, entries)),
    ...(message && unfurlFields(message, block)),
    trigger_id: core.tickets.trigger(userId),
    ...(ticket !== undefined && { response_url: responseUrl(core, ticket) }),
    actions: [{ ...at, ...choice }],
  });
  if (ack.error !== undefined) core.state.notice(userId, 'Oh no, something went wrong. Please try that again.');
  return ack;
}

/**
 * A person types in an external select: a block_suggestion request.
 * @returns the options that the app offers; none, with a notice for the person, if Slack wouldn't accept its answer
 */
export async function suggest(
  core: Core,
  userId: string,
  target: Target,
  asked: { actionId: string; blockId?: string; text: string },
): Promise<{ ack: Ack; options: Option[]; groups: Fields[] }> {
  const place = placeOf(core, userId, target);
  const { block, element } = findElement(place.blocks, asked.actionId, asked.blockId);
  const ack = await send(core, 'options', {
    ...interactionBase(core, 'block_suggestion', userId),
    ...place.fields(stateOf(place.blocks, {})),
    action_id: asked.actionId,
    block_id: block.block_id,
    value: asked.text,
  });
  const answer = isFields(ack.body) ? ack.body : {};
  if (ack.error !== undefined || checkSuggestions(answer, new Problems()).length > 0) {
    core.state.notice(userId, 'The results could not be loaded.');
    return { ack, options: [], groups: [] };
  }
  const options = optionsOf(answer);
  const key = offeredKey(userId, place.key, block.block_id, String(element.action_id));
  core.offered.set(key, [...(core.offered.get(key) ?? []), ...options]);
  return { ack, options, groups: objectsOf(answer, 'option_groups') };
}

/** A person runs a global shortcut, or a message's shortcut if a message is given. */
export async function useShortcut(
  core: Core,
  userId: string,
  callbackId: string,
  at?: { channel: string; ts: string },
): Promise<Ack> {
  const common = { callback_id: callbackId, trigger_id: core.tickets.trigger(userId), action_ts: core.state.nextTs() };
  const ack = await send(core, 'interaction', {
    ...interactionBase(core, at ? 'message_action' : 'shortcut', userId),
    ...common,
    ...(at && messageFields(core, userId, at)),
  });
  if (ack.error !== undefined) core.state.notice(userId, 'The shortcut did not work. Please try again.');
  return ack;
}

/** Sends an interaction as Slack does: a form whose field `payload` is JSON. */
export function send(core: Core, kind: 'interaction' | 'options', payload: Fields): Promise<Ack> {
  if (!installationFor(core)) return Promise.resolve({ status: 0, body: '', ms: 0, error: 'dispatch_failed' });
  return core.link.form(kind, { payload: JSON.stringify(payload) });
}

/**
 * Replaces values entered in external selects with the options that the app offered or preselected with these values.
 * @throws Error for a value that was never offered: type into the select first
 */
export function offeredEntries(
  core: Core,
  userId: string,
  placeKey: string,
  blocks: Block[],
  entries: Entries,
): Entries {
  const exchanged: Entries = { ...entries };
  for (const { block, element, actionId } of placedElements(blocks)) {
    const entry = entries[block.block_id]?.[actionId];
    if (!String(element.type).endsWith('external_select') || entry === undefined || entry === null) continue;
    const initial = [element.initial_option, ...(arrayOf(element, 'initial_options') ?? [])].filter(isOption);
    const offered = [...(core.offered.get(offeredKey(userId, placeKey, block.block_id, actionId)) ?? []), ...initial];
    const each = (one: string | Option) => (typeof one === 'string' ? offeredOption(actionId, offered, one) : one);
    const single = typeof entry === 'string' && entry !== '' ? each(entry) : entry;
    const found = Array.isArray(entry) ? entry.map(each) : single;
    exchanged[block.block_id] = { ...exchanged[block.block_id], [actionId]: found };
  }
  return exchanged;
}

function offeredOption(actionId: string, offered: readonly Option[], value: string): Option {
  const option = offered.find((it) => it.value === value);
  if (option) return option;
  const values = [...new Set(offered.map((it) => it.value))].join(', ');
  throw new Error(`${actionId} offers no option ${value}; it offered: ${values || 'none'}`);
}

function offeredKey(userId: string, placeKey: string, blockId: string, actionId: string): string {
  return [userId, placeKey, blockId, actionId].join('/');
}

function messageFields(core: Core, userId: string, at: { channel: string; ts: string }): Fields {
  const channel = core.state.visibleTo(userId).find((it) => it.id === at.channel);
  const message = core.state.message(at.channel, at.ts);
  if (!channel || !message) throw new SlackRefusal('message_not_found');
  const ticket = core.tickets.response({ userId, channelId: at.channel, source: message });
  return {
    channel: { id: channel.id, name: channelName(channel) },
    message_ts: at.ts,
    message: shownMessage(core, message, true),
    response_url: responseUrl(core, ticket),
  };
}
