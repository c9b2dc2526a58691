import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { allJobs } from '../../jobs/index.ts';
import { type Job, lockMsOf } from '../../jobs/kit/job.ts';
import { type Schedule, startSchedule } from '../../jobs/kit/schedule.ts';
import { Ticks } from '../../jobs/kit/ticks.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import type { Tick } from '../../src/services/kit/context.ts';
import { Messenger } from '../../src/slack/web-api/messenger.ts';
import { inOneWorkspace } from '../../src/slack/web-api/messengers.ts';
import { collectionOf } from '../../src/store/kit/connect.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { nextLine, startChild } from '../support/children.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

interface Alarm {
  readonly name: string;
  readonly nextRunAt: Date | null;
  readonly lockedAt: Date | null;
  readonly repeatInterval: number;
}
const alarms = () => collectionOf<Alarm>('jobs');
const started: Schedule[] = [];
const clock = { now: () => new Date() };

beforeEach(async () => {
  await alarms().deleteMany({});
});
afterEach(async () => {
  for (const schedule of started.splice(0)) await schedule.stop(5_000);
});

/** Starts a process's scheduler with these jobs. */
async function start(...jobs: readonly Job[]): Promise<Schedule> {
  const log = silentLogger();
  const schedule = await startSchedule(jobs, new Ticks(jobs, { clock, log }), log);
  started.push(schedule);
  return schedule;
}

function job(name: Tick, run: () => Promise<unknown>, more: Partial<Job> = {}): Job {
  return { name, does: 'is tried', everyMs: 1_000, concurrency: 'each process', missed: 'nothing', run, ...more };
}

/** Polls until a condition is true. The test's own time limit ends it. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Work that continues until it is released, and how many runs there are at once. */
class Work {
  runs = 0;
  most = 0;
  private going = 0;
  private release: () => void = () => undefined;
  private readonly released = new Promise<void>((resolve) => {
    this.release = resolve;
  });

  readonly run = async (): Promise<void> => {
    this.runs += 1;
    this.going += 1;
    this.most = Math.max(this.most, this.going);
    await this.released;
    this.going -= 1;
  };

  letGo(): void {
    this.release();
  }
}

