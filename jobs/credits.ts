import { expireCredits } from '../src/services/credits.ts';
import type { Job } from './ticks.ts';

/** Ends the credits whose time is over. */
export const creditsJob: Job = { name: 'credits', everyMs: 60_000, run: expireCredits };
