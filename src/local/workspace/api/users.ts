import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { textOf } from '../json.ts';
import { BOT_ID, BOT_USER_ID } from '../state.ts';
import { organizationOf, teamsOf } from '../teams/host.ts';
import { isOrgInstall } from '../teams/installed.ts';
import type { Fields, Person } from '../types.ts';
import { listed, shownChannel } from './conversations.ts';
import { type Methods, page } from './method.ts';

export const users: Methods = {
  'users.info': (core, args) => {
    const person = core.state.people.get(textOf(args, 'user') ?? '');
    if (!person) throw new SlackRefusal('user_not_found');
    return { user: shownPerson(core, person) };
  },

  'users.list': (core, args) => {
    const own = [...core.state.people.values()].filter((person) => !person.is_stranger);
    const { items, response_metadata } = page(own, args, 200);
    return {
      members: items.map((person) => shownPerson(core, person)),
      cache_ts: core.state.seconds(),
      response_metadata,
    };
  },

  'users.conversations': (core, args) => {
    const userId = textOf(args, 'user') ?? BOT_USER_ID;
    if (!core.state.people.has(userId)) throw new SlackRefusal('user_not_found');
    const { items, response_metadata } = page(listed(core, args, userId), args, 100);
    return { channels: items.map((channel) => shownChannel(core, channel)), response_metadata };
  },

  'auth.test': (core) => ({
    url: `${core.address}/`,
    team: core.state.team.name,
    user: core.state.bot.name,
    team_id: core.state.team.id,
    user_id: BOT_USER_ID,
    bot_id: BOT_ID,
    ...(core.state.team.enterprise_id !== undefined && { enterprise_id: core.state.team.enterprise_id }),
    is_enterprise_install: isOrgInstall(core),
  }),
};

/** A person as Slack's methods and events show them. */
export function shownPerson(core: Core, person: Person): Fields {
  return {
    id: person.id,
    team_id: person.team_id ?? core.state.team.id,
    name: person.name,
    deleted: person.deleted ?? false,
    real_name: person.real_name,
    tz: person.tz ?? 'Etc/UTC',
    tz_offset: offsetSeconds(person.tz ?? 'Etc/UTC', core.state.now()),
    is_bot: person.is_bot ?? false,
    is_app_user: false,
    is_admin: person.is_admin ?? person.is_owner ?? false,
    is_owner: person.is_owner ?? false,
    is_restricted: person.is_restricted ?? false,
    is_ultra_restricted: person.is_ultra_restricted ?? false,
    ...(person.is_stranger && { is_stranger: true }),
    ...enterpriseUser(core, person),
    updated: person.updated ?? 0,
    profile: {
      real_name: person.real_name,
      display_name: person.name,
      title: person.title ?? '',
      team: person.team_id ?? core.state.team.id,
      ...(person.is_bot && { api_app_id: 'A0LOCALAPP', bot_id: BOT_ID }),
    },
  };
}

/** In an organization, people belong to it rather than to one workspace. */
function enterpriseUser(core: Core, person: Person): Fields {
  const organization = organizationOf(core);
  if (!organization || person.is_stranger || person.is_bot) return {};
  const teams = teamsOf(core.host, organization.id).filter(({ state }) => state.people.has(person.id));
  return {
    enterprise_user: {
      id: person.id,
      enterprise_id: organization.id,
      enterprise_name: organization.name,
      is_admin: false,
      is_owner: false,
      is_primary_owner: false,
      teams: teams.map(({ state }) => state.team.id),
    },
  };
}

/** The zone's offset from UTC at this instant, in seconds. */
function offsetSeconds(zone: string, at: Date): number {
  const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(at)
    .find((part) => part.type === 'timeZoneName')?.value;
  const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name ?? '') ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}
