import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { say } from '../bench/measure.ts';
import { AVN_COMMANDS, type AvnCommand } from './avn-commands.ts';
import type { ClientWorld } from './world.ts';

/** A request as avn sent it, and the status that it got. Values of the world are `{name}`. */
export interface RecordedRequest {
  readonly command: string;
  readonly method: string;
  readonly path: string;
  readonly type: string | null;
  readonly body: unknown;
  readonly status: number;
}

interface Outcome {
  readonly code: number;
  readonly said: string;
}

/**
 * Runs each command of the published Python client against the API, and writes its requests to a file.
 *
 * @param folder with the packages of the client and what it needs, for PYTHONPATH
 * @returns what was wrong
 */
export async function runAvn(of: ClientWorld, folder: string, target: string | undefined): Promise<string[]> {
  const values: Record<string, string> = { ...of.values };
  const recorded: RecordedRequest[] = [];
  const faults: string[] = [];
  let current = '';
  const recorder = await startRecorder(of.url, (request) => {
    recorded.push({ command: current, ...named(request, values) });
  });
  const home = mkdtempSync(path.join(tmpdir(), 'avn-'));
  try {
    for (const command of AVN_COMMANDS) {
      current = command.args.join(' ');
      await of.settle();
      const args = command.args.map((arg) => filled(arg, values));
      const outcome = await avn(args, { folder, home, url: recorder.url, token: of.token });
      const found = faultsOf(command, outcome, values);
      say(`${found.length === 0 ? 'ok   ' : 'FAULT'} avn ${current} → ${outcome.code}`);
      faults.push(...found);
      if (command.args[1] === 'create' && command.args[2] === 'Made by avn' && outcome.code === 0) {
        values.made = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(outcome.said)?.[0] ?? 'missing';
      }
    }
  } finally {
    rmSync(home, { recursive: true });
    await recorder.stop();
  }
  if (target !== undefined) writeFileSync(target, `${JSON.stringify(recorded, null, 1)}\n`);
  return faults;
}

function avn(
  args: readonly string[],
  { folder, home, url, token }: { folder: string; home: string; url: string; token: string },
): Promise<Outcome> {
  const env = {
    ...{ PATH: process.env.PATH, HOME: home, PYTHONPATH: folder, COLUMNS: '200' },
    ...{ AIVEN_WEB_URL: url, AIVEN_AUTH_TOKEN: token, AIVEN_CONFIG_DIR: home },
  };
  return new Promise((resolve) => {
    execFile('python3', ['-m', 'aiven.client', ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: stdout + stderr });
    });
  });
}

function faultsOf(command: AvnCommand, { code, said }: Outcome, values: Readonly<Record<string, string>>): string[] {
  const { args, exit = 0, says = [] } = command;
  const missing = says.filter((text) =>
    typeof text === 'string' ? !said.includes(filled(text, values)) : !text.test(said),
  );
  if (code === exit && missing.length === 0 && !said.includes('Traceback')) return [];
  return [`avn ${args.join(' ')}: exit ${code} instead of ${exit}; lacks ${missing.join(', ')}; said ${said}`];
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
}

/** The request with names instead of values of this run. */
function named(request: Omit<RecordedRequest, 'command'>, values: Readonly<Record<string, string>>) {
  let text = JSON.stringify(request);
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(value, `{${name}}`);
  return JSON.parse(text) as typeof request;
}

/** Passes requests on, and tells of each. */
async function startRecorder(target: string, tell: (request: Omit<RecordedRequest, 'command'>) => void) {
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const { method = 'GET', url = '/', headers } = request;
    const answer = await fetch(`${target}${url}`, {
      method,
      headers: forwarded(headers),
      ...(body !== '' && { body }),
    });
    tell({
      ...{ method, path: url, type: headers['content-type'] ?? null, status: answer.status },
      body: body === '' ? null : JSON.parse(body),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function forwarded(headers: IncomingMessage['headers']): Record<string, string> {
  const kept = ['authorization', 'content-type', 'user-agent', 'accept'];
  return Object.fromEntries(kept.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : [])));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += piece;
  return text;
}
