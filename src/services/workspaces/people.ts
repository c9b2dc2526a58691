import { isForgotten, teamIdOf } from '../../store/accounts/account-reads.ts';
import * as people from '../../store/workspaces/people.ts';
import { dueInReach, OUT_OF_REACH_MS } from '../background/due-in-reach.ts';
import type { Ctx } from '../kit/context.ts';

export type { PersonId } from '../../store/workspaces/people.ts';

/** After this time, Slack is asked for a name again, since an event about a change can be lost. */
const ASK_AGAIN_MS = 7 * 86_400_000;
/** Slack's IDs of users. Other actors in the log are named themselves: tokens, automation, the operator. */
const SLACK_USER = /^[UW][A-Z0-9]{2,}$/;

/** Whether an actor of the event log is a Slack user. */
export function isSlackUser(actor: string): boolean {
  return SLACK_USER.test(actor);
}

/**
 * The names of the Slack users among actors, by their IDs, without those that Slack hasn't been asked for yet. Makes
 * sure that it will be. Two queries; three more if there are any that were never seen.
 */
export async function actorNames(
  ctx: Ctx,
  accountId: string,
  actors: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const userIds = slackUsersIn(actors);
  if (userIds.length === 0) return new Map();
  const teamId = await teamIdOf(accountId);
  const known = await people.peopleOfTeam(teamId, userIds);
  const missing = userIds.filter((id) => !known.some(({ userId }) => userId === id));
  if (missing.length > 0 && !(await isForgotten(accountId))) {
    await people.notePeople(teamId, missing);
    // the retention period may have ended meanwhile
    if (await isForgotten(accountId)) await people.forgetPeople(teamId, missing);
    ctx.nudge('people');
  }
  return new Map(known.flatMap(({ userId, name }) => (name === null ? [] : [[userId, name]])));
}

/** How many people are looked at together. */
const MAX_DUE = 1_000;

/** In all workspaces that have the app installed: people whose names have to be asked for now. */
export async function peopleToAsk(
  ctx: Ctx,
  inReach: (people: readonly people.PersonId[]) => Promise<readonly people.PersonId[]>,
): Promise<readonly people.PersonId[]> {
  const now = ctx.clock.now();
  return dueInReach({
    ...{ due: () => people.peopleToAsk(now, MAX_DUE), limit: MAX_DUE, inReach },
    postpone: (others) => people.postponePeople(others, now, new Date(now.getTime() + OUT_OF_REACH_MS)),
  });
}

/** Stores what Slack says about a person; undefined if it doesn't know them. */
export async function storeName(ctx: Ctx, person: people.PersonId, name: string | undefined): Promise<void> {
  await people.setPersonName(person, name ?? null, new Date(ctx.clock.now().getTime() + ASK_AGAIN_MS));
}

/** Stores the name in Slack's news about a person, if they appear in a log. */
export async function noteName(person: people.PersonId, name: string | undefined): Promise<void> {
  if (name !== undefined) await people.renamePerson(person, name);
}

function slackUsersIn(actors: readonly string[]): string[] {
  return [...new Set(actors)].filter(isSlackUser);
}
