import { refreshHomes } from '../src/services/accounts/home-visits.ts';
import { callerFor } from '../src/slack/requests/caller.ts';
import type { Messenger } from '../src/slack/web-api/messenger.ts';
import { homeFor } from '../views/home/home.ts';
import type { Job } from './kit/job.ts';

/** Keeps the Home up to date for anyone who opened it in the last hour. */
export function homeJob(messenger: Messenger): Job {
  return {
    name: 'home',
    does: 'updates the App Home of people who opened it in the last hour',
    everyMs: 10_000,
    concurrency: 'one',
    missed: 'nothing is missed: each App Home shows current data when it is opened',
    run: (ctx) =>
      refreshHomes(ctx, ({ teamId, userId, page }) =>
        messenger.publishHome(userId, () => homeFor(() => callerFor(ctx, { teamId, userId }), page)),
      ),
  };
}
