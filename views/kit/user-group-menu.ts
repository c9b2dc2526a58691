import { BriefCache } from '../../src/services/kit/brief-cache.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import type { Choice } from '../../src/slack/blocks/blocks.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';
import { isPlanWithoutUserGroups, listUserGroups, type SlackUserGroup } from '../../src/slack/web-api/people.ts';

/** Slack allows about twenty user group requests per minute, and a menu sends one per letter. */
const GROUPS_KEPT_MS = 30_000;
const MAX_WORKSPACES_KEPT = 1_000;

/** A user group in a menu. Its value includes its name, so that the menu can be shown again without asking Slack. */
export function userGroupChoice({ id, handle, name }: SlackUserGroup): Choice {
  const text = `${name} (@${handle})`.slice(0, 75);
  return { text, value: `${id} ${text}` };
}

/** The user group of a menu's value. */
export function readUserGroup(value: string): SlackUserGroup {
  const [, id = value, name = '', handle = ''] = /^(\S+) (.*?)(?: \(@(.*)\))?$/.exec(value) ?? [];
  return { id, name, handle };
}

/** False only if Slack says that the workspace's plan has none. Any other failure may be temporary. */
export async function hasUserGroups(asked: Promise<unknown>): Promise<boolean> {
  return asked.then(
    () => true,
    (error: unknown) => !isPlanWithoutUserGroups(error),
  );
}

/** The workspace's user groups, from Slack or kept from shortly before. */
export type ListUserGroups = (request: Pick<RequestContext, 'client' | 'teamId'>) => Promise<SlackUserGroup[]>;

/** The workspace's user groups, requested again after a while or a failure. */
export function keptUserGroups(deps: Deps): ListUserGroups {
  const kept = new BriefCache<SlackUserGroup[]>({
    most: MAX_WORKSPACES_KEPT,
    keptMs: GROUPS_KEPT_MS,
    elapsed: () => deps.clock.now().getTime(),
  });
  return ({ teamId, client }) => kept.get(teamId, () => listUserGroups(client));
}
