import type { WebClient } from '@slack/web-api';
import { assertMayFound, type WorkspaceStanding } from '../../billing/account/founder.ts';
import { Refusal } from '../../billing/refusal.ts';
import { refusalOf } from './api-errors.ts';

/** A user group as menus show it. */
export interface SlackUserGroup {
  readonly id: string;
  /** What is typed after the @. */
  readonly handle: string;
  readonly name: string;
}

/** What Slack says about a user, as far as it matters for access. */
export interface SlackUser {
  readonly id?: string;
  readonly team_id?: string;
  /** What is typed after the @. */
  readonly name?: string;
  readonly real_name?: string;
  /** Whether the Slack account is deactivated. */
  readonly deleted?: boolean;
  /** Unix seconds of the last change. */
  readonly updated?: number;
  readonly is_bot?: boolean;
  readonly is_admin?: boolean;
  readonly is_owner?: boolean;
  readonly is_primary_owner?: boolean;
  /** A guest in several channels. */
  readonly is_restricted?: boolean;
  /** A guest in one channel. */
  readonly is_ultra_restricted?: boolean;
  /** Someone from another organization, met in a shared channel. */
  readonly is_stranger?: boolean;
  readonly enterprise_user?: { readonly teams?: readonly string[] };
}

/** Slack doesn't mark Slackbot as a bot. */
const SLACKBOT = 'USLACKBOT';

/** Why a Slack user can't be a member of an account in this workspace; undefined if they can. */
export function membershipObstacle(user: SlackUser, teamId: string): 'app' | 'deactivated' | 'outsider' | undefined {
  if (user.is_bot || user.id === SLACKBOT) return 'app';
  if (user.deleted) return 'deactivated';
  return isFrom(user, teamId) ? undefined : 'outsider';
}

/** Someone's standing in a workspace. */
export function standingOf(user: SlackUser, teamId: string): WorkspaceStanding {
  if (user.is_bot || user.id === SLACKBOT) return 'app';
  if (user.deleted) return 'deactivated';
  if (user.is_stranger || !isFrom(user, teamId)) return 'outsider';
  if (user.is_restricted || user.is_ultra_restricted) return 'guest';
  return user.is_admin || user.is_owner || user.is_primary_owner ? 'workspace_admin' : 'full_member';
}

/**
 * Asks Slack for someone's standing in the workspace.
 *
 * @param hasInstalled whether they installed the app there; only asked about full members
 * @throws {Refusal} `set_up_not_allowed` if they can't set up an account
 */
export async function founder(
  client: WebClient,
  { teamId, userId, hasInstalled }: { teamId: string; userId: string; hasInstalled(): Promise<boolean> },
): Promise<{ readonly standing: WorkspaceStanding; readonly timeZone: string | undefined }> {
  const { user } = await client.users.info({ user: userId });
  const inSlack = standingOf({ id: userId, ...user }, teamId);
  const standing = inSlack === 'full_member' && (await hasInstalled()) ? 'installer' : inSlack;
  assertMayFound(standing);
  return { standing, timeZone: user?.tz };
}

function isFrom(user: SlackUser, teamId: string): boolean {
  return user.team_id === teamId || (user.enterprise_user?.teams?.includes(teamId) ?? false);
}

/** Asks Slack whether these users can be members. @throws {Refusal} `not_of_this_workspace` for the first who can't */
export async function assertPeople(client: WebClient, teamId: string, userIds: readonly string[]): Promise<void> {
  for (const id of userIds) {
    const because = await client.users.info({ user: id }).then(
      ({ user }) => membershipObstacle({ id, ...user }, teamId),
      (error: unknown) => {
        if (refusalOf(error) === 'user_not_found') return 'unknown' as const;
        throw error;
      },
    );
    if (because) throw new Refusal('not_of_this_workspace', { because });
  }
}

/** The name of a person as Slack says; undefined if it says none. */
export function nameIn({ name, real_name: realName }: SlackUser): string | undefined {
  return realName || name || undefined;
}

/** Asks Slack for a person's name; undefined if it doesn't know them. */
export async function nameOfUser(client: WebClient, userId: string): Promise<string | undefined> {
  try {
    return nameIn((await client.users.info({ user: userId })).user ?? {});
  } catch (error) {
    if (UNKNOWN_USER.has(refusalOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** The workspace's user groups, without disabled ones. */
export async function listUserGroups(client: WebClient): Promise<SlackUserGroup[]> {
  const { usergroups = [] } = await client.usergroups.list({});
  return usergroups.flatMap(({ id, handle, name }) =>
    id === undefined ? [] : [{ id, handle: handle ?? id, name: name ?? handle ?? id }],
  );
}

/** Whether Slack rejected a call because the workspace's plan has no user groups. */
export function isPlanWithoutUserGroups(error: unknown): boolean {
  return PLAN_TOO_SMALL.has(refusalOf(error) ?? '');
}

/** The users in a user group; undefined if Slack has no such group, or it was disabled. */
export async function usersInGroup(client: WebClient, userGroupId: string): Promise<string[] | undefined> {
  try {
    return (await client.usergroups.users.list({ usergroup: userGroupId })).users ?? [];
  } catch (error) {
    if (GONE.has(refusalOf(error) ?? '')) return undefined;
    throw error;
  }
}

/**
 * Whether a person's Slack account is deactivated: as the event says, unless Slack knows of a later change, since
 * events arrive late and out of order.
 */
export async function isDeactivated(client: WebClient, said: SlackUser & { readonly id: string }): Promise<boolean> {
  const asked = await client.users.info({ user: said.id }).catch(() => undefined);
  const now: SlackUser | undefined = asked?.user;
  const latest = now && (now.updated ?? 0) > (said.updated ?? 0) ? now : said;
  return latest.deleted ?? false;
}

/** The workspace's active owners and admins, owners first. */
export async function workspaceAdmins(client: WebClient): Promise<string[]> {
  const [owners, admins]: [string[], string[]] = [[], []];
  let cursor: string | undefined;
  do {
    const { members = [], response_metadata: more } = await client.users.list({
      limit: USERS_A_PAGE,
      ...(cursor !== undefined && { cursor }),
    });
    for (const { id, deleted, is_bot: isBot, is_owner: isOwner, is_admin: isAdmin } of members) {
      if (id === undefined || deleted || isBot) continue;
      if (isOwner) owners.push(id);
      else if (isAdmin) admins.push(id);
    }
    cursor = more?.next_cursor || undefined;
  } while (cursor !== undefined);
  return [...owners, ...admins];
}

const UNKNOWN_USER: ReadonlySet<string> = new Set(['user_not_found', 'user_not_visible']);
const USERS_A_PAGE = 200;

const PLAN_TOO_SMALL: ReadonlySet<string> = new Set(['paid_teams_only', 'plan_upgrade_required']);
const GONE: ReadonlySet<string> = new Set(['no_such_subteam', 'subteam_not_found']);
