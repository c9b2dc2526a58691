import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { LogLevel, WebClient } from '@slack/web-api';
import {
  BOT_USER_ID,
  createWorkspaces,
  type Fields,
  type LocalWorkspaces,
  type WorkspacesOptions,
} from '../../../../src/local/workspace/index.ts';

export const ONE = 'T0ONE';
export const TWO = 'T0TWO';
/** In both workspaces, with the same IDs. */
export const OLGA = 'U0OLGA';
export const FINN = 'U0FINN';
export const GENERAL = 'C0GENERAL';
export const CREDENTIALS = { client_id: '1.2', client_secret: 'a-client-secret' };
export const SCOPES = ['chat:write', 'commands'];
export const REDIRECT = 'http://127.0.0.1:9/slack/oauth_redirect';

const TEAMS = [
  [ONE, 'Acme'],
  [TWO, 'Globex'],
] as const;

/** Two workspaces whose people and channels have the same IDs; the app isn't installed yet. */
export function makeTwo(options: Partial<WorkspacesOptions> = {}): Promise<LocalWorkspaces> {
  return createWorkspaces({
    port: 0,
    signingSecret: 'a-signing-secret',
    clientId: CREDENTIALS.client_id,
    clientSecret: CREDENTIALS.client_secret,
    redirectUris: [REDIRECT],
    scopes: SCOPES,
    slashCommands: [{ command: '/demo', description: 'Tries things out', usage_hint: '' }],
    teams: TEAMS.map(([id, name]) => ({ seed: seedOf(id, name) })),
    timing: { eventRetriesMs: [] },
    ...options,
  });
}

export function seedOf(id: string, name: string, enterprise_id?: string) {
  return {
    team: { id, name, domain: name.toLowerCase(), ...(enterprise_id !== undefined && { enterprise_id }) },
    users: [
      { id: OLGA, name: 'olga', real_name: `Olga of ${name}`, is_owner: true },
      { id: FINN, name: 'finn', real_name: `Finn of ${name}` },
    ],
    channels: [{ id: GENERAL, name: 'general', members: [OLGA, FINN, BOT_USER_ID] }],
    userGroups: [{ id: 'S0TEAM', handle: 'team', name: 'Team', users: [OLGA] }],
  };
}

/** A client without retries. */
export function clientOf(workspaces: LocalWorkspaces, token: string, teamId?: string): WebClient {
  const quiet = () => undefined;
  return new WebClient(token, {
    slackApiUrl: workspaces.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: {
      ...{ debug: quiet, info: quiet, warn: quiet, error: quiet },
      ...{ setLevel: quiet, getLevel: () => LogLevel.ERROR, setName: quiet },
    },
    ...(teamId !== undefined && { teamId }),
  });
}

/** Calls a method with a form, as HTTP. */
export async function call(workspaces: LocalWorkspaces, method: string, args: Record<string, string>, token?: string) {
  const response = await fetch(`${workspaces.apiUrl}${method}`, {
    method: 'POST',
    body: new URLSearchParams(args),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  return (await response.json()) as Fields;
}

export interface Heard {
  /** Bodies of events, commands and interactions, parsed. */
  readonly bodies: Fields[];
  stop(): void;
}

/** An app that acknowledges everything and keeps what it was sent. */
export async function startListener(workspaces: LocalWorkspaces): Promise<Heard> {
  const bodies: Fields[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const form = new URLSearchParams(body);
    const isJson = request.headers['content-type'] === 'application/json';
    bodies.push(
      isJson
        ? JSON.parse(body)
        : form.has('payload')
          ? JSON.parse(form.get('payload') ?? '')
          : Object.fromEntries(form),
    );
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  workspaces.connectApp(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`);
  return {
    bodies,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
