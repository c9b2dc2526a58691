import { randomUUID } from 'node:crypto';
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda, type Job as Alarm } from 'agenda';
import type { Logger } from '../../src/platform/logger.ts';
import {
  ALARMS,
  bringAlarmBack,
  keepOneAlarmOfEach,
  setAlarmInterval,
  unlockAlarmsOf,
} from '../../src/store/kit/alarms.ts';
import { database } from '../../src/store/kit/connect.ts';
import { isDuplicateKey } from '../../src/store/kit/transaction.ts';
import { type Job, lockMsOf } from './job.ts';
import type { Ticks } from './ticks.ts';

/**
 * How often the scheduler checks for due jobs, in milliseconds. A number, since it misreads intervals given as text.
 */
const LOOK_EVERY_MS = 1_000;
/** How often a run renews its lock in the lock's lifetime: two renewals can be lost. */
const SIGNS_OF_LIFE = 3;
const DRAIN_MS = 20_000;
/** How often alarms are compared with the clock. */
const MEND_EVERY_MS = 30_000;

export interface Schedule {
  /**
   * Lets current runs finish, starts no more, and leaves nothing locked. @param graceMs how long it waits, 20 s by
   * default
   */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Starts the alarms of all jobs. Agenda only wakes them: they find what is due in the domain's own data, so a missed,
 * duplicate or lost alarm does no harm. docs/jobs.md lists its known weak points and what is done about each;
 * test/jobs/scheduler.test.ts shows each.
 */
export async function startSchedule(jobs: readonly Job[], ticks: Ticks, log: Logger): Promise<Schedule> {
  const name = randomUUID();
  const agenda = new Agenda({
    name,
    backend: new MongoBackend({ mongo: database(), collection: ALARMS }),
    processEvery: LOOK_EVERY_MS,
    defaultConcurrency: 1,
  });
  agenda.on('error', (error) => log.error({ err: error }, 'the scheduler failed'));
  for (const job of jobs) {
    // one parameter: with two, a handler is treated as callback style
    agenda.define(job.name, (alarm) => whileAlive(alarm, job, () => ticks.run(job.name)), {
      lockLifetime: lockMsOf(job),
    });
  }
  await keepOneAlarmOfEach();
  await agenda.start();
  await Promise.all(jobs.map((job) => setAlarm(agenda, job)));
  const mend = () =>
    repairAlarms(jobs).catch((error: unknown) => log.warn({ err: error }, 'scheduled jobs could not be checked'));
  const mending = setInterval(mend, MEND_EVERY_MS);
  return {
    async stop(graceMs = DRAIN_MS) {
      clearInterval(mending);
      const [, late] = await Promise.all([agenda.drain({ timeout: graceMs }), ticks.stop(graceMs)]);
      if (late.length > 0)
        log.warn({ jobs: late }, 'stopped before these jobs finished. The next process continues them');
      // otherwise, jobs that it took but didn't start or finish would stay locked until their locks expire
      await unlockAlarmsOf(name);
    },
  };
}

/**
 * Corrects alarms that a clock set back has left far ahead: the next run is at most one interval away, and no lock
 * starts in the future.
 */
export async function repairAlarms(jobs: readonly Pick<Job, 'name' | 'everyMs'>[], now = new Date()): Promise<void> {
  await Promise.all(jobs.map(({ name, everyMs }) => bringAlarmBack(name, new Date(now.getTime() + everyMs), now)));
}

/** Keeps renewing the run's lock, so that no other process starts the same run. */
async function whileAlive(alarm: Alarm, job: Job, run: () => Promise<void>): Promise<void> {
  // a run that ended while a process with another interval started has written back the old one
  alarm.attrs.repeatInterval = job.everyMs;
  const beat = setInterval(() => alarm.touch().catch(() => undefined), lockMsOf(job) / SIGNS_OF_LIFE);
  try {
    await run();
  } finally {
    clearInterval(beat);
  }
}

/**
 * Creates an alarm if it doesn't exist. Agenda's own `every` would remove the lock of a run in another process, and
 * delay the next run, so an existing alarm only gets its new interval.
 */
async function setAlarm(agenda: Agenda, { name, everyMs }: Job): Promise<void> {
  if (await setAlarmInterval(name, everyMs, new Date(Date.now() + everyMs))) return;
  try {
    await agenda.every(everyMs, name);
  } catch (error) {
    // another process has just created it
    if (!isDuplicateKey(error)) throw error;
  }
}
