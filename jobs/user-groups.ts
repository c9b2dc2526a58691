import { refreshUserGroup, userGroupsToRefresh } from '../src/services/user-groups.ts';
import type { Messenger } from '../src/slack/messenger.ts';
import type { Job } from './job.ts';

/** Groups of one tick: Slack answers about twenty such questions a minute. */
const BATCH = 10;

/** Asks Slack again who is in the user groups that are members: an event that says so may be lost. */
export function userGroupsJob(messenger: Messenger): Job {
  return {
    name: 'user-groups',
    does: 'asks Slack again who is in user groups that are members',
    everyMs: 300_000,
    concurrency: 'one',
    missed: 'those that were asked about the longest time ago come first',
    async run(ctx) {
      for (const group of await userGroupsToRefresh(BATCH)) {
        await refreshUserGroup(ctx, group, await messenger.usersInGroup(group.userGroupId));
      }
    },
  };
}
