import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { shownMessage } from '../messages.ts';
import { APP_ID } from '../state.ts';
import { organizationOf } from '../teams/host.ts';
import { isOrgInstall } from '../teams/installed.ts';
import type { Block, Channel, Fields, Message, Person, StateValues, Target, View } from '../types.ts';

/** The deprecated verification token: still sent, but not to be trusted. */
export const LEGACY_TOKEN = 'local-workspace';

/** What a person is looking at: its blocks, and how a payload describes it. */
export interface Place {
  blocks: Block[];
  /** `container`, `channel` and `message` or `view` of an interaction payload. */
  fields: (state: StateValues) => Fields;
  /** Identifies the place among the options offered to a person. */
  key: string;
  message?: Message;
}

/** The fields that every interaction payload has. */
export function interactionBase(core: Core, type: string, userId: string): Fields {
  const person = core.state.people.get(userId);
  if (!person) throw new SlackRefusal('user_not_found');
  const home = homeOf(core, person);
  const organization = organizationOf(core);
  return {
    type,
    user: { id: userId, username: person.name, name: person.name, team_id: home.id },
    api_app_id: APP_ID,
    token: LEGACY_TOKEN,
    team: home,
    enterprise: organization ? { id: organization.id, name: organization.name } : null,
    is_enterprise_install: isOrgInstall(core),
  };
}

/** The workspace of the person who acts, which in a channel shared with another organization is theirs. */
function homeOf({ host, state }: Core, person: Person): { id: string; domain: string } {
  const { id, domain } = host.teams.get(person.team_id ?? '')?.state.team ?? state.team;
  return person.team_id === undefined ? { id, domain } : { id: person.team_id, domain };
}

/** Where the app can answer a request later. */
export function responseUrl({ url, state }: Core, key: string): string {
  return `${url}/response/${state.team.id}/${key}`;
}

/**
 * Finds what the person acts on.
 * @throws SlackRefusal message_not_found, not_found when they can't see it
 */
export function placeOf(core: Core, userId: string, target: Target): Place {
  if (target.kind === 'message') return messagePlace(core, userId, target.channel, target.ts);
  const view =
    target.kind === 'home' ? core.state.homes.get(userId) : core.state.views(userId).find((it) => it.id === target.id);
  if (!view) throw new SlackRefusal('not_found');
  return {
    blocks: view.blocks,
    key: view.id,
    fields: (state) => ({ container: { type: 'view', view_id: view.id }, view: viewWith(view, state) }),
  };
}

/** A view as it is sent, with what the person has entered so far. */
export function viewWith(view: View, values: StateValues): View {
  return { ...view, state: { values } };
}

export function channelName(channel: Channel): string {
  if (channel.is_im) return 'directmessage';
  return channel.is_private ? 'privategroup' : channel.name;
}

function messagePlace(core: Core, userId: string, channelId: string, ts: string): Place {
  const channel = core.state.visibleTo(userId).find((it) => it.id === channelId);
  const ephemeral = core.state.ephemeral(channelId, ts);
  const message = core.state.message(channelId, ts) ?? (ephemeral?.ephemeral_to === userId ? ephemeral : undefined);
  if (!channel || !message) throw new SlackRefusal('message_not_found');
  const isEphemeral = message === ephemeral;
  return {
    blocks: [...(message.blocks ?? []), ...(message.attachments ?? []).flatMap(({ blocks }) => blocks ?? [])],
    key: `${channelId}.${ts}`,
    message,
    fields: (values) => ({
      container: { type: 'message', message_ts: ts, channel_id: channelId, is_ephemeral: isEphemeral },
      channel: { id: channelId, name: channelName(channel) },
      // an ephemeral message's content isn't sent: Slack doesn't keep it
      ...(!isEphemeral && { message: shownMessage(core, message, true) }),
      state: { values },
    }),
  };
}
