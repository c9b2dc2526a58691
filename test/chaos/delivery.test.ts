import { expect, it } from '@jest/globals';
import { migrate } from '../../src/store/migrate.ts';
import { contextAt } from '../support/context.ts';
import { testDatabaseUri, useDatabase } from '../support/database.ts';
import { deliveryChaos } from './delivery/run.ts';

useDatabase(migrate);

/** `npm run chaos` has the long run; the seed is said with it. */
it('each channel is told each of its events once and in order, while Slack misbehaves and a process is killed', async () => {
  const outcome = await deliveryChaos(contextAt({ now: () => new Date() }), {
    uri: testDatabaseUri(),
    ...{ events: 60, channels: 4, processes: 3, perSecond: 30, paceMs: 20, seed: 11 },
    ...{ killEveryMs: 1_000, mostKills: 2, slowestMs: 800, leaseMs: 4_000, faultyPercent: 25 },
  });
  expect(outcome.faults).toEqual([]);
  expect(outcome.kills).toBe(2);
  expect(outcome.slackFaults).toBeGreaterThan(3);
  expect(outcome.messages).toBeGreaterThanOrEqual(4);
}, 600_000);
