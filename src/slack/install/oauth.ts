import type { Logger as BoltLogger, webApi } from '@slack/bolt';
import { type Installation, InstallProvider, InvalidStateError } from '@slack/oauth';
import type { InstallStateKeeper } from '../../services/workspaces/install-states.ts';
import type { BotTokens, NewInstallation } from '../../services/workspaces/installations.ts';
import { RefreshRefused } from '../../services/workspaces/token-rotation.ts';
import type { TokenState } from '../../services/workspaces/uninstall.ts';
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
    const exchange = {
      ...{ client_id: clientId, client_secret: clientSecret },
      grant_type: 'refresh_token' as const,
      refresh_token: refreshToken,
    };
    const answer = await client.oauth.v2.access(exchange).catch((error: unknown) => {
      const word = refusalOf(error) ?? '';
      throw REFUSED.includes(word) ? new RefreshRefused(word, { cause: error }) : error;
    });
    const { access_token: botToken, refresh_token: next, expires_in: seconds } = answer;
    if (!botToken || !next || !seconds) throw new Error('Slack returned no new tokens');
    return { botToken, refreshToken: next, expiresAt: new Date(asked.getTime() + seconds * 1000) };
  };
}

/**
 * Slack's error codes for a token of an app that was removed, or of a deleted workspace
 * (https://docs.slack.dev/reference/methods/auth.test). They don't pass.
 */
export const OVER: readonly string[] = ['account_inactive', 'token_revoked'];
/**
 * Those that an uninstalled app can get too, but also one that isn't: `invalid_auth` is the answer to a request from an
 * address that the workspace doesn't allow as well, and `team_access_not_granted` is about one workspace of several.
 */
const REJECTED: readonly string[] = ['invalid_auth', 'team_access_not_granted'];
/** Those for a refresh token that was used, or revoked. */
const REFUSED: readonly string[] = [...OVER, 'invalid_refresh_token'];

/**
 * What Slack says about the token of a client.
 *
 * @throws what the Web API's client throws if Slack doesn't say
 */
export async function tokenStateOf(client: webApi.WebClient): Promise<TokenState> {
  try {
    await client.auth.test();
    return 'accepted';
  } catch (error) {
    const word = refusalOf(error) ?? '';
    if (OVER.includes(word)) return 'over';
    if (REJECTED.includes(word)) return 'rejected';
    if (word === 'token_expired') return 'expired';
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
