import type { Sight } from '../../billing/account/sight.ts';
import { cleanName, compareProjects, titleOfProject } from '../../billing/group/names.ts';
import { count } from '../../billing/money/count.ts';
import { DEFAULT_API_MOVES, DEFAULT_EXPIRY_DAYS, DEFAULT_REMINDER_HOURS } from '../../billing/move/approval.ts';
import type { Effect } from '../../billing/move/move.ts';
import { effectInstant, type GroupToDecide, givenUp, groupsAsked, mayApprove } from '../../billing/move/move.ts';
import { dayNameIn, plusDays } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { tokenById } from '../../store/accounts/token-queries.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { projectsByIds } from '../../store/groups/project-reads.ts';
import { newId } from '../../store/kit/ids.ts';
import { projectIdsWithOpenMove } from '../../store/moves/move-reads.ts';
import { insertMove } from '../../store/moves/move-writes.ts';
import type { MoveDoc, MoveFacts, MovingProject } from '../../store/moves/moves.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import { activeGroup } from '../groups/groups.ts';
import { inChange } from '../kit/account-change.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import {
  applyMove,
  earliestFor,
  groupsConcerned,
  type MembershipsOf,
  membershipsAmong,
  membershipsByProject,
} from './move-apply.ts';
import { peopleOf, toDecide } from './move-people.ts';
import { factsOf } from './move-preview.ts';

/** The maximum number of projects in one request (domain.md, Membership). */
export const MOST_PROJECTS = 1024;
const HOUR_MS = 3_600_000;
const MOST_NAMED = 5;

export interface MoveInput {
  readonly accountId: string;
  readonly projectIds: readonly string[];
  readonly toGroupId: string;
  readonly effect: Effect;
  readonly reason: string;
}

/** The result of a request. `there` are projects that were already in the group. */
export type AskResult = {
  readonly to: Pick<GroupDoc, '_id' | 'name'>;
  readonly projects: readonly MovingProject[];
  readonly there: readonly MovingProject[];
  readonly at: Date;
  /** The account's time zone, for the day on which the move takes effect. */
  readonly timeZone: string;
  /** Whether it takes effect later. */
  readonly isLater: boolean;
} & ({ readonly kind: 'moved' | 'nothing' } | { readonly kind: 'requested'; readonly request: MoveDoc });

/** The requested move, with the data found in the transaction. */
interface Wanted {
  readonly to: GroupDoc;
  readonly at: Date;
  readonly projects: readonly MovingProject[];
  readonly there: readonly MovingProject[];
  /** The memberships of the projects to be moved. */
  readonly memberships: MembershipsOf;
  /** The groups that the projects leave, and the one they join. */
  readonly groups: readonly GroupDoc[];
}

/**
 * Requests that projects are moved to another group of their account: immediately if the account's policy needs no
 * approval, otherwise as a request that approvers decide. Safe to repeat: projects that are already in the group are
 * skipped, and a project has at most one pending request.
 *
 * @throws {Refusal} `invalid_input`, `project_not_found`, `billing_group_not_found`, `move_open_already` with the
 * projects' names, `period_already_invoiced`, `no_approver` with how many are needed, `role_needed`,
 * `move_needs_approval` for a program whose account's owners don't let it move projects or request moves
 */
export async function askMove(ctx: Ctx, input: MoveInput): Promise<AskResult> {
  const ids = [...new Set(input.projectIds)];
  if (ids.length === 0 || ids.length > MOST_PROJECTS) {
    throw faultIn('projects', ids.length === 0 ? 'Choose a project.' : `Choose at most ${MOST_PROJECTS} projects.`);
  }
  return inChange(ctx, input.accountId, 'edit_projects', async (tx, { account, sight }) => {
    await assertSeen(tx, sight, { ...input, projectIds: ids });
    return ask(tx, account, { ...input, projectIds: ids });
  });
}

/** What the caller doesn't see doesn't exist for them. @throws {Refusal} `billing_group_not_found`, `project_not_found` */
async function assertSeen(tx: Change, sight: Sight, { accountId, toGroupId, projectIds }: MoveInput): Promise<void> {
  if (!sight.sees(toGroupId)) throw new Refusal('billing_group_not_found', {});
  const hidden = new Set(await hiddenProjectIds(accountId, sight, tx.clock.now()));
  if (projectIds.some((id) => hidden.has(id))) throw new Refusal('project_not_found', {}, { fields: ['projects'] });
}

