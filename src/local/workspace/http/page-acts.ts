import type { Core } from '../core.ts';
import { isOption } from '../elements.ts';
import { SlackRefusal } from '../errors.ts';
import { typeCommand } from '../events/command.ts';
import { inviteBot, openHome, say, upload, uploadIntoForm } from '../events/events.ts';
import { click, suggest, useShortcut } from '../events/interactions.ts';
import { closeView, submit } from '../events/modals.ts';
import { isFields, objectOf, textOf } from '../json.ts';
import type { Entries, Entry, Fields, Target } from '../types.ts';
import type { WebRequest } from './server.ts';

type Act = (core: Core, userId: string, body: Fields) => Promise<object>;

/** What a person can do on the page, by the name in the path `/-/act/…`. */
const ACTS: { [name: string]: Act } = {
  command: async (core, userId, body) => ({
    ack: await typeCommand(core, userId, need(body, 'channel'), need(body, 'text')),
  }),
  say: async (core, userId, body) => ({
    message: await say(core, userId, need(body, 'channel'), need(body, 'text'), textOf(body, 'thread_ts')),
  }),
  click: async (core, userId, body) => {
    const value = entryOf(body.value);
    const how = { actionId: need(body, 'action_id'), blockId: need(body, 'block_id'), entries: entriesOf(body) };
    return { ack: await click(core, userId, targetOf(body), { ...how, ...(value !== undefined && { value }) }) };
  },
  suggest: async (core, userId, body) => {
    const asked = {
      actionId: need(body, 'action_id'),
      blockId: need(body, 'block_id'),
      text: textOf(body, 'text') ?? '',
    };
    const { options, groups } = await suggest(core, userId, targetOf(body), asked);
    return { options, groups };
  },
  submit: (core, userId, body) => submit(core, userId, need(body, 'view'), entriesOf(body)),
  close: async (core, userId, body) => ({ acks: await closeView(core, userId, body.all === true) }),
  shortcut: async (core, userId, body) => {
    const [channel, ts] = [textOf(body, 'channel'), textOf(body, 'ts')];
    const at = channel !== undefined && ts !== undefined ? { channel, ts } : undefined;
    return { ack: await useShortcut(core, userId, need(body, 'callback_id'), at) };
  },
  home: async (core, userId) => ({ ack: await openHome(core, userId) }),
  invite: async (core, userId, body) => {
    await inviteBot(core, userId, need(body, 'channel'));
    return {};
  },
};

/** Performs an action for the page's person, named by `as`. @throws SlackRefusal for what can't be done */
export async function actAs(core: Core, name: string, body: Fields): Promise<object> {
  const act = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined;
  if (!act) throw new SlackRefusal('unknown_act');
  return act(core, person(core, textOf(body, 'as')), body);
}

/** Takes a file from the page, for a channel or (without one) for a form. Its bytes are the request's body. */
export async function uploadAs(core: Core, request: WebRequest): Promise<object> {
  const [userId, channel, name] = ['as', 'channel', 'name'].map((key) => request.query.get(key) ?? '');
  if (!name) throw new SlackRefusal('invalid_arguments');
  const [who, bytes] = [person(core, userId), await request.body()];
  return {
    file: await (channel ? upload(core, who, channel, { name, bytes }) : uploadIntoForm(core, who, name, bytes)),
  };
}

function person(core: Core, userId: string | undefined): string {
  const known = userId === undefined ? undefined : core.state.people.get(userId);
  if (!known || known.is_bot === true) throw new SlackRefusal('user_not_found');
  return known.id;
}

function need(body: Fields, key: string): string {
  const value = textOf(body, key);
  if (value === undefined) throw new SlackRefusal('invalid_arguments', [`[ERROR] missing required field: ${key}`]);
  return value;
}

function targetOf(body: Fields): Target {
  const target = objectOf(body, 'target') ?? {};
  if (target.kind === 'home') return { kind: 'home' };
  if (target.kind === 'view') return { kind: 'view', id: need(target, 'id') };
  return { kind: 'message', channel: need(target, 'channel'), ts: need(target, 'ts') };
}

function entriesOf(body: Fields): Entries {
  const entries: Entries = {};
  for (const [blockId, row] of Object.entries(objectOf(body, 'entries') ?? {})) {
    if (!isFields(row)) continue;
    for (const [actionId, value] of Object.entries(row)) {
      const entry = entryOf(value);
      if (entry !== undefined) entries[blockId] = { ...entries[blockId], [actionId]: entry };
    }
  }
  return entries;
}

function entryOf(value: unknown): Entry | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string' || isOption(one));
  return isOption(value) ? value : undefined;
}
