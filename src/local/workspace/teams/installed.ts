import type { Core } from '../core.ts';
import type { LocalInstallation } from '../oauth/installations.ts';
import { organizationOf } from './host.ts';

/** The installation that serves a workspace: its own or its organization's, whichever is later. */
export function installationFor(core: Core): LocalInstallation | undefined {
  const { host, state } = core;
  const own = host.installations.in(state.team.id);
  const shared = host.installations.in(organizationOf(core)?.id ?? '');
  if (own && shared) return own.order > shared.order ? own : shared;
  return own ?? shared;
}

/** The ID that requests name as where the app is installed. */
export function installedId(core: Core): string {
  return installationFor(core)?.id ?? core.state.team.id;
}

/** Whether the app is installed in the whole organization. */
export function isOrgInstall(core: Core): boolean {
  return installationFor(core)?.isEnterprise ?? false;
}