async function ask(tx: Change, account: AccountDoc, input: MoveInput): Promise<AskResult> {
  const wanted = await find(tx, account, input);
  const { to, projects, there, at, memberships, groups } = wanted;
  const common = { to, projects, there, at, timeZone: account.timeZone, isLater: at > tx.clock.now() };
  if (projects.length === 0) return { ...common, kind: 'nothing' };
  await assertNoneOpen(account._id, projects);
  assertNotInvoiced(account, at, groups);
  const givers = groups.map(({ _id }) => _id).filter((id) => id !== to._id);
  const asked = groupsAsked(account.approvalPolicy, givers, to._id);
  const toAsk = toDecide(account, groups).filter(({ _id }) => asked.includes(_id));
  if (asked.length === 0 || (await mayMoveAtOnce(account, toAsk, tx.actor))) {
    await applyMove(tx, account, { projects, memberships, to, groups, at, requestId: null });
    return { ...common, kind: 'moved' };
  }
  const askedBy = actorName(tx.actor);
  await assertApprovers(
    account,
    groups.filter(({ _id }) => asked.includes(_id)),
    askedBy,
  );
  const facts = await factsOf(tx, account, tx.clock.now(), { ...input, at, projectIds: [...memberships.keys()] });
  const request = await openRequest(tx, account, input, { ...wanted, asked, facts });
  return { ...common, kind: 'requested', request };
}

async function find(ctx: Ctx, account: AccountDoc, input: MoveInput): Promise<Wanted> {
  const to = await activeGroup(account._id, input.toGroupId);
  const at = effectInstant(input.effect, ctx.clock.now(), account.timeZone);
  const all = await membershipsByProject(account._id, input.projectIds);
  const found = await movingProjects(account._id, input.projectIds, all, to._id, at);
  const projects = found.filter(({ fromGroupId }) => fromGroupId !== to._id);
  const there = found.filter(({ fromGroupId }) => fromGroupId === to._id);
  const memberships = membershipsAmong(all, projects);
  return { to, at, projects, there, memberships, groups: await groupsConcerned(account._id, memberships, to._id, at) };
}

/**
 * Projects with the groups they would leave; for projects already in the target, that is the target. @throws {Refusal}
 * `project_not_found`
 */
async function movingProjects(
  accountId: string,
  projectIds: readonly string[],
  memberships: MembershipsOf,
  toGroupId: string,
  at: Date,
): Promise<MovingProject[]> {
  const docs = await projectsByIds(accountId, projectIds);
  if (docs.length !== projectIds.length) {
    throw new Refusal('project_not_found', {}, { fields: ['projects'] });
  }
  return docs.sort(compareProjects).map(({ _id, name, label }) => {
    const [from] = givenUp(memberships.get(_id) ?? [], toGroupId, at);
    return { projectId: _id, name, label, fromGroupId: from?.billingGroupId ?? toGroupId };
  });
}

async function openRequest(
  tx: Change,
  account: AccountDoc,
  input: MoveInput,
  of: Wanted & { readonly asked: readonly string[]; readonly facts: MoveFacts },
): Promise<MoveDoc> {
  const askedAt = tx.clock.now();
  const { moveReminderHours = DEFAULT_REMINDER_HOURS, moveExpiryDays = DEFAULT_EXPIRY_DAYS } = account;
  const request: MoveDoc = {
    _id: newId('mov'),
    accountId: account._id,
    projects: of.projects,
    toGroupId: of.to._id,
    effect: input.effect,
    effectAt: of.at,
    reason: cleanName(input.reason),
    facts: of.facts,
    factsAt: askedAt,
    askedBy: actorName(tx.actor),
    askedAt,
    state: 'open',
    asked: of.asked,
    needed: account.approvalPolicy.needed,
    approvals: [],
    decidedBy: null,
    decidedAt: null,
    outcome: null,
    remindAt: new Date(askedAt.getTime() + moveReminderHours * HOUR_MS),
    expiresAt: plusDays(askedAt, moveExpiryDays, account.timeZone),
    copies: [],
    version: 1,
    unshown: true,
  };
  await insertMove(tx, request);
  const [first] = of.projects;
  const only = of.projects.length === 1 ? first : undefined;
  const what = only ? `project ${titleOfProject(only)}` : count(of.projects.length, 'project');
  const effective = dayNameIn(of.at, account.timeZone);
  await tx.record({
    accountId: account._id,
    type: 'move_requested',
    description: `Requested to move ${what} from ${fromText(of)} to "${of.to.name}", effective ${effective}`,
    billingGroupId: of.to._id,
    ...(only && { projectId: only.projectId }),
    after: {
      state: 'open',
      requestId: request._id,
      projects: of.projects.map(({ projectId }) => projectId),
      from: of.at.toISOString(),
    },
  });
  tx.nudge('moves');
  return request;
}

