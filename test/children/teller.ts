// Delivers notifications until it is killed: numbers events and posts them, woken by the schedule as in the product.
import mongoose from 'mongoose';
import type { Job } from '../../jobs/kit/job.ts';
import { startSchedule } from '../../jobs/kit/schedule.ts';
import { Ticks } from '../../jobs/kit/ticks.ts';
import { newsJob } from '../../jobs/news.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { numberEvents } from '../../src/services/events/event-log.ts';
import { createSlackApp } from '../../src/slack/app/app.ts';

const [uri = '', slackApiUrl = '', pace = '1000'] = process.argv.slice(2);
const log = createLogger({ level: process.env.TEST_LOG ? 'warn' : 'silent' });
const clock = { now: () => new Date() };
await mongoose.connect(uri, { autoIndex: false, autoCreate: false, serverSelectionTimeoutMS: 10_000 });
const way = { kind: 'http', signingSecret: 'a-secret-for-tests' } as const;
const app = createSlackApp({ botToken: 'xoxb-for-tests', way, log, clock, slackApiUrl });
const numbering: Job = {
  ...{ name: 'number-events', does: 'numbers', everyMs: 1_000, concurrency: 'each process', missed: 'all' },
  run: numberEvents,
};
const jobs = [numbering, newsJob(app.workspaces, Number(pace))];
const ticks = new Ticks(jobs, { clock, log });
await startSchedule(jobs, ticks, log);
process.stdout.write('ready\n');
