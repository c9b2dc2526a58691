import { announceDryRuns } from '../src/services/invoicing/dry-run.ts';
import type { Job } from './kit/job.ts';

/** Announces what the next close would do, three days ahead. */
export const dryRunJob: Job = {
  name: 'dry-run',
  does: 'announces what the next close would issue and hold back, three days ahead',
  everyMs: 600_000,
  zone: 'months are in the account’s time zone',
  concurrency: 'each process',
  missed: 'the next close is announced, once',
  run: announceDryRuns,
};
