import {
  refreshUserGroup,
  teamsToRefresh,
  type UserGroupId,
  userGroupsToRefresh,
} from '../src/services/access/user-groups.ts';
import { eachOfAll, type Loop } from '../src/services/background/each-of-all.ts';
import type { Messengers } from '../src/slack/web-api/messengers.ts';
import type { Job } from './kit/job.ts';

/** How many groups per tick: Slack allows about twenty such requests per minute. */
const BATCH = 10;
const REFRESHING: Loop<UserGroupId> = {
  kind: 'user-group',
  name: ({ teamId, userGroupId }) => ({ id: `${teamId}:${userGroupId}` }),
  most: BATCH,
};

/** Asks Slack again for the users of the user groups that have a role or lead projects, since an event can be lost. */
export function userGroupsJob(messengers: Messengers): Job {
  return {
    name: 'user-groups',
    does: 'refreshes from Slack who is in the user groups that have a role or lead projects',
    everyMs: 300_000,
    concurrency: 'one',
    missed: 'those refreshed longest ago come first',
    async run(ctx) {
      const groups = await userGroupsToRefresh(await messengers.installedAmong(await teamsToRefresh()));
      await eachOfAll(ctx, REFRESHING, groups, async (group) => {
        const messenger = await messengers.of(group.teamId);
        await refreshUserGroup(ctx, group, await messenger.usersInGroup(group.userGroupId));
      });
    },
  };
}
