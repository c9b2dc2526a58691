import { refreshUserGroup, userGroupsToRefresh } from '../src/services/user-groups.ts';
import type { Messenger } from '../src/slack/messenger.ts';
import type { Job } from './ticks.ts';

/** Groups of one tick: Slack answers about twenty such questions a minute. */
const BATCH = 10;

/** Asks Slack again who is in the user groups that are members: an event that says so may be lost. */
export function userGroupsJob(messenger: Messenger): Job {
  return {
    name: 'user-groups',
    everyMs: 300_000,
    async run(ctx) {
      for (const group of await userGroupsToRefresh(BATCH)) {
        await refreshUserGroup(ctx, group, await messenger.usersInGroup(group.userGroupId));
      }
    },
  };
}
