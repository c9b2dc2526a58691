import { titleOfProject } from '../../billing/group/names.ts';
import { earliestOpen, givenUp, membershipChange } from '../../billing/move/move.ts';
import { nextPeriod, type Period, periodAt } from '../../billing/period/period.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { groupsByIds } from '../../store/groups/group-reads.ts';
import { beginWith, holdGroups } from '../../store/groups/group-writes.ts';
import type { GroupDoc, MembershipDoc } from '../../store/groups/groups.ts';
import { membershipsOf } from '../../store/groups/membership-reads.ts';
import { changeMemberships, type MembershipChanges, type NewMembership } from '../../store/groups/membership-writes.ts';
import { periodsWithEstimates } from '../../store/invoicing/invoice-reads.ts';
import type { MovingProject } from '../../store/moves/moves.ts';
import { touchEstimates } from '../invoicing/estimates.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';

/** Memberships of many projects, by project. */
export type MembershipsOf = ReadonlyMap<string, readonly MembershipDoc[]>;

/** All memberships of these projects, past ones too. */
export async function membershipsByProject(accountId: string, projectIds: readonly string[]): Promise<MembershipsOf> {
  const all = await membershipsOf(accountId, projectIds);
  const byProject = new Map<string, MembershipDoc[]>();
  for (const one of all) byProject.set(one.projectId, [...(byProject.get(one.projectId) ?? []), one]);
  return byProject;
}

/** The groups that projects leave in a move at an instant, and the one they join. */
export async function groupsConcerned(
  accountId: string,
  memberships: MembershipsOf,
  toGroupId: string,
  at: Date,
): Promise<GroupDoc[]> {
  const givers = [...memberships.values()].flatMap((ofProject) => givenUp(ofProject, toGroupId, at));
  const ids = new Set([toGroupId, ...givers.map(({ billingGroupId }) => billingGroupId)]);
  return groupsByIds(accountId, [...ids]);
}

/** Those of these projects that exist. */
export function membershipsAmong(
  memberships: MembershipsOf,
  projects: readonly Pick<MovingProject, 'projectId'>[],
): MembershipsOf {
  return new Map(projects.map(({ projectId }) => [projectId, memberships.get(projectId) ?? []]));
}

/** The earliest period in which the move can take effect: that of its instant, or a later one if that is invoiced. */
export function earliestFor(account: AccountDoc, at: Date, groups: readonly GroupDoc[]): Period {
  return earliestOpen(periodAt(at, account.timeZone), groups);
}

/** Projects that move at an instant. */
interface Move {
  readonly projects: readonly MovingProject[];
  /** The memberships of these projects. */
  readonly memberships: MembershipsOf;
  readonly to: GroupDoc;
  /** The groups that the projects leave, and the one they join. */
  readonly groups: readonly GroupDoc[];
  readonly at: Date;
  readonly requestId: string | null;
}

/**
 * Moves projects to a group at an instant: changes memberships, marks affected estimates as out of date, and writes an
 * event for each project. The memberships must have been read in the same transaction, after checking that the instant
 * isn't in an invoiced period of any affected group. The estimates written here conflict with a concurrent close.
 */
export async function applyMove(tx: Change, account: AccountDoc, move: Move): Promise<void> {
  const { projects, memberships, to, groups, at, requestId } = move;
  // an import that creates an estimate for one of them conflicts, so that none is missed below
  await holdGroups(
    tx,
    account._id,
    groups.map(({ _id }) => _id),
  );
  await changeMemberships(tx, account._id, changesOf(move, account._id));
  await beginEarlier(tx, to, periodAt(at, account.timeZone));
  for (const period of await periodsTouched(tx, account, groups, at)) {
    const open = groups.filter((group) => isOpenFor(group, period, to._id));
    await touchEstimates(tx, account, period, open);
  }
  tx.nudge('estimates');
  const names = new Map(groups.map((group) => [group._id, group.name]));
  await tx.recordAll(
    projects.map(({ projectId, fromGroupId, ...project }) => {
      const from = givenUp(memberships.get(projectId) ?? [], to._id, at)[0]?.billingGroupId ?? fromGroupId;
      return {
        accountId: account._id,
        type: 'project_moved' as const,
        description: `Moved project ${titleOfProject(project)} from billing group "${names.get(from) ?? from}" to "${to.name}"`,
        billingGroupId: to._id,
        projectId,
        before: { billingGroupId: from },
        after: { billingGroupId: to._id, from: at.toISOString(), requestId },
      };
    }),
  );
}

/** From the instant's period to the current one, and future ones that already have costs. */
async function periodsTouched(
  ctx: Ctx,
  account: AccountDoc,
  groups: readonly GroupDoc[],
  at: Date,
): Promise<Set<Period>> {
  const first = periodAt(at, account.timeZone);
  const present = periodAt(ctx.clock.now(), account.timeZone);
  const ids = groups.map(({ _id }) => _id);
  const periods = new Set([first, ...(await periodsWithEstimates(account._id, ids, first))]);
  for (let period = first; period <= present; period = nextPeriod(period)) periods.add(period);
  return periods;
}

/** The new memberships of the projects. */
function changesOf({ projects, memberships, to, at }: Move, accountId: string): MembershipChanges {
  const dropped: MembershipDoc['_id'][] = [];
  const ended: MembershipDoc['_id'][] = [];
  const extended: MembershipDoc['_id'][] = [];
  const begun: NewMembership[] = [];
  for (const { projectId } of projects) {
    const { drop, end, extend } = membershipChange(memberships.get(projectId) ?? [], to._id, at);
    dropped.push(...drop.map(({ _id }) => _id));
    if (extend) extended.push(extend._id);
    if (!end) continue;
    ended.push(end._id);
    const { projectKey } = end;
    begun.push({ accountId, projectId, projectKey, billingGroupId: to._id, from: at });
  }
  return { dropped, ended, extended, begun, at };
}

/** A group that was never invoiced starts with its first costs. */
async function beginEarlier(tx: Change, to: GroupDoc, period: Period): Promise<void> {
  if (to.lastClosed === null && period < to.nextPeriod) await beginWith(tx, to.accountId, [to._id], period);
}

/** Whether a group has an estimate for the period. A deleted group has none after its last one. */
function isOpenFor(group: GroupDoc, period: Period, toGroupId: string): boolean {
  if (group._id === toGroupId) return true;
  return period >= group.nextPeriod && (group.finalPeriod === null || period <= group.finalPeriod);
}
