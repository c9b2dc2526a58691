import { checkView, isTooLarge } from '../../slack/limits/check-view.ts';
import { LIMITS } from '../../slack/limits/limits.ts';
import type { Core } from './core.ts';
import { SlackRefusal } from './errors.ts';
import { unusablePictures } from './files/pictures.ts';
import { stateOf } from './form.ts';
import { makeId } from './ids.ts';
import { arrayOf, flagOf, objectOf, textOf } from './json.ts';

import { APP_ID, BOT_ID } from './state.ts';
import { installedId } from './teams/installed.ts';
import type { Fields, TextObject, View } from './types.ts';
import { withIds } from './with-ids.ts';

/**
 * Opens a modal for the person whose trigger this is, replacing any open one.
 * @throws SlackRefusal for the trigger, or invalid_arguments for a view that breaks Slack's limits
 */
export function openView(core: Core, triggerId: string | undefined, input: Fields): View {
  refuseBadView(core, 'modal', input);
  const userId = core.tickets.exchange(triggerId);
  const view = makeView(core, 'modal', input);
  core.state.putViews(userId, [view]);
  return view;
}

/** Puts a modal on top of the open ones. @throws SlackRefusal also push_limit_reached, and not_found when none is open */
export function pushView(core: Core, triggerId: string | undefined, input: Fields): View {
  refuseBadView(core, 'modal', input);
  return pushFor(core, core.tickets.exchange(triggerId), input);
}

/** Like pushView, for a known person (a submission answered with `response_action: push`). */
export function pushFor(core: Core, userId: string, input: Fields): View {
  refuseBadView(core, 'modal', input);
  const stack = core.state.views(userId);
  const top = stack.at(-1);
  if (!top) throw new SlackRefusal('not_found');
  if (stack.length >= LIMITS.view.stacked) throw new SlackRefusal('push_limit_reached');
  const view = { ...makeView(core, 'modal', input), root_view_id: top.root_view_id, previous_view_id: top.id };
  core.state.putViews(userId, [...stack, view]);
  return view;
}

/** Replaces the content of an open modal. @throws SlackRefusal not_found, hash_conflict, invalid_arguments */
export function updateView(
  core: Core,
  which: { id?: string; externalId?: string },
  hash: string | undefined,
  input: Fields,
): View {
  refuseBadView(core, 'modal', input);
  for (const [userId, stack] of core.state.stacks) {
    const known = stack.find(
      (view) => view.id === which.id || (which.externalId && view.external_id === which.externalId),
    );
    if (!known) continue;
    if (hash !== undefined && hash !== known.hash) throw new SlackRefusal('hash_conflict');
    const view = { ...makeView(core, 'modal', input), ...place(known) };
    core.state.putViews(
      userId,
      stack.map((other) => (other === known ? view : other)),
    );
    return view;
  }
  throw new SlackRefusal('not_found');
}

/** Sets a person's App Home. @throws SlackRefusal user_not_found, hash_conflict, invalid_arguments */
export function publishHome(core: Core, userId: string | undefined, hash: string | undefined, input: Fields): View {
  refuseBadView(core, 'home', input);
  if (userId === undefined || !core.state.people.has(userId)) throw new SlackRefusal('user_not_found');
  const known = core.state.homes.get(userId);
  if (known && hash !== undefined && hash !== known.hash) throw new SlackRefusal('hash_conflict');
  const view = { ...makeView(core, 'home', input), ...(known && place(known)) };
  core.state.putHome(userId, view);
  return view;
}

/** The open modal with this id, and whose it is. */
export function findView(core: Core, userId: string, id: string): View {
  const view = core.state.views(userId).find((it) => it.id === id);
  if (!view) throw new SlackRefusal('not_found');
  return view;
}

function refuseBadView(core: Core, surface: 'modal' | 'home', input: Fields): void {
  if (isTooLarge(input)) throw new SlackRefusal('view_too_large');
  const pictures = unusablePictures(core.state.files, arrayOf(input, 'blocks'), '/view/blocks');
  const messages = [...checkView(surface, input), ...pictures];
  if (messages.length > 0) throw new SlackRefusal('invalid_arguments', messages);
}

function makeView(core: Core, type: 'modal' | 'home', input: Fields): View {
  const id = core.state.ids.make('V');
  const blocks = withIds(arrayOf(input, 'blocks') ?? []);
  const externalId = textOf(input, 'external_id') ?? '';
  return {
    id,
    team_id: core.state.team.id,
    type,
    ...textField(input, 'title'),
    ...textField(input, 'submit'),
    ...textField(input, 'close'),
    blocks,
    private_metadata: textOf(input, 'private_metadata') ?? '',
    callback_id: textOf(input, 'callback_id') ?? '',
    external_id: externalId,
    state: { values: stateOf(blocks, {}) },
    hash: `${core.state.seconds()}.${makeId('', 8)}`,
    clear_on_close: flagOf(input, 'clear_on_close'),
    notify_on_close: flagOf(input, 'notify_on_close'),
    submit_disabled: flagOf(input, 'submit_disabled'),
    root_view_id: id,
    previous_view_id: null,
    app_id: APP_ID,
    app_installed_team_id: installedId(core),
    bot_id: BOT_ID,
  };
}

/** What a view keeps when its content is replaced. */
function place(known: View): Pick<View, 'id' | 'root_view_id' | 'previous_view_id'> {
  return { id: known.id, root_view_id: known.root_view_id, previous_view_id: known.previous_view_id };
}

function textField(input: Fields, key: 'title' | 'submit' | 'close'): { [key: string]: TextObject } {
  const text = textOf(objectOf(input, key), 'text');
  return text === undefined ? {} : { [key]: { type: 'plain_text', text, emoji: true } };
}
