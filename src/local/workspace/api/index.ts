import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { textOf } from '../json.ts';
import type { Fields } from '../types.ts';
import { chat } from './chat.ts';
import { conversations } from './conversations.ts';
import { files } from './files.ts';
import type { Methods } from './method.ts';
import { userGroups } from './user-groups.ts';
import { users } from './users.ts';
import { views } from './views.ts';

const METHODS: Methods = { ...chat, ...conversations, ...files, ...userGroups, ...users, ...views };

/**
 * Handles a Web API call.
 * @param token from the Authorization header, if any; otherwise the argument `token` is used
 * @returns Slack's answer; a refusal is an answer too
 */
export async function callMethod(core: Core, name: string, token: string | undefined, args: Fields): Promise<Fields> {
  try {
    if (name === 'api.test') return apiTest(args);
    if (name === 'apps.connections.open') return { ok: true, ...openSocket(core, token ?? textOf(args, 'token')) };
    const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (!method) throw new SlackRefusal('unknown_method');
    checkToken(core, token ?? textOf(args, 'token'));
    return { ok: true, ...(await method(core, args)) };
  } catch (error) {
    if (error instanceof SlackRefusal) return error.body();
    throw error;
  }
}

function apiTest(args: Fields): Fields {
  const error = textOf(args, 'error');
  return error === undefined ? { ok: true, args } : { ok: false, error, args };
}

function checkToken(core: Core, token: string | undefined): void {
  if (token === undefined) throw new SlackRefusal('not_authed');
  if (token !== core.botToken) throw new SlackRefusal('invalid_auth');
  if (core.bench.isRevoked) throw new SlackRefusal('token_revoked');
}

/** Socket Mode requires the app-level token, not the bot's. */
function openSocket(core: Core, token: string | undefined): Fields {
  if (token === undefined) throw new SlackRefusal('not_authed');
  if (token === core.botToken) throw new SlackRefusal('not_allowed_token_type');
  if (!core.sockets.takes(token)) throw new SlackRefusal('invalid_auth');
  return { url: core.sockets.address(core.url) };
}
