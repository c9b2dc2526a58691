import type { SlackApiStandIn } from './slack-api.ts';

/** How Slack answers when the app is installed. */
export interface Installed {
  readonly team?: string | null;
  readonly enterprise?: string;
  readonly token: string;
  readonly refreshToken?: string;
  readonly expiresIn?: number;
  readonly scope?: string;
  readonly user?: string;
}

/** The answer of `oauth.v2.access`. */
export function installedAnswer(of: Installed) {
  const { team = 'T1', enterprise, token, refreshToken, expiresIn = 43_200, scope = 'chat:write', user = 'U1' } = of;
  return {
    ...{ ok: true, app_id: 'A1', access_token: token, token_type: 'bot', bot_user_id: 'UBOT', scope },
    team: team === null ? null : { id: team, name: `Team ${team} & Co` },
    enterprise: enterprise === undefined ? null : { id: enterprise, name: 'Org' },
    is_enterprise_install: team === null,
    authed_user: { id: user },
    ...(refreshToken !== undefined && { refresh_token: refreshToken, expires_in: expiresIn }),
  };
}

/** A browser that installs the app: it keeps the state's cookie, and returns from Slack with a code. */
export async function install(base: string, api: SlackApiStandIn, of: Installed): Promise<Response> {
  api.answer('oauth.v2.access', { body: installedAnswer(of) });
  const { state, cookie } = await begin(base);
  return complete(base, { code: 'code-1', state }, cookie);
}

/** The first step. @returns the state, and the browser's cookie */
export async function begin(base: string): Promise<{ state: string; cookie: string; to: URL }> {
  const response = await fetch(`${base}/slack/install`, { redirect: 'manual' });
  const to = new URL(response.headers.get('location') ?? '');
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { to, cookie, state: to.searchParams.get('state') ?? '' };
}

/** The last step: Slack leads the browser back. */
export function complete(base: string, query: Readonly<Record<string, string>>, cookie = ''): Promise<Response> {
  return fetch(`${base}/slack/oauth_redirect?${new URLSearchParams(query)}`, { headers: { cookie } });
}
