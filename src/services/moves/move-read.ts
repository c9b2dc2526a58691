import { may } from '../../billing/account/role.ts';
import { FULL_SIGHT, PRIVATE_GROUP, Sight } from '../../billing/account/sight.ts';
import { mayApprove } from '../../billing/move/move.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { groupIdsApprovedBy, groupIdsWithApprover, groupNames } from '../../store/groups/group-reads.ts';
import {
  type MoveId,
  type MoveSearch,
  moveById,
  movesAskedBy,
  movesByIds,
  movesOfAccount,
  openMovesToApprove,
  unshownMoveById,
} from '../../store/moves/move-reads.ts';
import type { MoveDoc } from '../../store/moves/moves.ts';
import type { Admission } from '../access/admission.ts';
import { admit } from '../access/rights.ts';
import { sightOfUser } from '../access/sight.ts';
import { Hold } from '../background/held-lease.ts';
import type { Part, PartRequest } from '../groups/group-details.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import { partWith, seenPart } from '../kit/seen-part.ts';
import { groupsToDecide, peopleOf } from './move-people.ts';

/** The maximum number of requests shown to a person at once. */
const MOST_SHOWN = 20;
/** The maximum number of a person's own decided requests that are shown. */
const MOST_DECIDED = 5;
/** Longer than Slack's time limit for a response, so that nobody else starts while a response is pending. */
const TURN_MS = 20_000;

export {
  accountsWithUnshownMoves,
  eachUnshownMove as unshownMoves,
  type MoveId,
} from '../../store/moves/move-reads.ts';
export {
  markMoveShown as markShown,
  setCopies as noteCopies,
  setCopy as noteCopy,
} from '../../store/moves/move-writes.ts';
export { MOVE_STATES } from '../../store/moves/moves.ts';

/** A request as shown to people. */
export interface MoveSummary extends MoveDoc {
  readonly toGroupName: string;
  /** The names of the projects' current groups, without duplicates. */
  readonly fromGroupNames: readonly string[];
  /** The account's time zone, for the day on which the move takes effect. */
  readonly timeZone: string;
}

/** The requests that concern a person. */
export interface MovesOfPerson {
  /** Requests they can decide. */
  readonly waiting: readonly MoveSummary[];
  /** Their own requests: pending ones, then the last few decided ones. */
  readonly own: readonly MoveSummary[];
}

/** A request of an account that concerns the caller, or only groups that they see. @throws {Refusal} `move_not_found` */
export async function getMove(ctx: Ctx, accountId: string, requestId: string): Promise<MoveSummary> {
  const admission = await admit(ctx, accountId, 'see');
  const request = await moveById(accountId, requestId);
  const seen = request && (await isSeen(ctx, admission, request)) ? [request] : [];
  const [summary] = await withNames(seen, admission.account, admission.sight);
  if (!summary) throw new Refusal('move_not_found');
  return summary;
}

/**
 * Pending requests that the caller may decide and hasn't approved yet, oldest first, at most twenty; and their own
 * requests. At most four queries in addition to the permission check.
 */
export async function movesOf(ctx: Ctx, accountId: string): Promise<MovesOfPerson> {
  const admission = await admit(ctx, accountId, 'see');
  const { account, role, sight } = admission;
  const { actor } = ctx;
  if (actor.kind !== 'person' || role === null) return { waiting: [], own: [] };
  const { userId } = actor;
  const waiting = await openMovesFor(admission, userId);
  const asked = await movesAskedBy(accountId, userId, MOST_SHOWN + MOST_DECIDED);
  const open = asked.filter(({ state }) => state === 'open').slice(0, MOST_SHOWN);
  const decided = asked.filter(({ state }) => state !== 'open').slice(0, MOST_DECIDED);
  if (waiting.length + asked.length === 0) return { waiting: [], own: [] };
  const summaries = await withNames([...waiting, ...open, ...decided], account, sight);
  return { waiting: summaries.slice(0, waiting.length), own: summaries.slice(waiting.length) };
}

/** Requests of an account that concern only groups that the caller sees, or that they asked for, in the order of their IDs. */
export async function accountMoves(
  ctx: Ctx,
  accountId: string,
  request: PartRequest & MoveSearch,
): Promise<Part<MoveSummary>> {
  const admission = await admit(ctx, accountId, 'see');
  const part = await seenPart(
    request,
    (wanted) => movesOfAccount(accountId, request, wanted),
    (docs) => seenAmong(ctx, admission, docs),
  );
  return partWith(part, await withNames(part.items, admission.account, admission.sight));
}

/** Some of an account's requests. Those that don't exist, or don't concern the caller, are left out. */
export async function movesNamed(ctx: Ctx, accountId: string, ids: readonly string[]): Promise<MoveSummary[]> {
  const admission = await admit(ctx, accountId, 'see');
  const seen = await seenAmong(ctx, admission, await movesByIds(accountId, ids));
  return withNames(seen, admission.account, admission.sight);
}

async function seenAmong(ctx: Ctx, admission: Admission, requests: readonly MoveDoc[]): Promise<MoveDoc[]> {
  const seen: MoveDoc[] = [];
  for (const request of requests) if (await isSeen(ctx, admission, request)) seen.push(request);
  return seen;
}

