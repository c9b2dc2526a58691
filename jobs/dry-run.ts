import { announceDryRuns } from '../src/services/dry-run.ts';
import type { Job } from './ticks.ts';

/** Tells what the next close would do, three days ahead of it. */
export const dryRunJob: Job = { name: 'dry-run', everyMs: 600_000, run: announceDryRuns };