describe('the scheduler', () => {
  it('an alarm that was missed while no process ran goes off at the next start', async () => {
    let runs = 0;
    const once = job(
      'close',
      async () => {
        runs += 1;
      },
      { everyMs: 3_600_000 },
    );
    await start(once);
    await started.pop()?.stop();
    await alarms().updateOne({ name: 'close' }, { $set: { nextRunAt: new Date(Date.now() - 86_400_000) } });
    await start(once);
    await until(() => runs === 1);
    const alarm = await alarms().findOne({ name: 'close' });
    expect(alarm?.nextRunAt?.getTime()).toBeGreaterThan(Date.now());
  });

  it('a starting process doesn’t duplicate another’s run, nor delay its next run', async () => {
    const work = new Work();
    const slow = job('close', work.run);
    await start(slow);
    await until(() => work.runs === 1);
    const before = await alarms().findOne({ name: 'close' });
    let others = 0;
    await start(
      slow,
      job('estimates', async () => {
        others += 1;
      }),
    );
    // the new process has checked for due jobs more than once
    await until(() => others >= 3);
    const after = await alarms().findOne({ name: 'close' });
    expect(after?.lockedAt).not.toBeNull();
    expect(after?.nextRunAt?.getTime()).toBeLessThanOrEqual((before?.nextRunAt?.getTime() ?? 0) + 1_000);
    expect(work).toMatchObject({ runs: 1, most: 1 });
    work.letGo();
  });

  it('a failed job runs again on schedule, however often it fails', async () => {
    let runs = 0;
    await start(
      job('close', async () => {
        runs += 1;
        if (runs < 4) throw new Error('not yet');
      }),
    );
    await until(() => runs >= 4);
    expect(runs).toBeGreaterThanOrEqual(4);
  });

  it('a run that outlasts its lock renews it, and isn’t started twice', async () => {
    const work = new Work();
    const slow = job('close', work.run, { lockMs: 1_500 });
    let others = 0;
    const other = job('estimates', async () => {
      others += 1;
    });
    await start(slow, other);
    await start(slow, other);
    await until(() => work.runs === 1);
    const from = Date.now();
    // the lock expires three times, with a check every second
    await until(() => Date.now() - from > 4_500 && others > 2);
    expect(work).toMatchObject({ runs: 1, most: 1 });
    work.letGo();
  });

  it('a stop leaves nothing locked, not even jobs that didn’t finish in time', async () => {
    const work = new Work();
    await start(job('close', work.run));
    await until(() => work.runs === 1);
    expect((await alarms().findOne({ name: 'close' }))?.lockedAt).not.toBeNull();
    await started.pop()?.stop(100);
    expect((await alarms().findOne({ name: 'close' }))?.lockedAt).toBeNull();
    work.letGo();
  });

  it('an alarm locked by a killed process goes off again when its lock expires', async () => {
    let runs = 0;
    const quick = job(
      'close',
      async () => {
        runs += 1;
      },
      { lockMs: 1_000 },
    );
    await start(quick);
    await started.pop()?.stop();
    const past = new Date(Date.now() - 600_000);
    await alarms().updateOne({ name: 'close' }, { $set: { lockedAt: past, nextRunAt: past } });
    const before = runs;
    await start(quick);
    await until(() => runs > before);
    // and one whose last write was lost, so that it has no next run
    await started.pop()?.stop();
    await alarms().updateOne({ name: 'close' }, { $set: { lockedAt: null, nextRunAt: null } });
    const then = runs;
    await start(quick);
    await until(() => runs > then);
    expect(runs).toBeGreaterThan(before + 1);
  });

  it('no alarm stays locked for more than 20 s after its process was killed', () => {
    const jobs = allJobs(inOneWorkspace(new Messenger(new WebClient())), {
      vatOffice: { check: async () => 'unavailable' },
    });
    const longest = jobs.filter((one) => lockMsOf(one) > 20_000).map((one) => `${one.name}: ${lockMsOf(one)} ms`);
    expect(longest).toEqual([]);
  });

  it('a job that every process may run waits at most 6 s for a killed process', () => {
    const jobs = allJobs(inOneWorkspace(new Messenger(new WebClient())), {
      vatOffice: { check: async () => 'unavailable' },
    });
    const shared = jobs.filter(({ concurrency }) => concurrency === 'each process');
    expect(shared.length).toBeGreaterThan(10);
    expect(shared.filter((one) => lockMsOf(one) > 6_000).map(({ name }) => name)).toEqual([]);
  });

  it('each job has one alarm, however many processes start at once, and whatever was stored before', async () => {
    await alarms()
      .dropIndex('one_of_each')
      .catch(() => undefined);
    const doubled = { name: 'close', nextRunAt: new Date(), lockedAt: null, repeatInterval: 1_000 };
    await alarms().insertMany([{ ...doubled }, { ...doubled }]);
    const jobs = [job('close', async () => undefined), job('estimates', async () => undefined)];
    await Promise.all([start(...jobs), start(...jobs), start(...jobs)]);
    const names = (await alarms().find({}).toArray()).map(({ name }) => name);
    expect(names.sort()).toEqual(['close', 'estimates']);
  });

  it('a changed interval takes effect at the next start', async () => {
    let runs = 0;
    await start(
      job(
        'close',
        async () => {
          runs += 1;
        },
        { everyMs: 3_600_000 },
      ),
    );
    // the scheduler writes the whole alarm when its run ends
    await until(async () => runs === 1 && (await alarms().findOne({ name: 'close' }))?.lockedAt === null);
    await started.pop()?.stop();
    runs = 0;
    await start(
      job(
        'close',
        async () => {
          runs += 1;
        },
        { everyMs: 1_000 },
      ),
    );
    await until(() => runs >= 2);
    expect(await alarms().findOne({ name: 'close' })).toMatchObject({ repeatInterval: 1_000 });
  });

  it('a process stops in time even if a job hangs', async () => {
    const child = startChild('test/children/schedule.ts', [testDatabaseUri()]);
    expect(await nextLine(child)).toBe('running');
    child.process.kill('SIGTERM');
    expect(await nextLine(child)).toBe('the short one is done');
    expect(await child.ended).toBe(0);
    const locked = await alarms().countDocuments({ lockedAt: { $ne: null } });
    expect(locked).toBe(0);
  });
});
