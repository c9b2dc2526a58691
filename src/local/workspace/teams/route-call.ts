import type { Core, Host } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { textOf } from '../json.ts';
import type { LocalInstallation } from '../oauth/installations.ts';
import type { Fields } from '../types.ts';
import { firstTeam, organizationOf, teamsOf } from './host.ts';
import { installationFor } from './installed.ts';

/** Methods that need `team_id` with an organization's token, from Slack's list for org-wide apps. */
const NEEDS_TEAM: ReadonlySet<string> = new Set([
  'conversations.list',
  'usergroups.list',
  'usergroups.users.list',
  'users.conversations',
  'users.list',
]);

/**
 * The workspace that a call is about: the token's, or one of its organization's.
 * @throws SlackRefusal for a token that isn't accepted, and for an organization's token: missing_argument,
 * team_not_found, team_access_not_granted
 */
export function workspaceOfCall(host: Host, method: string, token: string | undefined, args: Fields): Core {
  const installation = host.installations.holderOf(token);
  if (!installation.isEnterprise) {
    const core = host.teams.get(installation.id);
    if (!core) throw new SlackRefusal('invalid_auth');
    return core;
  }
  const named = textOf(args, 'team_id');
  if (named !== undefined) return namedTeam(host, installation, named);
  if (NEEDS_TEAM.has(method)) throw new SlackRefusal('missing_argument', ['[ERROR] missing required field: team_id']);
  const served = teamsOf(host, installation.id).filter((core) => installationFor(core) === installation);
  const found = served.find((core) => holds(core, args)) ?? served[0];
  if (!found) throw new SlackRefusal('team_access_not_granted');
  return found;
}

/** The workspace whose faults and limits apply to a call, even with a token that isn't accepted. */
export function workspaceMeant(host: Host, method: string, token: string | undefined, args: Fields): Core {
  try {
    return workspaceOfCall(host, method, token, args);
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return firstTeam(host);
  }
}

function namedTeam(host: Host, installation: LocalInstallation, teamId: string): Core {
  const core = host.teams.get(teamId);
  if (!core || organizationOf(core)?.id !== installation.id) throw new SlackRefusal('team_not_found');
  if (installationFor(core) !== installation) throw new SlackRefusal('team_access_not_granted');
  return core;
}

/** Whether what the arguments name is in this workspace. */
function holds(core: Core, args: Fields): boolean {
  const { state, tickets } = core;
  const trigger = textOf(args, 'trigger_id');
  if (trigger !== undefined) return tickets.knowsTrigger(trigger);
  const view = textOf(args, 'view_id');
  if (view !== undefined) return [...state.stacks.values()].flat().some(({ id }) => id === view);
  const file = textOf(args, 'file');
  if (file !== undefined) return state.files.has(file);
  const channel = textOf(args, 'channel') ?? textOf(args, 'channel_id');
  if (channel !== undefined) return state.channels.has(channel) || state.people.has(channel);
  const user = textOf(args, 'user') ?? textOf(args, 'user_id') ?? textOf(args, 'users');
  return user !== undefined && state.people.has(user);
}
