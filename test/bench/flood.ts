import { type ChildProcess, execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { silentLogger } from '../../src/platform/logger.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { createToken } from '../../src/services/access/tokens.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { cpuMs, withApi } from './api.ts';
import { largeAccount } from './large-account.ts';
import { judge, percentile, say } from './measure.ts';

/** Each second: as many without a token as with one that nobody has or with a link that nobody signed. */
const PER_SECOND = 2_000;
const SECONDS = 10;
/** How often somebody with a valid token asks. */
const EVERY_MS = 50;
const MOST_MS = 250;
const CLIENT = fileURLToPath(new URL('./flood-client.ts', import.meta.url));
const run = promisify(execFile);

interface Flood {
  readonly sent: number;
  readonly statuses: Readonly<Record<string, number>>;
}

/** What somebody with a valid token gets while others without one send far more than they may. */
export async function benchFlood(mongodbUri: string): Promise<void> {
  const ctx: Ctx = { clock: systemClock, log: silentLogger(), actor: { kind: 'operator' }, nudge: () => undefined };
  const accountId = await largeAccount(ctx, { groups: 10, projectsEach: 1, members: [], name: 'Flooded' });
  const { secret } = await createToken(ctx, accountId, { name: 'Bench', scope: 'billing:read', days: null });
  for (const whose of ['one', 'many'] as const) {
    // behind a proxy, strangers have as many addresses as they like
    const env = { API_RATE_LIMIT: '600', ...(whose === 'many' && { TRUST_PROXY: '1' }) };
    await withApi(mongodbUri, [], ({ child, base }) => floodFrom(whose, { child, base, token: secret }), env);
  }
}

interface Flooded {
  readonly child: ChildProcess;
  readonly base: string;
  readonly token: string;
}

async function floodFrom(whose: 'one' | 'many', { child, base, token }: Flooded): Promise<void> {
  const calm = await ask(base, token, 2);
  const before = cpuMs(child);
  const flood = run(process.execPath, [
    ...['--import', 'tsx', CLIENT, new URL(base).port, String(PER_SECOND), String(SECONDS), whose],
  ]);
  // until it has started
  await wait(1_500);
  const during = await ask(base, token, SECONDS - 1);
  const { sent, statuses }: Flood = JSON.parse((await flood).stdout);
  const cpu = (cpuMs(child) - before) / sent;
  const answered = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
  say(
    `${PER_SECOND} requests/s without valid credentials from ${whose === 'one' ? 'one address' : 'addresses without end'}, ` +
      `${cpus().length} cores for the API, its database and both clients: ${sent} sent, ${answered.join(', ')}; ` +
      `${cpu.toFixed(2)} ms of CPU of the process each`,
  );
  judge(
    `Requests with a valid token meanwhile: ${during.took.length}, 99 of 100 within (${percentile(calm.took, 0.99).toFixed(0)} ms before)`,
    { value: percentile(during.took, 0.99), most: MOST_MS, unit: ' ms' },
  );
  judge('Of them not answered with 200', { value: during.refused, most: 0 });
}

/** Asks again and again, one request after another: how long each took, and how many got anything but a 200. */
async function ask(base: string, token: string, seconds: number): Promise<{ took: number[]; refused: number }> {
  const took: number[] = [];
  let refused = 0;
  for (const began = performance.now(); performance.now() - began < seconds * 1_000; ) {
    const start = performance.now();
    const response = await fetch(`${base}/v1/billing-group`, { headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    took.push(performance.now() - start);
    if (response.status !== 200) refused += 1;
    await wait(EVERY_MS);
  }
  return { took, refused };
}
