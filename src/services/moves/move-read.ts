import { may, type Role } from '../../billing/account/role.ts';
import { mayApprove } from '../../billing/move/move.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { groupIdsWithApprover, groupNames, groupsByIds } from '../../store/groups/group-reads.ts';
import {
  type MoveId,
  moveById,
  movesAskedBy,
  movesByIds,
  openMovesToApprove,
  unshownMoveById,
} from '../../store/moves/move-reads.ts';
import type { MoveDoc } from '../../store/moves/moves.ts';
import { admit } from '../access/rights.ts';
import { Hold } from '../background/held-lease.ts';
import type { Ctx } from '../kit/context.ts';
import { peopleOf } from './move-people.ts';

/** The maximum number of requests shown to a person at once. */
const MOST_SHOWN = 20;
/** The maximum number of a person's own decided requests that are shown. */
const MOST_DECIDED = 5;
/** Longer than Slack's time limit for a response, so that nobody else starts while a response is pending. */
const TURN_MS = 20_000;

export { eachUnshownMove as unshownMoves, type MoveId } from '../../store/moves/move-reads.ts';
export {
  markMoveShown as markShown,
  setCopies as noteCopies,
  setCopy as noteCopy,
} from '../../store/moves/move-writes.ts';

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

/** A request of an account. @throws {Refusal} `move_not_found` */
export async function getMove(ctx: Ctx, accountId: string, requestId: string): Promise<MoveSummary> {
  const { account } = await admit(ctx, accountId, 'see');
  const request = await moveById(accountId, requestId);
  const [summary] = request ? await withNames([request], account) : [];
  if (!summary) throw new Refusal('move_not_found');
  return summary;
}

/**
 * Pending requests that the caller may decide and hasn't approved yet, oldest first, at most twenty; and their own
 * requests. At most four queries in addition to the permission check.
 */
export async function movesOf(ctx: Ctx, accountId: string): Promise<MovesOfPerson> {
  const { account, role } = await admit(ctx, accountId, 'see');
  const { actor } = ctx;
  if (actor.kind !== 'person' || role === null) return { waiting: [], own: [] };
  const { userId } = actor;
  const waiting = await openMovesFor(accountId, userId, role);
  const asked = await movesAskedBy(accountId, userId, MOST_SHOWN + MOST_DECIDED);
  const open = asked.filter(({ state }) => state === 'open').slice(0, MOST_SHOWN);
  const decided = asked.filter(({ state }) => state !== 'open').slice(0, MOST_DECIDED);
  if (waiting.length + asked.length === 0) return { waiting: [], own: [] };
  const summaries = await withNames([...waiting, ...open, ...decided], account);
  return { waiting: summaries.slice(0, waiting.length), own: summaries.slice(waiting.length) };
}

/** Some of an account's requests. Those that don't exist are left out. */
export async function movesNamed(ctx: Ctx, accountId: string, ids: readonly string[]): Promise<MoveSummary[]> {
  const { account } = await admit(ctx, accountId, 'see');
  return withNames(await movesByIds(accountId, ids), account);
}

async function openMovesFor(accountId: string, userId: string, role: Role): Promise<MoveDoc[]> {
  const asked = may(role, 'approve_moves') ? undefined : await groupIdsWithApprover(accountId, userId);
  if (asked?.length === 0) return [];
  return openMovesToApprove(accountId, userId, { asked, limit: MOST_SHOWN });
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
    const [move] = await withNames([request], account);
    if (move) await see(move, hold);
  } finally {
    await turn.free();
  }
}

/** The people who may decide a request. They are asked directly if the account has no approvals channel. */
export async function approversOf(request: MoveDoc): Promise<string[]> {
  const people = await peopleOf(request.accountId);
  const groups = await groupsByIds(request.accountId, request.asked);
  return people
    .filter((person) => groups.some((group) => mayApprove(person, group, request.askedBy)))
    .map(({ userId }) => userId);
}

async function withNames(
  requests: readonly MoveDoc[],
  { _id: accountId, timeZone }: Pick<AccountDoc, '_id' | 'timeZone'>,
): Promise<MoveSummary[]> {
  const ids = requests.flatMap(({ toGroupId, projects }) => [toGroupId, ...projects.map((one) => one.fromGroupId)]);
  const names = await groupNames(accountId, [...new Set(ids)]);
  const nameOf = (id: string) => names.get(id) ?? '';
  return requests.map((request) => ({
    ...request,
    timeZone,
    toGroupName: nameOf(request.toGroupId),
    fromGroupNames: [...new Set(request.projects.map(({ fromGroupId }) => nameOf(fromGroupId)))],
  }));
}
