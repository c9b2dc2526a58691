import { heldAt, type MembershipDoc, Memberships } from './groups.ts';

/** Which groups have held projects, and when. */
export async function membershipsOf(accountId: string, projectIds: readonly string[]): Promise<MembershipDoc[]> {
  return Memberships.find({ accountId, projectId: { $in: [...projectIds] } }).lean();
}

/** The projects that are in a group until further notice. */
export async function projectIdsForGood(accountId: string, billingGroupId: string): Promise<string[]> {
  return Memberships.distinct('projectId', { accountId, billingGroupId, to: null });
}

/** How many projects each of some groups holds at an instant, by the group; none where it holds none. */
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

/** How many projects a group holds at an instant or later, and the first of them by name. */
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

/** Whether a group holds a project at an instant. */
export async function isInAt(accountId: string, { projectId, billingGroupId }: Place, at: Date): Promise<boolean> {
  return (await Memberships.exists({ accountId, projectId, billingGroupId, ...heldAt(at) })) !== null;
}
