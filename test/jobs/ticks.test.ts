import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../jobs/kit/job.ts';
import { Ticks } from '../../jobs/kit/ticks.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { Leases } from '../../src/store/kit/leases.ts';
import { inTransaction } from '../../src/store/kit/transaction.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const clock = { now: () => new Date() };
const lease = (_id: string) => ({ _id, token: 1, until: new Date(0) });

/** Ticks with one job. */
function ticksOf(run: () => Promise<unknown>): Ticks {
  const job: Job = {
    ...{ name: 'mails', does: 'is tried', everyMs: 60_000, concurrency: 'each process', missed: 'nothing' },
    run,
  };
  return new Ticks([job], { clock, log: silentLogger() });
}

describe('a job requested in a transaction', () => {
  it('starts after the commit, outside the transaction', async () => {
    const found: number[] = [];
    let committed: () => void = () => undefined;
    const commit = new Promise<void>((resolve) => {
      committed = resolve;
    });
    let hasBegun = false;
    const ticks = ticksOf(async () => {
      hasBegun = true;
      await commit;
      found.push(await Leases.countDocuments({ _id: 'asked in a transaction' }));
      // requested again while it runs, as by work queued meanwhile
      if (found.length === 1) ticks.nudge('mails');
    });
    let hadBegun = false;
    await inTransaction(async () => {
      await Leases.create([lease('asked in a transaction')]);
      ticks.nudge('mails');
      // a database call takes longer than starting a job
      await Leases.findById('anything').lean();
      hadBegun = hasBegun;
    });
    committed();
    await ticks.idle();
    expect({ hadBegun, found, counts: ticks.counts.get('mails') }).toEqual({
      hadBegun: false,
      found: [1, 1],
      counts: { runs: 2, failures: 0 },
    });
  });

  it('doesn’t start when the transaction is rolled back, and starts once when it is retried', async () => {
    let runs = 0;
    const ticks = ticksOf(async () => {
      runs += 1;
    });
    const rolledBack = inTransaction(async () => {
      await Leases.create([lease('rolled back')]);
      ticks.nudge('mails');
      throw new Error('Not like this');
    });
    await expect(rolledBack).rejects.toThrow('Not like this');
    await ticks.idle();
    expect(runs).toBe(0);
    await Leases.create([lease('made by another')]);
    let tries = 0;
    await inTransaction(async () => {
      tries += 1;
      ticks.nudge('mails');
      await Leases.create([lease(tries === 1 ? 'made by another' : 'made here')]);
    });
    await ticks.idle();
    expect({ tries, runs }).toEqual({ tries: 2, runs: 1 });
  });
});
