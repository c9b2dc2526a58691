import { eachOfAll, type Loop } from '../src/services/background/each-of-all.ts';
import { type PersonId, peopleToAsk, storeName } from '../src/services/workspaces/people.ts';
import type { Messengers } from '../src/slack/web-api/messengers.ts';
import { inInstalledWorkspaces } from './kit/by-workspace.ts';
import type { Job } from './kit/job.ts';

/** How many people per tick: Slack allows about a hundred such requests per minute. */
const BATCH = 50;
const ASKING: Loop<PersonId> = {
  kind: 'person',
  name: ({ teamId, userId }) => ({ id: `${teamId}:${userId}` }),
  most: BATCH,
};

/** Asks Slack for the names of people in event logs, which the API shows, and again every week. */
export function peopleJob(messengers: Messengers): Job {
  return {
    name: 'people',
    does: 'asks Slack for the names of people in the event log, for the API',
    everyMs: 60_000,
    concurrency: 'one',
    missed: 'people without a name come first',
    async run(ctx) {
      const people = await peopleToAsk(ctx, (all) => inInstalledWorkspaces(messengers, all));
      await eachOfAll(ctx, ASKING, people, async (person) => {
        const messenger = await messengers.of(person.teamId);
        await storeName(ctx, person, await messenger.nameOf(person.userId));
      });
    },
  };
}
