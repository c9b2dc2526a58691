import { refreshHomes } from '../src/services/accounts/home-visits.ts';
import { callerFor } from '../src/slack/requests/caller.ts';
import type { Messengers } from '../src/slack/web-api/messengers.ts';
import { homeFor } from '../views/home/home.ts';
import { inInstalledWorkspaces } from './kit/by-workspace.ts';
import type { Job } from './kit/job.ts';

/** Keeps the Home up to date for anyone who opened it in the last hour. */
export function homeJob(messengers: Messengers): Job {
  return {
    name: 'home',
    does: 'updates the App Home of people who opened it in the last hour',
    everyMs: 10_000,
    concurrency: 'one',
    missed: 'nothing is missed: each App Home shows current data when it is opened',
    run: (ctx) =>
      refreshHomes(ctx, {
        among: (visits) => inInstalledWorkspaces(messengers, visits),
        publish: async ({ teamId, userId, page }) =>
          (await messengers.of(teamId)).publishHome(userId, () =>
            homeFor(() => callerFor(ctx, { teamId, userId }), page),
          ),
      }),
  };
}