/** Whether a request is shown to the caller: all of its groups are, or they asked for it, or they may decide it. */
async function isSeen(ctx: Ctx, { account, sight }: Admission, request: MoveDoc): Promise<boolean> {
  if (groupIdsOf(request).every((id) => sight.sees(id)) || request.askedBy === actorName(ctx.actor)) return true;
  return ctx.actor.kind === 'person' && (await approversOf(request, account)).includes(ctx.actor.userId);
}

async function openMovesFor({ account, role }: Admission, userId: string): Promise<MoveDoc[]> {
  const { _id: accountId, privateGroupIds = [] } = account;
  const isByRole = role === null || may(role, 'approve_moves');
  const asked = isByRole ? undefined : await groupIdsWithApprover(accountId, userId);
  if (asked?.length === 0) return [];
  // the role of an approver isn't enough for a private group
  const isLimited = isByRole && role !== null && !may(role, 'see_private') && privateGroupIds.length > 0;
  const named = isLimited ? await groupIdsApprovedBy(accountId, privateGroupIds, userId) : [];
  const sight = isLimited ? new Sight(privateGroupIds.filter((id) => !named.includes(id))) : FULL_SIGHT;
  return openMovesToApprove(accountId, userId, { asked, sight, limit: MOST_SHOWN });
}

/**
 * A request as a person sees it, by what they see now: names and figures of other private groups are left out. Without a
 * person, those of all private groups are.
 */
export async function moveSeenBy(ctx: Ctx, move: MoveSummary, userId?: string): Promise<MoveSummary> {
  const account = await accountOrFail(move.accountId);
  const { privateGroupIds = [] } = account;
  if (!groupIdsOf(move).some((id) => privateGroupIds.includes(id))) return move;
  const sight = userId === undefined ? new Sight(privateGroupIds) : await sightOfUser(account, userId, ctx.clock.now());
  return (await withNames([move], account, sight))[0] ?? move;
}

/**
 * The channel in which approvers are asked; undefined if each is asked by direct message. A channel's people may be
 * outsiders of a private group, so requests that concern one are never posted there.
 */
export async function approvalsChannelFor(move: MoveDoc): Promise<string | undefined> {
  const { privateGroupIds = [], approvalsChannelId } = await accountOrFail(move.accountId);
  if (groupIdsOf(move).some((id) => privateGroupIds.includes(id))) return undefined;
  return approvalsChannelId ?? undefined;
}

/**
 * Updates a request's messages in one process at a time, because Slack would post the same message twice. Does nothing
 * if another process is doing it, or if everything is up to date.
 *
 * @param see gets the current request, and a function to call before each further step, which extends the lease and
 * throws if another process holds it
 */
export async function holdMove(
  { _id, accountId }: MoveId,
  see: (move: MoveSummary, hold: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const turn = await Hold.claim(`move:${_id}`, TURN_MS);
  if (!turn) return;
  const hold = async () => turn.assert();
  try {
    const request = await unshownMoveById(accountId, _id);
    if (!request) return;
    const account = await accountOrFail(accountId);
    const [move] = await withNames([request], account, FULL_SIGHT);
    if (move) await see(move, hold);
  } finally {
    await turn.free();
  }
}

/** The people who may decide a request. They are asked directly if the account has no approvals channel. */
export async function approversOf(request: MoveDoc, of?: AccountDoc): Promise<string[]> {
  const account = of ?? (await accountOrFail(request.accountId));
  const people = await peopleOf(request.accountId);
  const groups = await groupsToDecide(account, request.asked);
  return people
    .filter((person) => groups.some((group) => mayApprove(person, group, request.askedBy)))
    .map(({ userId }) => userId);
}

async function withNames(
  requests: readonly MoveDoc[],
  { _id: accountId, timeZone }: Pick<AccountDoc, '_id' | 'timeZone'>,
  sight: Sight,
): Promise<MoveSummary[]> {
  const ids = [...new Set(requests.flatMap(groupIdsOf))];
  const names = ids.length === 0 ? new Map<string, string>() : await groupNames(accountId, ids);
  const nameOf = (id: string) => (sight.sees(id) ? (names.get(id) ?? '') : PRIVATE_GROUP);
  const hiddenNames = new Set(ids.flatMap((id) => (sight.sees(id) ? [] : (names.get(id) ?? []))));
  return requests.map(({ facts, ...request }) => ({
    ...request,
    ...(facts && { facts: { ...facts, estimates: facts.estimates.filter((one) => isShown(one, sight, hiddenNames)) } }),
    timeZone,
    toGroupName: nameOf(request.toGroupId),
    fromGroupNames: [...new Set(request.projects.map(({ fromGroupId }) => nameOf(fromGroupId)))],
  }));
}

function isShown(
  { billingGroupId, name }: NonNullable<MoveDoc['facts']>['estimates'][number],
  sight: Sight,
  hiddenNames: ReadonlySet<string>,
): boolean {
  return billingGroupId === undefined ? !hiddenNames.has(name) : sight.sees(billingGroupId);
}

/** The groups that a request concerns: the target, and those that the projects leave. */
function groupIdsOf({ toGroupId, projects }: Pick<MoveDoc, 'toGroupId' | 'projects'>): string[] {
  return [toGroupId, ...projects.map(({ fromGroupId }) => fromGroupId)];
}
