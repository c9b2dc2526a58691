import { may } from '../../billing/account/role.ts';
import { mayApprove } from '../../billing/move/move.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { groupIdsWithApprover, groupNames, groupsByIds } from '../../store/groups/group-reads.ts';
import { type MoveId, moveById, openMovesToApprove, unshownMoveById } from '../../store/moves/move-reads.ts';
import type { MoveDoc } from '../../store/moves/moves.ts';
import { admit } from '../access/rights.ts';
import { Hold } from '../background/held-lease.ts';
import type { Ctx } from '../kit/context.ts';
import { peopleOf } from './move-people.ts';

/** As many requests as are shown to one person at once. */
const MOST_SHOWN = 20;
/** Longer than Slack is given for an answer, so that nobody else begins while one is awaited. */
const TURN_MS = 20_000;

export { eachUnshownMove as unshownMoves, type MoveId } from '../../store/moves/move-reads.ts';
export {
  markMoveShown as markShown,
  setCopies as noteCopies,
  setCopy as noteCopy,
} from '../../store/moves/move-writes.ts';

/** A request as it is shown. */
export interface MoveSummary extends MoveDoc {
  readonly toGroupName: string;
  /** Names of the groups that the projects are in, without repetition. */
  readonly fromGroupNames: readonly string[];
  /** The account's, in which the day is read on which the move takes effect. */
  readonly timeZone: string;
}

/** One request. @throws {Refusal} `move_not_found` */
export async function getMove(ctx: Ctx, accountId: string, requestId: string): Promise<MoveSummary> {
  const { account } = await admit(ctx, accountId, 'see');
  const request = await moveById(accountId, requestId);
  const [summary] = request ? await withNames([request], account) : [];
  if (!summary) throw new Refusal('move_not_found');
  return summary;
}

/**
 * Open requests that wait for the person who asks, the oldest first, at most twenty: those that they may decide and have
 * not approved yet. Three queries, and those of the admission.
 */
export async function openMovesFor(ctx: Ctx, accountId: string): Promise<MoveSummary[]> {
  const { account, role } = await admit(ctx, accountId, 'see');
  const { actor } = ctx;
  if (actor.kind !== 'person' || role === null) return [];
  const { userId } = actor;
  const asked = may(role, 'approve_moves') ? undefined : await groupIdsWithApprover(accountId, userId);
  if (asked?.length === 0) return [];
  const open = await openMovesToApprove(accountId, userId, { asked, limit: MOST_SHOWN });
  return open.length === 0 ? [] : withNames(open, account);
}

/**
 * Sees to a request's messages as the only process that does: Slack takes the same message from two of them twice.
 * Where another one is at it, or nothing is left to be shown, nothing is done.
 *
 * @param see gets the request as it is by then, and a way to hold on to the turn before each further step, which throws
 * when the turn is another's by now
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

/** Who may decide a request: those that are asked directly where the account has no channel for it. */
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
