import { expireCredits } from '../src/services/credits/credits.ts';
import type { Job } from './kit/job.ts';

/** Ends the credits whose time is over. */
export const creditsJob: Job = {
  name: 'credits',
  does: 'ends credits whose time is over',
  everyMs: 60_000,
  concurrency: 'each process',
  missed: 'all whose time has passed are ended then; an invoice never uses one that is over, ended or not',
  run: expireCredits,
};
