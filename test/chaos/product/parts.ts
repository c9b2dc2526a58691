import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault, Message, Seed } from '../../../src/local/workspace/index.ts';

export const SECRET = 'a-secret-for-tests';
export const BOT_TOKEN = 'xoxb-for-tests';
const RESTART_MS = 300;
const READY_EVERY_MS = 250;

/** Where a process runs: the sources, or the folder they were compiled into. */
interface Place {
  readonly folder: string;
  readonly loader: readonly string[];
  readonly clock: string;
}
const SOURCES: Place = { folder: '.', loader: ['--import', 'tsx'], clock: './test/chaos/product/moved-clock.ts' };

/** Starts a file with the run's clock. Its log goes to the file named by CHAOS_LOG. */
function startWithClock(
  { folder, loader, clock }: Place,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  hasIpc = false,
): ChildProcess {
  const { CHAOS_LOG } = process.env;
  const output = CHAOS_LOG ? openSync(CHAOS_LOG, 'a') : 'ignore';
  return spawn(process.execPath, [...loader, '--import', clock, ...args], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', output, output, ...(hasIpc ? (['ipc'] as const) : [])],
  });
}

/** A port that is currently free. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** A process of the product that is restarted whenever it exits, killed or not. */
export class Part {
  kills = 0;
  /** How often it exited without being killed: no database, or no Slack, while it started. */
  exits = 0;
  private child: ChildProcess;
  private isKilled = false;
  private hasEnded = false;
  private readonly begin: () => ChildProcess;

  private readonly tell: (what: string) => void;
  private readonly port: string;

  /**
   * @param file in the folder that the product was compiled into @param tell called with what happened to it: `was
   * killed`
   */
  constructor(folder: string, file: string, env: NodeJS.ProcessEnv, tell: (what: string) => void = () => undefined) {
    this.tell = tell;
    this.port = env.PORT ?? '';
    const place = { folder, loader: [], clock: './test/chaos/product/moved-clock.js' };
    this.begin = () => startWithClock(place, [file], env);
    this.child = this.start();
  }

  kill(): void {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.isKilled = true;
    if (!this.child.kill('SIGKILL')) return;
    this.kills += 1;
    this.tell('was killed');
  }

  end(): void {
    this.hasEnded = true;
    this.child.kill('SIGKILL');
  }

  private start(): ChildProcess {
    const child = this.begin();
    void this.tellWhenReady(child);
    child.once('exit', async () => {
      if (!this.isKilled && !this.hasEnded) {
        this.exits += 1;
        this.tell('did not start');
      }
      this.isKilled = false;
      await wait(RESTART_MS);
      if (!this.hasEnded) this.child = this.start();
    });
    return child;
  }

  private async tellWhenReady(child: ChildProcess): Promise<void> {
    const began = performance.now();
    while (child.exitCode === null && child.signalCode === null && !this.hasEnded) {
      const isReady = await fetch(`http://127.0.0.1:${this.port}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) return this.tell(`was ready after ${((performance.now() - began) / 1000).toFixed(1)} s`);
      await wait(READY_EVERY_MS);
    }
  }
}

/** What is in the Slack workspace. */
interface Seen {
  readonly messages: readonly Message[];
  readonly ephemerals: readonly Message[];
  /** How often calls met a fault, by its kind, and by kind and call. */
  readonly met: Readonly<Record<string, number>>;
}

/** The local Slack workspace as a process, with people who act in it and its test panel's settings. */
export class SlackProcess {
  readonly apiUrl: string;
  private readonly child: ChildProcess;
  private readonly url: string;
  private asked = 0;
  private keepsLimits = false;

  private constructor(child: ChildProcess, url: string) {
    this.child = child;
    this.url = url;
    this.apiUrl = `${url}/api/`;
  }

  static async start(seed: Seed, appUrls: readonly string[]): Promise<SlackProcess> {
    const child = startWithClock(SOURCES, ['test/children/slack.ts', SECRET, BOT_TOKEN, ...appUrls], {}, true);
    child.setMaxListeners(0);
    child.send(seed);
    const [said]: { url: string }[] = await once(child, 'message');
    if (!said) throw new Error('Slack did not say where it is');
    return new SlackProcess(child, said.url);
  }

  fault(fault: Fault): Promise<object> {
    return this.post('bench/fault', { ...fault });
  }

  /** Ends every fault, and restores the token. */
  async calm(): Promise<void> {
    await this.clearFaults();
    await this.post('bench/token', { revoked: false });
    await this.limit(false);
  }

  clearFaults(): Promise<object> {
    return this.post('bench/clear-faults', {});
  }

  /** Ends the faults that last until they are cleared. The others still wait for calls. */
  async endLastingFaults(): Promise<void> {
    const { bench } = (await this.post('bench/rate-limits', { on: this.keepsLimits })) as {
      bench: { faults: readonly (Fault & { left: number | 'always' })[] };
    };
    await this.clearFaults();
    for (const { left, ...fault } of bench.faults) if (left !== 'always') await this.fault({ ...fault, times: left });
  }

  /** Whether Slack applies its own rate limits. */
  async limit(on: boolean): Promise<void> {
    this.keepsLimits = on;
    await this.post('bench/rate-limits', { on });
  }

  bench(name: string, body: object): Promise<object> {
    return this.post(`bench/${name}`, body);
  }

  act(name: string, as: string, more: object = {}): Promise<object> {
    return this.post(`act/${name}`, { as, ...more });
  }

  command(as: string, channel: string, text: string): Promise<object> {
    return this.act('command', as, { channel, text });
  }

  async upload(as: string, channel: string, name: string, bytes: string): Promise<void> {
    const query = new URLSearchParams({ as, channel, name });
    await this.ask(`${this.url}/-/upload?${query}`, 'text/csv', bytes);
  }

  /** Clicks the button with this action in a message, if it has one. */
  async click(as: string, { channel, ts, blocks = [] }: Message, actionId: string): Promise<void> {
    for (const block of blocks) {
      if (!('elements' in block) || !block.block_id) continue;
      const found = (block.elements as { action_id?: string }[]).find((one) => one.action_id?.startsWith(actionId));
      if (!found) continue;
      const target = { kind: 'message', channel, ts };
      await this.post('act/click', { as, target, action_id: found.action_id, block_id: block.block_id });
      return;
    }
    throw new Error(`The message has no button ${actionId}`);
  }

  /** Everything in the workspace, or the offer that one person has for a file. */
  async look(offerOf?: string): Promise<Seen> {
    this.asked += 1;
    const id = this.asked;
    const answer = new Promise<Seen>((resolve) => {
      const hear = (said: Seen & { id?: number }) => {
        if (said.id !== id) return;
        this.child.off('message', hear);
        resolve(said);
      };
      this.child.on('message', hear);
    });
    this.child.send({ id, ...(offerOf !== undefined && { offerOf }) });
    return answer;
  }

  end(): void {
    this.child.kill('SIGKILL');
  }

  private post(name: string, body: object): Promise<object> {
    return this.ask(`${this.url}/-/${name}`, 'application/json', JSON.stringify(body));
  }

  private async ask(url: string, type: string, body: string): Promise<object> {
    const response = await fetch(url, { method: 'POST', headers: { origin: this.url, 'content-type': type }, body });
    const answer = (await response.json()) as object;
    if (!response.ok) throw new Error(`${url}: ${JSON.stringify(answer)}`);
    return answer;
  }
}
