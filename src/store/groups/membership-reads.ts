import type { Span } from '../../billing/period/period.ts';
import { distinctValues } from '../kit/distinct-values.ts';
import { type MembershipDoc, Memberships } from './groups.ts';

/** Which projects were in which groups, and when. */
export async function membershipsOf(accountId: string, projectIds: readonly string[]): Promise<MembershipDoc[]> {
  return Memberships.find({ accountId, projectId: { $in: [...projectIds] } }).lean();
}

/** The memberships that put projects in their groups at an instant. */
export async function membershipsAt(
  accountId: string,
  projectIds: readonly string[],
  at: Date,
): Promise<MembershipDoc[]> {
  return Memberships.find({ accountId, projectId: { $in: [...projectIds] }, ...heldAt(at) }).lean();
}

/** Identifies a group and its account. */
export interface GroupId {
  readonly accountId: string;
  readonly billingGroupId: string;
}

/** A project of a group, with its sort key. */
export type HeldProject = Pick<MembershipDoc, '_id' | 'projectId' | 'projectKey' | 'billingGroupId'>;

/**
 * The projects in a group at an instant, sorted by name: those after a key, or all remaining ones if there is no limit.
 */
export async function projectsHeldAt(
  { accountId, billingGroupId }: GroupId,
  at: Date,
  part: { readonly after?: string | undefined; readonly skip?: number; readonly limit?: number | undefined },
): Promise<HeldProject[]> {
  const { after, skip = 0, limit } = part;
  const held = { accountId, billingGroupId, ...heldAt(at), ...(after !== undefined && { projectKey: { $gt: after } }) };
  const query = Memberships.find(held, { projectId: 1, projectKey: 1, billingGroupId: 1 })
    .sort({ projectKey: 1 })
    .skip(skip);
  return limit === undefined ? query.lean() : query.limit(limit).lean();
}

/** The IDs of the projects in a group at an instant, unordered. */
export async function projectIdsHeldAt({ accountId, billingGroupId }: GroupId, at: Date): Promise<string[]> {
  return distinctValues(Memberships, 'projectId', { accountId, billingGroupId, ...heldAt(at) });
}

/** The IDs of the projects in any of some groups at an instant, unordered. */
export async function projectIdsHeldByAny(accountId: string, groupIds: readonly string[], at: Date): Promise<string[]> {
  return distinctValues(Memberships, 'projectId', { accountId, billingGroupId: { $in: [...groupIds] }, ...heldAt(at) });
}

/** The groups that hold some projects at an instant, unordered. */
export async function groupIdsHolding(
  accountId: string,
  { projectIds, at }: { readonly projectIds: readonly string[]; readonly at: Date },
): Promise<string[]> {
  return distinctValues(Memberships, 'billingGroupId', {
    accountId,
    projectId: { $in: [...projectIds] },
    ...heldAt(at),
  });
}

/** The projects that came to a group or left it within a span, unordered. */
export async function projectIdsMovedIn(
  { accountId, billingGroupId }: GroupId,
  { begin, end }: Span,
): Promise<string[]> {
  const within = { $gt: begin, $lt: end };
  return distinctValues(Memberships, 'projectId', {
    accountId,
    billingGroupId,
    $or: [{ from: within }, { to: within }],
  });
}

/** The projects that were in any of some groups at any time within a span, unordered. No query without groups. */
export async function projectIdsHeldWithin(
  accountId: string,
  groupIds: readonly string[],
  { begin, end }: Span,
): Promise<string[]> {
  if (groupIds.length === 0) return [];
  const begun = { $or: [{ from: null }, { from: { $lt: end } }] };
  const notOver = { $or: [{ to: null }, { to: { $gt: begin } }] };
  const billingGroupId = { $in: [...groupIds] };
  return distinctValues(Memberships, 'projectId', { accountId, billingGroupId, $and: [begun, notOver] });
}

/** The projects that are in a group until further notice. */
export async function projectIdsForGood(accountId: string, billingGroupId: string): Promise<string[]> {
  return distinctValues(Memberships, 'projectId', { accountId, billingGroupId, to: null });
}

/** How many projects are in each of some groups at an instant, by group. Groups without projects are left out. */
export async function countHeldBy(
  accountId: string,
  groupIds: readonly string[],
  at: Date,
): Promise<Map<string, number>> {
  const counts = await Memberships.aggregate<{ _id: string; projects: number }>([
    { $match: { accountId, billingGroupId: { $in: [...groupIds] }, ...heldAt(at) } },
    { $group: { _id: '$billingGroupId', projects: { $sum: 1 } } },
  ]);
  return new Map(counts.map(({ _id, projects }) => [_id, projects]));
}

/** How many projects are in a group at an instant or later, and the first of them by name. */
export async function heldFrom(
  accountId: string,
  billingGroupId: string,
  at: Date,
  limit: number,
): Promise<{ readonly count: number; readonly firstIds: readonly string[] }> {
  const notOver = { accountId, billingGroupId, $or: [{ to: null }, { to: { $gt: at } }] };
  const count = await Memberships.countDocuments(notOver);
  const first = await Memberships.find(notOver).sort({ projectKey: 1 }).limit(limit).lean();
  return { count, firstIds: first.map(({ projectId }) => projectId) };
}

interface Place {
  readonly projectId: string;
  readonly billingGroupId: string;
}

/** Whether a project is, was or will be in a group. */
export async function isEverIn(accountId: string, { projectId, billingGroupId }: Place): Promise<boolean> {
  return (await Memberships.exists({ accountId, projectId, billingGroupId })) !== null;
}

/** Whether a project is in a group until further notice. */
export async function isInForGood(accountId: string, { projectId, billingGroupId }: Place): Promise<boolean> {
  return (await Memberships.exists({ accountId, projectId, billingGroupId, to: null })) !== null;
}

/** Whether a project is in a group at an instant. */
export async function isInAt(accountId: string, { projectId, billingGroupId }: Place, at: Date): Promise<boolean> {
  return (await Memberships.exists({ accountId, projectId, billingGroupId, ...heldAt(at) })) !== null;
}

/** Matches memberships that apply at an instant. */
function heldAt(instant: Date) {
  const begun = { $or: [{ from: null }, { from: { $lte: instant } }] };
  const notOver = { $or: [{ to: null }, { to: { $gt: instant } }] };
  return { $and: [begun, notOver] };
}

/** How many memberships a group has or had, counted up to a limit. */
export async function countMembershipsUpTo(accountId: string, billingGroupId: string, limit: number): Promise<number> {
  return Memberships.countDocuments({ accountId, billingGroupId }, { limit });
}
