import type { webApi } from '@slack/bolt';
import {
  type Installation,
  installationOf,
  installationServing,
  installedTeams,
} from '../../services/workspaces/installations.ts';
import type { TokenRotation } from '../../services/workspaces/token-rotation.ts';
import type { Workspaces } from '../app/workspaces.ts';
import { Messenger } from '../web-api/messenger.ts';
import { WatchedClient } from './watched-client.ts';

/** For how many workspaces a process keeps its clients, with their connections, paces and Homes. */
const MAX_KEPT = 1_000;

export interface InstalledWorkspacesOptions {
  readonly rotation: TokenRotation;
  readonly clientOptions: webApi.WebClientOptions;
  /** Called with an installation's ID when Slack rejects a call because the app isn't installed. Never throws. */
  readonly suspect: (id: string) => Promise<void>;
}

/** The workspaces that have installed the app. Each has its own client, whose token changes when it is refreshed. */
export function installedWorkspaces({
  rotation,
  clientOptions,
  suspect,
}: InstalledWorkspacesOptions): Pick<Workspaces, 'find' | 'of' | 'installedAmong'> {
  const kept = new Map<string, { readonly token: string; readonly messenger: Messenger }>();
  const messengerOf = async (teamId: string, installation: Installation): Promise<Messenger> => {
    const token = await rotation.tokenOf(installation);
    const known = kept.get(teamId);
    if (known?.token === token) return known.messenger;
    // an organization's token needs the workspace in many calls; for a workspace's own it makes no difference
    const client = new WatchedClient(token, { ...clientOptions, teamId }, () => void suspect(installation._id));
    const messenger = new Messenger(client);
    kept.delete(teamId);
    kept.set(teamId, { token, messenger });
    const [oldest] = kept.keys();
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
    return messenger;
  };
  return {
    async find(sender) {
      const found = await installationOf(sender);
      if (!found) return undefined;
      const { teamId, installation } = found;
      const { client } = await messengerOf(teamId, installation);
      return { teamId, client, botId: installation.botId, botUserId: installation.botUserId, isForeign: false };
    },
    async of(teamId) {
      const installation = await installationServing(teamId);
      if (!installation) throw new Error(`The app isn’t installed in ${teamId}`);
      return messengerOf(teamId, installation);
    },
    installedAmong: (teamIds) => installedTeams([...teamIds]),
  };
}
