import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Local mode as started by `npm start`, with a separate data folder. */
export interface LocalModeProcess {
  readonly url: string;
  readonly dataDir: string;
  /** Milliseconds from the start to the page's first answer. */
  readonly pageAfterMs: number;
  /** The terminal output so far. */
  output(): string;
  /** Resolves when its output contains this. @throws {Error} with the output, when it exits or time runs out first */
  says(words: string, timeoutMs?: number): Promise<void>;
  /** Stops it like Ctrl-C, and deletes its data. @returns its exit code */
  stop(): Promise<number | null>;
}

const START_LIMIT_MS = 400_000;
const POLL_MS = 50;

/** Starts it on a free port. Resolves when its page responds. */
export async function startLocalMode(env: NodeJS.ProcessEnv = {}): Promise<LocalModeProcess> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'billing-groups-local-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/bin/server.ts'], {
    // without the tests' environment: it must find its own database, as on a new machine
    env: { ...withoutTests(process.env), DATA_DIR: dataDir, LOCAL_PORT: String(port), ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
  const until = async (isTrue: () => boolean | Promise<boolean>, what: string, timeoutMs: number) => {
    const end = performance.now() + timeoutMs;
    while (!(await isTrue())) {
      if (child.exitCode !== null || performance.now() > end) throw new Error(`It did not ${what}:\n${output}`);
      await sleep(POLL_MS);
    }
  };
  const stop = async () => {
    const code = await ended(child);
    rmSync(dataDir, { recursive: true, force: true });
    return code;
  };
  try {
    await until(() => answers(url), 'answer', START_LIMIT_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    dataDir,
    pageAfterMs: Math.round(performance.now() - began),
    output: () => output,
    says: (words, timeoutMs = START_LIMIT_MS) => until(() => output.includes(words), `say “${words}”`, timeoutMs),
    stop,
  };
}

function withoutTests({ TEST_MONGODB_URI: _, MONGODB_URI: __, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, NODE_OPTIONS: '', NODE_ENV: 'development' };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  return exit;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
