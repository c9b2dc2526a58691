import { holding } from '../kit/patterns.ts';
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

/** What people call a project. */
export type LabelledProject = Pick<ProjectDoc, '_id' | 'name' | 'label'>;

/** The names and labels of projects, in no order. */
export async function labelledProjects(accountId: string, ids: readonly string[]): Promise<LabelledProject[]> {
  return Projects.find({ accountId, _id: { $in: [...ids] } }, { name: 1, label: 1 }).lean();
}

/** The provider's IDs of projects, as they are spelled, by their keys. */
export async function externalIdsLike(accountId: string, keys: readonly string[]): Promise<string[]> {
  const projects = await Projects.find({ accountId, externalKey: { $in: [...keys] } }, { externalId: 1 }).lean();
  return projects.flatMap(({ externalId }) => externalId ?? []);
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

/** The projects that have one of these labels, in no order. */
export async function projectsWithLabels(accountId: string, labels: readonly string[]): Promise<ProjectDoc[]> {
  return Projects.find({ accountId, label: { $in: [...labels] } }).lean();
}

/** Whether a project of an account has a name, in the form in which names are unique. */
export async function isProjectNameTaken(accountId: string, nameKey: string): Promise<boolean> {
  return (await Projects.exists({ accountId, nameKey })) !== null;
}

export async function countProjects(accountId: string): Promise<number> {
  return Projects.countDocuments({ accountId });
}

/** A page of an account's projects by name. */
export async function projectPage(
  accountId: string,
  page: { readonly skip: number; readonly size: number },
): Promise<ProjectDoc[]> {
  return Projects.find({ accountId }).sort({ nameKey: 1 }).skip(page.skip).limit(page.size).lean();
}

/** Those of an account's projects whose name, label or provider's ID holds what is typed, by name; of some alone where they are named. */
export async function projectsHolding(
  accountId: string,
  typedKey: string,
  { among, limit }: { readonly among: readonly string[] | undefined; readonly limit: number },
): Promise<LabelledProject[]> {
  const text = holding(typedKey);
  return Projects.find(
    {
      accountId,
      ...(among && { _id: { $in: [...among] } }),
      $or: [{ nameKey: text }, { label: text }, { externalId: text }],
    },
    { name: 1, label: 1 },
  )
    .sort({ nameKey: 1 })
    .limit(limit)
    .lean();
}
