import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { document } from './openapi.ts';

/** The header in which prism names what doesn't match the description. */
export const VIOLATIONS = 'sl-violations';
const MOST_TRIES = 300;

/** A validating proxy between a client and the API, if PRISM names its program. Only by hand: it takes seconds to start. */
export interface Prism {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a validating proxy. @param upstream the API's address */
export async function startPrism(program: string, upstream: string): Promise<Prism> {
  const folder = mkdtempSync(path.join(tmpdir(), 'prism-'));
  const file = path.join(folder, 'openapi.json');
  // prism keeps the path of the upstream address
  writeFileSync(file, JSON.stringify({ ...document, servers: undefined }));
  const port = await freePort();
  const args = ['proxy', file, `${upstream}/v1`, '--port', String(port), '--validate-request=true'];
  const child: ChildProcess = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; !(await isThere(url)); tries++) {
    if (tries === MOST_TRIES) throw new Error('prism did not start');
    await wait(100);
  }
  return {
    url,
    async stop() {
      child.kill();
      await once(child, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

async function isThere(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
