import type { webApi } from '@slack/bolt';
import type { Revocation } from '../../services/workspaces/uninstall.ts';
import { Messenger } from '../web-api/messenger.ts';
import { inOneWorkspace, type Messengers } from '../web-api/messengers.ts';
import { type Identity, identify } from './identity.ts';
import type { Sender } from './sender.ts';

/** The app in a workspace. */
export interface Workspace extends Pick<Identity, 'botId' | 'botUserId'> {
  readonly teamId: string;
  readonly client: webApi.WebClient;
  /** Whether the request comes from another organization, in a channel shared with this workspace (Slack Connect). */
  readonly isForeign: boolean;
}

/** The workspaces that have the app installed. */
export interface Workspaces extends Messengers {
  /** The workspace that a request belongs to; undefined if the app isn't installed there. */
  find(sender: Sender): Promise<Workspace | undefined>;
  /** Called when Slack reports that the app was uninstalled, or tokens were revoked. Safe to repeat, in any order. */
  revoked(revocation: Revocation): Promise<void>;
  /**
   * Checks before the first request whether Slack accepts the app. @returns what is known about it, for the log
   *
   * @throws {SlackStartError} if Slack doesn't accept it
   */
  check(): Promise<Readonly<Record<string, string>>>;
}

/** The single workspace of a bot token. */
export function oneWorkspace(client: webApi.WebClient): Workspaces {
  let identity: Promise<Identity> | undefined;
  const known = () => {
    identity ??= identify(client).catch((error: unknown) => {
      identity = undefined;
      throw error;
    });
    return identity;
  };
  return {
    ...inOneWorkspace(new Messenger(client)),
    async find({ teamId: from, enterpriseId: org }) {
      const { teamId, botId, botUserId, enterpriseId } = await known();
      const isOurs = from === undefined || from === teamId || (org !== undefined && org === enterpriseId);
      return { teamId, botId, botUserId, client, isForeign: !isOurs };
    },
    // its token is in the settings, and with another one everything continues
    revoked: async () => undefined,
    async check() {
      const { teamId: team, botUserId: bot } = await known();
      return { team, bot };
    },
  };
}
