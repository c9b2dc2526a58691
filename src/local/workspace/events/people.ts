import { shownPerson } from '../api/users.ts';
import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import type { Person } from '../types.ts';
import type { Ack } from './dispatch.ts';
import { sendEvent } from './send.ts';

/** What can change about a person. */
export type PersonChange = Partial<Omit<Person, 'id' | 'updated' | 'is_bot'>>;

/**
 * The members of a user group are replaced: an event `subteam_members_changed` with those who joined and left.
 * @returns null when the app didn't subscribe to it, or nothing changed
 * @throws SlackRefusal no_such_subteam, user_not_found
 */
export async function changeUserGroup(core: Core, groupId: string, users: readonly string[]): Promise<Ack | null> {
  const before = core.state.userGroups.get(groupId);
  if (!before) throw new SlackRefusal('no_such_subteam');
  if (users.some((id) => !core.state.people.has(id))) throw new SlackRefusal('user_not_found');
  const group = { ...before, users: [...new Set(users)], updated: core.state.seconds() };
  const added = group.users.filter((id) => !before.users.includes(id));
  const removed = before.users.filter((id) => !group.users.includes(id));
  if (added.length + removed.length === 0) return null;
  core.state.putUserGroup(group);
  return sendEvent(core, {
    type: 'subteam_members_changed',
    subteam_id: groupId,
    team_id: core.state.team.id,
    date_previous_update: before.updated,
    date_update: group.updated,
    added_users: added,
    added_users_count: added.length,
    removed_users: removed,
    removed_users_count: removed.length,
    event_ts: core.state.nextTs(),
  });
}

/**
 * A person's Slack account is deactivated or reactivated: an event `user_change`. As in Slack, deactivated people leave
 * their user groups, with a separate event for each group.
 * @returns null when the app didn't subscribe to it, or nothing changed
 * @throws SlackRefusal user_not_found
 */
export async function setDeactivated(core: Core, userId: string, deleted: boolean): Promise<Ack | null> {
  if ((known(core, userId).deleted ?? false) === deleted) return null;
  const ack = await changePerson(core, userId, { deleted });
  if (!deleted) return ack;
  for (const { id, users } of core.state.userGroups.values()) {
    if (users.includes(userId))
      await changeUserGroup(
        core,
        id,
        users.filter((one) => one !== userId),
      );
  }
  return ack;
}

/**
 * Something about a person changes, such as their name, or that they are a guest or an admin: an event `user_change`.
 * @returns null when the app didn't subscribe to it
 * @throws SlackRefusal user_not_found
 */
export async function changePerson(core: Core, userId: string, change: PersonChange): Promise<Ack | null> {
  const before = known(core, userId);
  const person = { ...before, ...change, updated: Math.max((before.updated ?? 0) + 1, core.state.seconds()) };
  core.state.putPerson(person);
  return sendPerson(core, 'user_change', person);
}

/**
 * A person joins the workspace: an event `team_join`. Slack sends it for deactivated people, too, such as those that a
 * directory adds that way.
 * @returns null when the app didn't subscribe to it
 * @throws SlackRefusal user_already_team_member
 */
export async function joinTeam(core: Core, person: Person): Promise<Ack | null> {
  if (core.state.people.has(person.id)) throw new SlackRefusal('user_already_team_member');
  const joined = { ...person, updated: person.updated ?? core.state.seconds() };
  core.state.putPerson(joined);
  return sendPerson(core, 'team_join', joined);
}

function sendPerson(core: Core, type: 'user_change' | 'team_join', person: Person): Promise<Ack | null> {
  const user = shownPerson(core, person);
  return sendEvent(core, { type, user, cache_ts: person.updated, event_ts: core.state.nextTs() });
}

function known(core: Core, userId: string): Person {
  const person = core.state.people.get(userId);
  if (!person) throw new SlackRefusal('user_not_found');
  return person;
}
