import { expireCredits } from '../src/services/credits/credits.ts';
import type { Job } from './kit/job.ts';

/** Ends expired credits. */
export const creditsJob: Job = {
  name: 'credits',
  does: 'expires credits',
  everyMs: 60_000,
  concurrency: 'each process',
  missed: 'all credits past their end date expire. An invoice never uses a credit past its end date',
  run: expireCredits,
};
