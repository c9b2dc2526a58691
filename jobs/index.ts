import { refreshEstimates } from '../src/services/estimates.ts';
import { closeDue } from '../src/services/invoices.ts';
import { numberEvents } from '../src/services/log.ts';
import type { Messenger } from '../src/slack/messenger.ts';
import { creditsJob } from './credits.ts';
import { homeJob } from './home.ts';
import { importsJob } from './imports.ts';
import { movesJob } from './moves.ts';
import { newsJob } from './news.ts';
import type { Job } from './ticks.ts';
import { userGroupsJob } from './user-groups.ts';

/**
 * All that happens by itself, and how often.
 *
 * @param paceMs between two messages to one channel
 */
export function allJobs(messenger: Messenger, { paceMs }: { paceMs?: number } = {}): Job[] {
  return [
    { name: 'number-events', everyMs: 5_000, run: numberEvents },
    { name: 'estimates', everyMs: 10_000, run: refreshEstimates },
    { name: 'close', everyMs: 30_000, run: closeDue },
    importsJob(messenger),
    newsJob(messenger, paceMs),
    creditsJob,
    movesJob(messenger),
    homeJob(messenger),
    userGroupsJob(messenger),
  ];
}
