// Runs a job that takes a moment and one that never ends. On SIGTERM it stops the schedule and exits.
import { once } from 'node:events';
import type { Job } from '../../jobs/kit/job.ts';
import { startSchedule } from '../../jobs/kit/schedule.ts';
import { Ticks } from '../../jobs/kit/ticks.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';

const [uri = ''] = process.argv.slice(2);
const log = silentLogger();
let going = 0;
const usual = { does: 'is tried', everyMs: 1_000, concurrency: 'each process', missed: 'nothing' } as const;
const term = once(process, 'SIGTERM');
const jobs: Job[] = [
  {
    ...usual,
    name: 'close',
    async run() {
      going += 1;
      await term;
      await new Promise((resolve) => setTimeout(resolve, 300));
      process.stdout.write('the short one is done\n');
    },
  },
  {
    ...usual,
    name: 'estimates',
    async run() {
      going += 1;
      await new Promise(() => undefined);
    },
  },
];

await connectStore(uri);
const schedule = await startSchedule(jobs, new Ticks(jobs, { clock: { now: () => new Date() }, log }), log);
while (going < jobs.length) await new Promise((resolve) => setTimeout(resolve, 20));
process.stdout.write('running\n');
await term;
await schedule.stop(2_000);
await disconnectStore();
process.exit(0);
