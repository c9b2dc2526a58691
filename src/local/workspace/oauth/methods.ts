import type { Host } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { flagOf, textOf } from '../json.ts';
import { APP_ID, BOT_USER_ID } from '../state.ts';
import type { Fields } from '../types.ts';
import type { IssuedTokens, LocalInstallation } from './installations.ts';
import { uninstall } from './uninstall.ts';

/** A method of the Web API that belongs to the app rather than to a workspace. */
type AppMethod = (host: Host, token: string | undefined, args: Fields) => Fields | Promise<Fields>;

/** Installing, refreshing and uninstalling. */
export const oauthMethods: { readonly [name: string]: AppMethod } = {
  'oauth.v2.access': (host, _token, args) => {
    checkCredentials(host, args);
    const grant = textOf(args, 'grant_type') ?? 'authorization_code';
    if (grant === 'refresh_token') {
      const { installation, tokens } = host.installations.refresh(textOf(args, 'refresh_token'));
      return answer(host, installation, tokens);
    }
    if (grant !== 'authorization_code') throw new SlackRefusal('invalid_grant_type');
    const allowed = host.codes.use(textOf(args, 'code'), textOf(args, 'redirect_uri'));
    const tokens = host.installations.install(allowed);
    const installation = host.installations.holderOf(tokens.accessToken);
    return { ...answer(host, installation, tokens), authed_user: { id: allowed.by } };
  },

  'auth.revoke': async (host, token, args) => {
    const { id } = host.installations.holderOf(token);
    if (flagOf(args, 'test')) return { revoked: false };
    // without a token left, Slack uninstalls the app
    if (!host.installations.revoke(token ?? '')) await uninstall(host, id);
    return { revoked: true };
  },

  'apps.uninstall': async (host, token, args) => {
    const { id } = host.installations.holderOf(token);
    checkCredentials(host, args);
    await uninstall(host, id);
    return {};
  },
};

/** @throws SlackRefusal invalid_client_id, bad_client_secret */
function checkCredentials({ oauth }: Host, args: Fields): void {
  if (!oauth || textOf(args, 'client_id') !== oauth.clientId) throw new SlackRefusal('invalid_client_id');
  if (textOf(args, 'client_secret') !== oauth.clientSecret) throw new SlackRefusal('bad_client_secret');
}

function answer(host: Host, installation: LocalInstallation, tokens: IssuedTokens): Fields {
  const { id, isEnterprise, scopes } = installation;
  const team = isEnterprise ? undefined : host.teams.get(id)?.state.team;
  const organization = host.organizations.get(isEnterprise ? id : (team?.enterprise_id ?? ''));
  const { accessToken, refreshToken, expiresIn } = tokens;
  return {
    app_id: APP_ID,
    access_token: accessToken,
    token_type: 'bot',
    scope: scopes.join(),
    bot_user_id: BOT_USER_ID,
    team: team ? { id: team.id, name: team.name } : null,
    enterprise: organization ? { id: organization.id, name: organization.name } : null,
    is_enterprise_install: isEnterprise,
    ...(refreshToken !== undefined && { refresh_token: refreshToken, expires_in: expiresIn }),
  };
}
