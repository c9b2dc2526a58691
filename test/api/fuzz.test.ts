import { expect, it } from '@jest/globals';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { startApi } from '../support/api/api.ts';
import { fuzz } from '../support/api/api-fuzz-run.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

/** npm run bench fuzz sends ten times as many. */
const RUNS = 2_000;

it('no request is answered with 5xx or against the OpenAPI document', async () => {
  const clock = new TestClock('2026-11-10T12:00:00Z');
  const api = await startApi(clock);
  const { sent, statuses, faults } = await fuzz(api, contextAt(clock), { seed: 20_261_110, runs: RUNS });
  await api.stop();
  expect(faults).toEqual([]);
  expect(sent).toBe(RUNS);
  // all kinds of responses occur, so the requests pass the first checks
  for (const status of [200, 304, 400, 401, 403, 404, 409]) expect(statuses[status]).toBeGreaterThan(0);
});
