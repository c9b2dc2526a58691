import type { Core, Host } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { firstTeam } from './host.ts';

/** The workspace that a page names by its ID; the first one without an ID. @throws SlackRefusal team_not_found */
export function teamNamed(host: Host, teamId: string | undefined): Core {
  const core = teamId === undefined ? firstTeam(host) : host.teams.get(teamId);
  if (!core) throw new SlackRefusal('team_not_found');
  return core;
}

/** The same, named in an address by the query parameter `team`. */
export function teamIn(host: Host, query: URLSearchParams): Core {
  return teamNamed(host, query.get('team') ?? undefined);
}
