import type { Host } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { textOf } from '../json.ts';
import { oauthMethods } from '../oauth/methods.ts';
import { workspaceOfCall } from '../teams/route-call.ts';
import type { Fields } from '../types.ts';
import { unfurls } from '../unfurls/unfurl.ts';
import { chat } from './chat.ts';
import { conversations } from './conversations.ts';
import { files } from './files.ts';
import type { Methods } from './method.ts';
import { userGroups } from './user-groups.ts';
import { users } from './users.ts';
import { views } from './views.ts';

const METHODS: Methods = { ...chat, ...conversations, ...files, ...unfurls, ...userGroups, ...users, ...views };

/**
 * Handles a Web API call.
 * @param token from the Authorization header, if any; otherwise the argument `token` is used
 * @param basic the app's credentials from the header, if any
 * @returns Slack's answer; a refusal is an answer too
 */
export async function callMethod(
  host: Host,
  name: string,
  { token, basic }: { token: string | undefined; basic?: { id: string; secret: string } | undefined },
  args: Fields,
): Promise<Fields> {
  try {
    const given = token ?? textOf(args, 'token');
    if (name === 'api.test') return apiTest(args);
    if (name === 'apps.connections.open') return { ok: true, ...openSocket(host, given) };
    const ofApp = Object.hasOwn(oauthMethods, name) ? oauthMethods[name] : undefined;
    if (ofApp) return { ok: true, ...(await ofApp(host, given, { ...fromHeader(basic), ...args })) };
    const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (!method) throw new SlackRefusal('unknown_method');
    const core = workspaceOfCall(host, name, given, args);
    if (core.bench.isRevoked) throw new SlackRefusal('token_revoked');
    return { ok: true, ...(await method(core, args)) };
  } catch (error) {
    if (error instanceof SlackRefusal) return error.body();
    throw error;
  }
}

function fromHeader(basic: { id: string; secret: string } | undefined): Fields {
  return basic ? { client_id: basic.id, client_secret: basic.secret } : {};
}

function apiTest(args: Fields): Fields {
  const error = textOf(args, 'error');
  return error === undefined ? { ok: true, args } : { ok: false, error, args };
}

/** Socket Mode requires the app-level token, not the bot's. */
function openSocket(host: Host, token: string | undefined): Fields {
  if (token === undefined) throw new SlackRefusal('not_authed');
  if (host.installations.knows(token)) throw new SlackRefusal('not_allowed_token_type');
  if (!host.sockets.takes(token)) throw new SlackRefusal('invalid_auth');
  return { url: host.sockets.address(host.url) };
}
