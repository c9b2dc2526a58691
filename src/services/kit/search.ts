import { nameKey } from '../../billing/group/names.ts';
import { Groups, heldAt, Memberships, Projects } from '../../store/groups/groups.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from './context.ts';

/** As many as a menu holds. */
const MOST = 100;

/** A thing that a menu offers. */
export interface Found {
  readonly id: string;
  readonly name: string;
  /** What people call it beside its name, if anything. */
  readonly label: string | null;
}

/** The account's active groups whose name holds what is typed, by name; at most a hundred. */
export async function searchGroups(ctx: Ctx, accountId: string, typed: string): Promise<Found[]> {
  await admit(ctx, accountId, 'see');
  const groups = await Groups.find({ accountId, state: 'active', nameKey: holding(typed) }, { name: 1 })
    .sort({ nameKey: 1 })
    .limit(MOST)
    .lean();
  return groups.map(({ _id, name }) => ({ id: _id, name, label: null }));
}

/**
 * The account's projects whose name, label or provider's id holds what is typed, by name; at most a hundred. Of one
 * group only, when it is named.
 */
export async function searchProjects(
  ctx: Ctx,
  accountId: string,
  typed: string,
  billingGroupId?: string,
): Promise<Found[]> {
  await admit(ctx, accountId, 'see');
  const members = billingGroupId === undefined ? undefined : await membersOf(ctx, billingGroupId);
  const projects = await Projects.find(
    {
      accountId,
      ...(members && { _id: { $in: members } }),
      $or: [{ nameKey: holding(typed) }, { label: holding(typed) }, { externalId: holding(typed) }],
    },
    { name: 1, label: 1 },
  )
    .sort({ nameKey: 1 })
    .limit(MOST)
    .lean();
  return projects.map(({ _id, name, label }) => ({ id: _id, name, label }));
}

/** Groups and projects by their ids, for menus that show again what was chosen; those of other accounts are left out. */
export async function foundByIds(
  ctx: Ctx,
  accountId: string,
  ids: { readonly groups?: readonly string[]; readonly projects?: readonly string[] },
): Promise<{ groups: Found[]; projects: Found[] }> {
  await admit(ctx, accountId, 'see');
  const groups = await Groups.find({ accountId, _id: { $in: [...(ids.groups ?? [])] } }, { name: 1 }).lean();
  const projects = await Projects.find(
    { accountId, _id: { $in: [...(ids.projects ?? [])] } },
    { name: 1, label: 1 },
  ).lean();
  return {
    groups: groups.map(({ _id, name }) => ({ id: _id, name, label: null })),
    projects: projects.map(({ _id, name, label }) => ({ id: _id, name, label })),
  };
}

function membersOf(ctx: Ctx, billingGroupId: string): Promise<string[]> {
  return Memberships.distinct('projectId', { billingGroupId, ...heldAt(ctx.clock.now()) });
}

/** A pattern for texts that hold what is typed, letter by letter, without regard to case. */
function holding(typed: string): RegExp {
  return new RegExp(nameKey(typed).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
}
