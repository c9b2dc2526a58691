import { expect, it } from '@jest/globals';
import { Events } from '../../src/store/events/events.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';
import { runDelivery } from './delivery-run.ts';

useDatabase(migrate);

it('with three processes killed and Slack at its worst, each channel gets each event once and in order', async () => {
  const outcome = await runDelivery({
    ...{ uri: testDatabaseUri(), events: 300, channels: 6, processes: 3 },
    ...{ killEveryMs: 3_000, eventEveryMs: 250, paceMs: 50, killsAfterMs: 0 },
    ...{ share: 0.15, slowestMs: 1_000, seed: 1 },
  });
  expect(outcome.faults).toEqual([]);
  expect(outcome.messages).toBeGreaterThan(6);
  expect(outcome.kills).toBeGreaterThan(0);
  const numbers = await Events.distinct('logEntryId');
  expect(numbers.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
}, 240_000);
