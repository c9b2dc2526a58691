import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';
import { systemClock } from '../../src/platform/system-clock.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { tokenFor } from '../support/api/api.ts';
import { startCollector } from '../support/collector.ts';
import { anAccount, contextAt } from '../support/context.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

function start(env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'src/bin/api.ts'], {
    env: { ...process.env, NODE_OPTIONS: '', PORT: '0', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Its log so far; `until` waits for a line. */
function logOf(child: ChildProcess) {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const lines = (): Record<string, unknown>[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const until = async (msg: string): Promise<Record<string, unknown>> => {
    for (let tries = 0; tries < 600; tries += 1) {
      const found = lines().find((line) => line.msg === msg);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`It did not say “${msg}”: ${text}`);
  };
  return { until, all: () => text };
}

it('npm run api starts a separate process without Slack that logs no token and shuts down cleanly', async () => {
  const ctx = contextAt(systemClock);
  const { _id: accountId } = await anAccount(ctx);
  await createGroup(ctx, { accountId, name: 'Blue' });
  const token = await tokenFor(systemClock, accountId);
  const collector = await startCollector();
  const child = start({ MONGODB_URI: testDatabaseUri(), OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const ended = once(child, 'exit');
  const log = logOf(child);
  const ready = await log.until('ready');
  const url = `http://127.0.0.1:${ready.port}`;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/v1/billing-group`, { headers });
  expect(await answer.json()).toMatchObject({ billing_groups: [{ billing_group_name: 'Blue' }] });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await log.until('api')).toMatchObject({
    operation: 'listBillingGroups',
    status: 200,
    actor: 'Power BI',
    method: 'GET',
  });
  expect(log.all()).not.toContain(token);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  // pending data is sent before the exit
  expect(collector.spans().map(({ name }) => name)).toEqual(['api listBillingGroups']);
  expect(collector.counts()).toEqual({ 'billing.api.duration listBillingGroups': 1 });
  expect(collector.raw()).not.toContain(token);
  await collector.stop();
});

it('in production the API never uses local mode’s database', async () => {
  const child = start({ NODE_ENV: 'production', MONGODB_URI: '' });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk));
  expect(await once(child, 'exit')).toEqual([78, null]);
  expect(said).toContain('MONGODB_URI');
});
