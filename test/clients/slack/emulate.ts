import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SCOPES } from '../../../src/slack/install/scopes.ts';

export const CLIENT = { id: '12345.67890', secret: 'example_client_secret' } as const;
/** The token of a person in the stand-in, to upload files and read channels. */
const PERSON_TOKEN = 'xoxp-person';

/** A stand-in for Slack that nobody here wrote: the npm package `emulate` (https://emulate.dev). */
export interface Emulate {
  /** Ends in `/`. */
  readonly url: string;
  /** Calls a Web API method, as a person unless a token is given. @throws {Error} with Slack's error code */
  call(method: string, args: Readonly<Record<string, string>>, token?: string): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** @param folder in which `npm install emulate` was run; it needs Node 22 */
export async function startEmulate(folder: string): Promise<Emulate> {
  const port = await freePort();
  const seed = path.join(folder, 'slack-seed.json');
  const scopes = Object.keys(SCOPES);
  writeFileSync(
    seed,
    JSON.stringify({
      slack: {
        team: { name: 'Acme', domain: 'acme' },
        users: ['ann', 'bob'].map((name) => ({ name, real_name: name, email: `${name}@example.com` })),
        channels: [{ name: 'finance', topic: 'Invoices' }],
        oauth_apps: [
          {
            ...{
              client_id: CLIENT.id,
              client_secret: CLIENT.secret,
              app_id: 'A000000001',
              name: 'Billing groups',
              scopes,
            },
            ...{ bot_name: 'billing', redirect_uris: ['http://127.0.0.1/slack/oauth_redirect'] },
          },
        ],
        tokens: [{ token: PERSON_TOKEN, user: 'ann', scopes: [...scopes, 'channels:manage', 'channels:write'] }],
      },
    }),
  );
  const args = ['22', 'node', path.join(folder, 'node_modules/emulate/dist/index.js')];
  // files are only fetched from the Web API's own host
  const own = ['--port', String(port), '--base-url', `http://127.0.0.1:${port}`, '--seed', seed];
  const child = spawn('.ci/on-node', [...args, 'start', '--service', 'slack', ...own], {
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}/`;
  const isUp = () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error('emulate ended');
    await wait(100);
  }
  return {
    url,
    async call(method, given, token = PERSON_TOKEN) {
      const response = await fetch(`${url}api/${method}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: new URLSearchParams(given),
      });
      const answer = (await response.json()) as Record<string, unknown>;
      if (answer.ok !== true) throw new Error(`${method}: ${String(answer.error)}`);
      return answer;
    },
    async stop() {
      if (child.pid !== undefined) process.kill(-child.pid);
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
