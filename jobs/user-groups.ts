import { refreshUserGroup, type UserGroupId, userGroupsToRefresh } from '../src/services/access/user-groups.ts';
import { eachOfAll, type Loop } from '../src/services/background/each-of-all.ts';
import type { Messenger } from '../src/slack/web-api/messenger.ts';
import type { Job } from './kit/job.ts';

/** How many groups per tick: Slack allows about twenty such requests per minute. */
const BATCH = 10;
/** How many are checked, so that failing groups don't take the places of others. */
const MAX_KNOWN = 1_000;
const REFRESHING: Loop<UserGroupId> = {
  kind: 'user-group',
  name: ({ teamId, userGroupId }) => ({ id: `${teamId}:${userGroupId}` }),
  most: BATCH,
};

/** Asks Slack again for the users of the user groups that are members, since an event can be lost. */
export function userGroupsJob(messenger: Messenger): Job {
  return {
    name: 'user-groups',
    does: 'refreshes from Slack who is in the user groups that have a role',
    everyMs: 300_000,
    concurrency: 'one',
    missed: 'those refreshed longest ago come first',
    async run(ctx) {
      await eachOfAll(ctx, REFRESHING, await userGroupsToRefresh(MAX_KNOWN), async (group) =>
        refreshUserGroup(ctx, group, await messenger.usersInGroup(group.userGroupId)),
      );
    },
  };
}
