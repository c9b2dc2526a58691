import { earliestOpen, givenUp, membershipChange } from '../../billing/move/move.ts';
import { nextPeriod, type Period, periodAt, toPeriod } from '../../billing/period/period.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { holdGroup } from '../../store/groups/group-writes.ts';
import { type GroupDoc, Groups, type MembershipDoc, Memberships } from '../../store/groups/groups.ts';
import { Invoices } from '../../store/invoicing/invoices.ts';
import type { MovingProject } from '../../store/moves/moves.ts';
import { touchEstimates } from '../invoicing/estimates.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';

/** Memberships of many projects, by project. */
export type MembershipsOf = ReadonlyMap<string, readonly MembershipDoc[]>;

/** All memberships of these projects, past ones too. */
export async function membershipsOf(projectIds: readonly string[]): Promise<MembershipsOf> {
  const all = await Memberships.find({ projectId: { $in: [...projectIds] } }).lean<MembershipDoc[]>();
  const byProject = new Map<string, MembershipDoc[]>();
  for (const one of all) byProject.set(one.projectId, [...(byProject.get(one.projectId) ?? []), one]);
  return byProject;
}

/** The groups that a move at an instant takes from, and the one it gives to. */
export async function groupsConcerned(memberships: MembershipsOf, toGroupId: string, at: Date): Promise<GroupDoc[]> {
  const givers = [...memberships.values()].flatMap((ofProject) => givenUp(ofProject, toGroupId, at));
  const ids = new Set([toGroupId, ...givers.map(({ billingGroupId }) => billingGroupId)]);
  return Groups.find({ _id: { $in: [...ids] } }).lean();
}

/** Of these projects, those that something is known of. */
export function membershipsAmong(
  memberships: MembershipsOf,
  projects: readonly Pick<MovingProject, 'projectId'>[],
): MembershipsOf {
  return new Map(projects.map(({ projectId }) => [projectId, memberships.get(projectId) ?? []]));
}

/** The earliest period that the move can begin in, by what is invoiced: the one of its instant, or a later one. */
export function earliestFor(account: AccountDoc, at: Date, groups: readonly GroupDoc[]): Period {
  return earliestOpen(periodAt(at, account.timeZone), groups);
}

/**
 * Puts projects into a group from an instant on: memberships, the estimates that change with them, and an event for each
 * project. The memberships were read in the same transaction, after the instant was found to lie in no invoiced
 * period of any group concerned: the estimates are written here, and the close writes them too, so that none can be
 * closed meanwhile unseen.
 */
export async function applyMove(
  tx: Change,
  account: AccountDoc,
  move: {
    readonly projects: readonly MovingProject[];
    readonly memberships: MembershipsOf;
    readonly to: GroupDoc;
    readonly groups: readonly GroupDoc[];
    readonly at: Date;
    readonly requestId: string | null;
  },
): Promise<void> {
  const { projects, memberships, to, groups, at, requestId } = move;
  await holdGroup(tx, account._id, to._id);
  await writeMemberships(account._id, projects, memberships, to._id, at);
  await beginEarlier(to, periodAt(at, account.timeZone));
  for (const period of await periodsTouched(tx, account, groups, at)) {
    const open = groups.filter((group) => isOpenFor(group, period, to._id));
    await touchEstimates(tx, account, period, open);
  }
  tx.nudge('estimates');
  const names = new Map(groups.map((group) => [group._id, group.name]));
  await tx.recordAll(
    projects.map(({ projectId, name, fromGroupId }) => {
      const from = givenUp(memberships.get(projectId) ?? [], to._id, at)[0]?.billingGroupId ?? fromGroupId;
      return {
        accountId: account._id,
        type: 'project_moved' as const,
        description: `Moved project ${name} from billing group "${names.get(from) ?? from}" to "${to.name}"`,
        billingGroupId: to._id,
        projectId,
        before: { billingGroupId: from },
        after: { billingGroupId: to._id, from: at.toISOString(), requestId },
      };
    }),
  );
}

/** From the instant's period to the present one, and those to come that have costs already. */
async function periodsTouched(
  ctx: Ctx,
  account: AccountDoc,
  groups: readonly GroupDoc[],
  at: Date,
): Promise<Set<Period>> {
  const first = periodAt(at, account.timeZone);
  const present = periodAt(ctx.clock.now(), account.timeZone);
  const there = await Invoices.distinct('period', {
    billingGroupId: { $in: groups.map(({ _id }) => _id) },
    state: 'estimate',
    period: { $gte: first },
  });
  const periods = new Set([first, ...there.map(toPeriod)]);
  for (let period = first; period <= present; period = nextPeriod(period)) periods.add(period);
  return periods;
}

async function writeMemberships(
  accountId: string,
  projects: readonly MovingProject[],
  memberships: MembershipsOf,
  billingGroupId: string,
  at: Date,
): Promise<void> {
  const dropped: MembershipDoc['_id'][] = [];
  const ended: MembershipDoc['_id'][] = [];
  const extended: MembershipDoc['_id'][] = [];
  const begun: Omit<MembershipDoc, '_id'>[] = [];
  for (const { projectId } of projects) {
    const ofProject = memberships.get(projectId) ?? [];
    const { drop, end, extend } = membershipChange(ofProject, billingGroupId, at);
    dropped.push(...drop.map(({ _id }) => _id));
    if (extend) extended.push(extend._id);
    if (!end) continue;
    ended.push(end._id);
    const { projectKey } = end;
    begun.push({ accountId, projectId, projectKey, billingGroupId, from: at, to: null, open: true });
  }
  // in this order, so that no project has two memberships without end at any point
  if (dropped.length > 0) await Memberships.deleteMany({ _id: { $in: dropped } });
  if (ended.length > 0)
    await Memberships.updateMany({ _id: { $in: ended } }, { $set: { to: at }, $unset: { open: 1 } });
  if (extended.length > 0) await Memberships.updateMany({ _id: { $in: extended } }, { $set: { to: null, open: true } });
  if (begun.length > 0) await Memberships.insertMany(begun);
}

/** A group that was never invoiced begins with the first costs that it gets. */
async function beginEarlier(to: GroupDoc, period: Period): Promise<void> {
  if (to.lastClosed === null && period < to.nextPeriod) {
    await Groups.updateOne({ _id: to._id, lastClosed: null }, { $min: { nextPeriod: period } });
  }
}

/** Whether a group has an estimate for the period: a deleted one has none behind its last. */
function isOpenFor(group: GroupDoc, period: Period, toGroupId: string): boolean {
  if (group._id === toGroupId) return true;
  return period >= group.nextPeriod && (group.finalPeriod === null || period <= group.finalPeriod);
}
