import { announceDryRuns } from '../src/services/invoicing/dry-run.ts';
import type { Job } from './kit/job.ts';

/** Tells what the next close would do, three days ahead of it. */
export const dryRunJob: Job = {
  name: 'dry-run',
  does: 'tells what the next close would issue and hold back, three days ahead of it',
  everyMs: 600_000,
  zone: 'a month ends by its account’s clock',
  concurrency: 'each process',
  missed: 'an announcement that is still ahead of its close is made then, once',
  run: announceDryRuns,
};
