import type { Core, Host, Organization } from '../core.ts';

/** The workspace that is shown without naming one. */
export function firstTeam(host: Host): Core {
  const [first] = host.teams.values();
  if (!first) throw new Error('There is no workspace');
  return first;
}

/** The workspaces of an organization. */
export function teamsOf(host: Host, organizationId: string): Core[] {
  return [...host.teams.values()].filter(({ state }) => state.team.enterprise_id === organizationId);
}

/** The organization of a workspace. */
export function organizationOf({ host, state }: Core): Organization | undefined {
  return host.organizations.get(state.team.enterprise_id ?? '');
}
