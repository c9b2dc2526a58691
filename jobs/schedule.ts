import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda, type Job as AgendaJob } from 'agenda';
import type { Logger } from '../src/log.ts';
import { database } from '../src/store/connect.ts';
import type { Job, Ticks } from './ticks.ts';

/** How often the scheduler looks for what is due, in milliseconds; a number, since its texts are read wrongly. */
const LOOK_EVERY_MS = 1_000;
/** After this long without a sign of life a run is taken for dead, and what a deploy left locked is free again. */
const LOCK_MS = 60_000;
const SIGN_OF_LIFE_MS = 20_000;
const DRAIN_MS = 20_000;

export interface Schedule {
  /** Lets running jobs finish, for at most 20 seconds. */
  stop(): Promise<void>;
}

/**
 * Starts the alarm clock of all jobs. Agenda only wakes them: what is due they find in the domain's own data, so that a
 * missed, doubled or lost alarm does no harm (docs of Agenda's weak points: the tests name them).
 */
export async function startSchedule(jobs: readonly Job[], ticks: Ticks, log: Logger): Promise<Schedule> {
  const agenda = new Agenda({
    backend: new MongoBackend({ mongo: database(), collection: 'jobs' }),
    processEvery: LOOK_EVERY_MS,
    defaultLockLifetime: LOCK_MS,
    defaultConcurrency: 1,
  });
  agenda.on('error', (error) => log.error({ err: error }, 'the scheduler failed'));
  // one parameter: with two, a handler is taken for callback style
  for (const job of jobs) agenda.define(job.name, (alarm) => whileAlive(alarm, () => ticks.run(job.name)));
  await agenda.start();
  for (const job of jobs) await agenda.every(job.everyMs, job.name);
  return {
    async stop() {
      await agenda.drain({ timeout: DRAIN_MS });
      await agenda.stop();
      await ticks.stop();
    },
  };
}

/** Says again and again that the run goes on: without it, another process would begin the same. */
async function whileAlive(alarm: AgendaJob, run: () => Promise<void>): Promise<void> {
  const beat = setInterval(() => alarm.touch().catch(() => undefined), SIGN_OF_LIFE_MS);
  try {
    await run();
  } finally {
    clearInterval(beat);
  }
}