/**
 * Whether a program moves projects without approval. People never do, and programs only if the account's owners allow it
 * and the token's creator may approve moves now.
 *
 * @throws {Refusal} `move_needs_approval` if a program may neither do that nor request approval
 */
async function mayMoveAtOnce(
  account: AccountDoc,
  toAsk: readonly GroupToDecide[],
  actor: Ctx['actor'],
): Promise<boolean> {
  if (actor.kind !== 'token') return false;
  const { apiMoves = DEFAULT_API_MOVES } = account;
  if (apiMoves === 'ask') return false;
  if (apiMoves === 'at_once' && (await creatorMayApprove(account._id, toAsk, actor.tokenId))) return true;
  throw new Refusal('move_needs_approval');
}

/** Whether the person who created a token is still in the account, and may approve moves of all groups to be asked. */
async function creatorMayApprove(
  accountId: string,
  toAsk: readonly GroupToDecide[],
  tokenId: string,
): Promise<boolean> {
  const token = await tokenById(tokenId);
  const people = await peopleOf(accountId);
  const creator = people.find(({ userId }) => userId === token?.createdBy);
  return creator !== undefined && toAsk.every((group) => mayApprove(creator, group, ''));
}

/** The groups that a request's projects leave: a single one by name, several by their number. */
function fromText({ projects, groups }: Pick<Wanted, 'projects' | 'groups'>): string {
  const ids = new Set(projects.map(({ fromGroupId }) => fromGroupId));
  const [name] = groups.filter(({ _id }) => ids.has(_id)).map((group) => group.name);
  return ids.size === 1 && name !== undefined ? `billing group "${name}"` : `${ids.size} billing groups`;
}

async function assertNoneOpen(accountId: string, projects: readonly MovingProject[]): Promise<void> {
  const ids = projects.map(({ projectId }) => projectId);
  const open = await projectIdsWithOpenMove(accountId, ids);
  if (open.length === 0) return;
  const among = projects.filter(({ projectId }) => open.includes(projectId));
  const named = among.slice(0, MOST_NAMED);
  const more = among.length - named.length;
  const names = named.map(({ name }) => name);
  throw new Refusal('move_open_already', { projects: named.map(titleOfProject), names, more });
}

function assertNotInvoiced(account: AccountDoc, at: Date, groups: readonly GroupDoc[]): void {
  const wanted = earliestFor(account, at, []);
  const earliest = earliestFor(account, at, groups);
  if (earliest <= wanted) return;
  throw new Refusal('period_already_invoiced', { period: wanted, earliest });
}

/** Rejects a request that nobody could approve, because it would only expire. */
async function assertApprovers(account: AccountDoc, groups: readonly GroupDoc[], askedBy: string): Promise<void> {
  const { needed } = account.approvalPolicy;
  const people = await peopleOf(account._id);
  for (const group of toDecide(account, groups)) {
    const able = people.filter((person) => mayApprove(person, group, askedBy));
    if (able.length >= needed) continue;
    const owners = people.filter(({ role }) => role === 'owner').map(({ userId }) => userId);
    const couldApproveOwn = people.some((person) => person.userId === askedBy && mayApprove(person, group, ''));
    const shortage = { group: group.name, needed, available: able.length, couldApproveOwn };
    throw new Refusal('no_approver', shortage, { people: owners });
  }
}

function faultIn(field: string, sentence: string): Refusal {
  return new Refusal('invalid_input', { fields: { [field]: sentence } });
}
