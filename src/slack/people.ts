import type { WebClient } from '@slack/web-api';
import { Refusal } from '../billing/refusal.ts';

/** A user group as menus show it. */
export interface SlackUserGroup {
  readonly id: string;
  /** What is typed behind the @. */
  readonly handle: string;
  readonly name: string;
}

/** What Slack says of a user, as far as it matters for letting them in. */
export interface SlackUser {
  readonly id?: string;
  readonly team_id?: string;
  readonly deleted?: boolean;
  readonly is_bot?: boolean;
  readonly enterprise_user?: { readonly teams?: readonly string[] };
}

/** Slack calls it no bot. */
const SLACKBOT = 'USLACKBOT';

/** Why a user of Slack can be no member of an account in this workspace; undefined when they can. */
export function whyNoMember(user: SlackUser, teamId: string): string | undefined {
  if (user.is_bot || user.id === SLACKBOT) return 'An app or bot can’t be a member.';
  if (user.deleted) return 'Somebody whose Slack account was switched off can’t be a member.';
  const isHere = user.team_id === teamId || user.enterprise_user?.teams?.includes(teamId);
  return isHere ? undefined : 'Somebody of another workspace can’t be a member.';
}

/** Asks Slack whether these users can be members. @throws {Refusal} `not_of_this_workspace` for the first who can't */
export async function assertPeople(client: WebClient, teamId: string, userIds: readonly string[]): Promise<void> {
  for (const id of userIds) {
    const why = await client.users.info({ user: id }).then(
      ({ user }) => whyNoMember({ id, ...user }, teamId),
      (error: unknown) => {
        if (refusalIn(error) === 'user_not_found') return 'Slack knows no such person.';
        throw error;
      },
    );
    if (why) throw new Refusal('not_of_this_workspace', why, { people: [], fields: { people: why } });
  }
}

/** The workspace's user groups, without those that were switched off. */
export async function listUserGroups(client: WebClient): Promise<SlackUserGroup[]> {
  const { usergroups = [] } = await client.usergroups.list({});
  return usergroups.flatMap(({ id, handle, name }) =>
    id === undefined ? [] : [{ id, handle: handle ?? id, name: name ?? handle ?? id }],
  );
}

/** Who is in a user group; undefined when Slack has no such group, or it was switched off. */
export async function usersInGroup(client: WebClient, userGroupId: string): Promise<string[] | undefined> {
  try {
    return (await client.usergroups.users.list({ usergroup: userGroupId })).users ?? [];
  } catch (error) {
    if (GONE.has(refusalIn(error) ?? '')) return undefined;
    throw error;
  }
}

const GONE: ReadonlySet<string> = new Set(['no_such_subteam', 'subteam_not_found']);

/** Slack's word for why it said no, if it did. */
function refusalIn(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('data' in error)) return undefined;
  const { data } = error;
  return typeof data === 'object' && data !== null && 'error' in data ? String(data.error) : undefined;
}
