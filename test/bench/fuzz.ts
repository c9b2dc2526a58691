import { migrate } from '../../src/store/migrations/migrate.ts';
import { startApi } from '../support/api/api.ts';
import { fuzz } from '../support/api/api-fuzz-run.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { say } from './measure.ts';

const RUNS = 20_000;
const SEED = 1;

/** Twenty thousand requests generated from the OpenAPI document: no 5xx, no response that breaks its schema. */
export async function benchFuzz(): Promise<void> {
  await migrate();
  const clock = new TestClock('2026-11-10T12:00:00Z');
  const api = await startApi(clock);
  const began = performance.now();
  const { sent, statuses, faults } = await fuzz(api, contextAt(clock), { seed: SEED, runs: RUNS });
  await api.stop();
  const seconds = Math.round((performance.now() - began) / 1000);
  const counts = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`);
  say(`Fuzzing: ${sent} requests in ${seconds} s (${counts.join(', ')}), ${faults.length} faults`);
  for (const fault of faults.slice(0, 20)) say(`  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
