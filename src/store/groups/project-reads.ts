import { type ProjectDoc, Projects } from './groups.ts';

/** A project of an account; null where there is none. */
export async function projectById(accountId: string, id: string): Promise<ProjectDoc | null> {
  return Projects.findOne({ _id: id, accountId }).lean();
}

/** Those of an account's projects that have these IDs, by name. */
export async function projectsByIds(accountId: string, ids: readonly string[]): Promise<ProjectDoc[]> {
  return Projects.find({ accountId, _id: { $in: [...ids] } })
    .sort({ nameKey: 1 })
    .lean();
}

/** The names of projects, by their IDs. */
export async function namesOfProjects(accountId: string, ids: readonly string[]): Promise<Map<string, string>> {
  const projects = await Projects.find({ accountId, _id: { $in: [...ids] } }, { name: 1 }).lean();
  return new Map(projects.map(({ _id, name }) => [_id, name]));
}

/** The names and labels of projects, in no order. */
export async function labelledProjects(
  accountId: string,
  ids: readonly string[],
): Promise<Pick<ProjectDoc, '_id' | 'name' | 'label'>[]> {
  return Projects.find({ accountId, _id: { $in: [...ids] } }, { name: 1, label: 1 }).lean();
}

/** Projects that may stand for a provider's accounts: by key, by ID, or by the name that they would get. The oldest first. */
export async function projectsLike(
  accountId: string,
  of: {
    readonly keys: readonly string[];
    readonly externalIds: readonly string[];
    readonly nameKeys: readonly string[];
  },
): Promise<ProjectDoc[]> {
  return Projects.find({
    accountId,
    $or: [
      { externalKey: { $in: [...of.keys] } },
      { externalId: { $in: [...of.externalIds] } },
      { nameKey: { $in: [...of.nameKeys] } },
    ],
  })
    .sort({ createdAt: 1, _id: 1 })
    .lean();
}
