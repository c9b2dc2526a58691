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

/** How often the scheduler looks for what is due, in milliseconds; a number, since its texts are read wrongly. */
const LOOK_EVERY_MS = 1_000;
/** A run says so often in its lock's lifetime that it lives: two signs may be lost. */
const SIGNS_OF_LIFE = 3;
const DRAIN_MS = 20_000;
/** How often alarms are held against the clock. */
const MEND_EVERY_MS = 30_000;

export interface Schedule {
  /** Lets what runs finish, begins no more, and leaves nothing locked. @param graceMs how long it waits, 20 s if not given */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Starts the alarm clock of all jobs. Agenda only wakes them: what is due they find in the domain's own data, so that a
 * missed, doubled or lost alarm does no harm. What is known of its weak points, and how each is met, stands in
 * docs/jobs.md; test/jobs/scheduler.test.ts shows each.
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
    // one parameter: with two, a handler is taken for callback style
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
      // what it had taken and not begun, or not ended, it would leave locked until the lock's lifetime is over
      await unlockAlarmsOf(name);
    },
  };
}

/**
 * Brings back alarms that a clock set back has left far ahead: the next run is never further away than the interval, and
 * no lock began in the future.
 */
export async function repairAlarms(jobs: readonly Pick<Job, 'name' | 'everyMs'>[], now = new Date()): Promise<void> {
  await Promise.all(jobs.map(({ name, everyMs }) => bringAlarmBack(name, new Date(now.getTime() + everyMs), now)));
}

/** Says again and again that the run goes on: without it, another process would begin the same. */
async function whileAlive(alarm: Alarm, job: Job, run: () => Promise<void>): Promise<void> {
  // a run that ended while a process with another interval started has written the old one back
  alarm.attrs.repeatInterval = job.everyMs;
  const beat = setInterval(() => alarm.touch().catch(() => undefined), lockMsOf(job) / SIGNS_OF_LIFE);
  try {
    await run();
  } finally {
    clearInterval(beat);
  }
}

/**
 * Sets an alarm that is not set yet. Agenda's own `every` would take away the lock of a run that goes on in another
 * process, and push the next run away; so one that is there gets another interval, and is left alone for the rest.
 */
async function setAlarm(agenda: Agenda, { name, everyMs }: Job): Promise<void> {
  if (await setAlarmInterval(name, everyMs, new Date(Date.now() + everyMs))) return;
  try {
    await agenda.every(everyMs, name);
  } catch (error) {
    // another process has set it just now
    if (!isDuplicateKey(error)) throw error;
  }
}
