import type { Logger as BoltLogger, webApi } from '@slack/bolt';
import { type Installation, InstallProvider, InvalidStateError } from '@slack/oauth';
import type { InstallStateKeeper } from '../../services/workspaces/install-states.ts';
import type { BotTokens, NewInstallation } from '../../services/workspaces/installations.ts';
import { refusalOf } from '../web-api/api-errors.ts';
import { SCOPES } from './scopes.ts';

/** The app's credentials, from its page "Basic Information". */
export interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface OAuthOptions extends AppCredentials {
  readonly states: InstallStateKeeper;
  readonly clientOptions: webApi.WebClientOptions;
  readonly logger: BoltLogger;
  readonly slackApiUrl: string | undefined;
  readonly save: (installation: NewInstallation) => Promise<void>;
}

/** An installation without a state that isn't for a whole organization: it has to be begun at `/slack/install`. */
export class StateMissing extends Error {
  override readonly name = 'StateMissing';
}

/** What is asked of Slack in an installation. */
export const INSTALL_OPTIONS = { scopes: Object.keys(SCOPES) };

/**
 * Slack's OAuth flow. `asked` is for installations that were begun at `/slack/install`, whose state is checked.
 * `unasked` is for those that an admin began in Slack, which arrive without a state: only an organization's are taken.
 */
export function installProviders(options: OAuthOptions): { asked: InstallProvider; unasked: InstallProvider } {
  const { states, save, clientOptions, logger, clientId, clientSecret, slackApiUrl } = options;
  const provider = (isAsked: boolean) =>
    new InstallProvider({
      ...{ clientId, clientSecret, clientOptions },
      // without a state, it warns at every start of what is intended here
      logger: isAsked ? logger : { ...logger, warn: logger.debug },
      directInstall: true,
      stateVerification: isAsked,
      ...(isAsked && { stateStore: stateStore(states) }),
      ...(slackApiUrl !== undefined && { authorizationUrl: new URL('/oauth/v2/authorize', slackApiUrl).href }),
      installationStore: {
        storeInstallation: async (installation) => {
          if (!isAsked && !installation.isEnterpriseInstall)
            throw new StateMissing('Only an organization needs no state');
          await save(newInstallation(installation));
        },
        fetchInstallation: () => Promise.reject(new Error('Installations are read by services/workspaces')),
      },
    });
  return { asked: provider(true), unasked: provider(false) };
}

/** Exchanges a refresh token for new tokens. @throws what the Web API's client throws */
export function refreshWith(
  client: webApi.WebClient,
  { clientId, clientSecret }: AppCredentials,
  now: () => Date,
): (refreshToken: string) => Promise<Required<BotTokens>> {
  return async (refreshToken) => {
    const asked = now();
    const answer = await client.oauth.v2.access({
      ...{ client_id: clientId, client_secret: clientSecret },
      ...{ grant_type: 'refresh_token', refresh_token: refreshToken },
    });
    const { access_token: botToken, refresh_token: next, expires_in: seconds } = answer;
    if (!botToken || !next || !seconds) throw new Error('Slack returned no new tokens');
    return { botToken, refreshToken: next, expiresAt: new Date(asked.getTime() + seconds * 1000) };
  };
}

/** Slack's error codes for a token of an app that was uninstalled, or whose tokens were revoked. */
const ENDED: readonly string[] = ['account_inactive', 'invalid_auth', 'team_access_not_granted', 'token_revoked'];

/**
 * Whether Slack accepts a token; undefined for one that has expired, which it would otherwise accept or not.
 *
 * @throws what the Web API's client throws if Slack doesn't say
 */
export async function isTokenAccepted(client: webApi.WebClient): Promise<boolean | undefined> {
  try {
    await client.auth.test();
    return true;
  } catch (error) {
    const word = refusalOf(error) ?? '';
    if (ENDED.includes(word)) return false;
    if (word === 'token_expired') return undefined;
    throw error;
  }
}

function stateStore(states: InstallStateKeeper) {
  return {
    generateStateParam: () => states.create(),
    async verifyStateParam(_now: Date, state: string) {
      if (!(await states.use(state))) throw new InvalidStateError('The state has expired or was used before');
      return INSTALL_OPTIONS;
    },
  };
}

function newInstallation({ team, enterprise, bot, user, isEnterpriseInstall }: Installation): NewInstallation {
  if (!bot) throw new Error('Slack returned no bot token');
  const { token: botToken, refreshToken, expiresAt, id: botId, userId: botUserId, scopes } = bot;
  return {
    ...{ botToken, botId, botUserId, scopes, refreshToken },
    expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt * 1000),
    teamId: isEnterpriseInstall ? null : (team?.id ?? null),
    enterpriseId: enterprise?.id ?? null,
    name: (isEnterpriseInstall ? enterprise?.name : team?.name) ?? '',
    installedBy: user.id,
  };
}
