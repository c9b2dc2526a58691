import type { webApi } from '@slack/bolt';
import { EXIT_CONFIG, EXIT_UNAVAILABLE, StartupError } from '../../platform/startup-error.ts';
import { permanentErrorOf } from '../web-api/api-errors.ts';

/** The app's identity according to Slack. */
export interface Identity {
  readonly teamId: string;
  readonly teamName: string;
  readonly enterpriseId: string | undefined;
  readonly botUserId: string;
  readonly botId: string;
  /** The workspace's address. */
  readonly url: string;
  /** The token's scopes; empty if Slack doesn't return them. */
  readonly scopes: readonly string[];
}

/** The app can't start with Slack. The message tells the operator what is wrong and what to do. */
export class SlackStartError extends StartupError {
  override readonly name = 'SlackStartError';
  /** Slack's error code, or the network's. */
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    const isLasting = code === NOT_A_BOT || permanentErrorOf(cause) !== undefined;
    super(message, {
      cause,
      exitCode: isLasting ? EXIT_CONFIG : EXIT_UNAVAILABLE,
      mayPassWithinMs: isLasting ? 0 : Number.POSITIVE_INFINITY,
    });
    this.code = code;
  }
}

const NOT_A_BOT = 'not_a_bot';
const TOKEN_ERRORS = ['invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'not_allowed_token_type'];

/** Asks `auth.test`. @throws SlackStartError when Slack cannot be reached or does not know the token. */
export async function identify(client: webApi.WebClient): Promise<Identity> {
  const answer = await client.auth.test().catch((error: unknown) => {
    throw startError(
      error,
      'SLACK_BOT_TOKEN',
      'a Bot User OAuth Token (xoxb-…) from the app’s page "OAuth & Permissions"',
    );
  });
  const { team_id: teamId, user_id: botUserId, bot_id: botId } = answer;
  if (!teamId || !botUserId || !botId) {
    const message = 'SLACK_BOT_TOKEN isn’t a bot token. Set it to a Bot User OAuth Token (xoxb-…).';
    throw new SlackStartError(NOT_A_BOT, message, undefined);
  }
  return {
    teamId,
    teamName: answer.team ?? '',
    enterpriseId: answer.enterprise_id,
    botUserId,
    botId,
    url: answer.url ?? '',
    scopes: answer.response_metadata?.scopes ?? [],
  };
}

/**
 * Requests one Socket Mode connection, which is then left unused. The Socket Mode client itself would treat some
 * invalid tokens as a temporary problem and retry forever.
 * @throws SlackStartError
 */
export async function checkAppToken(client: webApi.WebClient): Promise<void> {
  await client.apps.connections.open({}).catch((error: unknown) => {
    throw startError(
      error,
      'SLACK_APP_TOKEN',
      'an App-Level Token (xapp-…) with the scope connections:write, and Socket Mode switched on',
    );
  });
}

function startError(error: unknown, setting: string, wanted: string): SlackStartError {
  const code = codeOf(error);
  if (TOKEN_ERRORS.includes(code)) {
    return new SlackStartError(code, `Slack doesn’t accept ${setting} (${code}). Set it to ${wanted}.`, error);
  }
  if (code === 'slack_webapi_request_error') {
    return new SlackStartError(
      code,
      'Slack can’t be reached. Check the network, the proxy and the address of the API.',
      error,
    );
  }
  return new SlackStartError(
    code,
    `Slack answered ${code} when asked about ${setting}. Check the token and https://slack-status.com.`,
    error,
  );
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const data = 'data' in error && typeof error.data === 'object' && error.data !== null ? error.data : {};
  if ('error' in data) return String(data.error);
  return 'code' in error ? String(error.code) : 'unknown';
}
