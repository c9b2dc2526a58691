import { titleOfProject } from '../../billing/group/names.ts';
import { type IdPart, pastId } from '../kit/ids.ts';
import { MANY } from '../kit/read-together.ts';
import { holding, oneOfTexts } from '../kit/text-conditions.ts';
import { type ProjectDoc, Projects } from './groups.ts';

/** A project of an account; null if there is none. */
export async function projectById(accountId: string, id: string): Promise<ProjectDoc | null> {
  return Projects.findOne({ _id: id, accountId }).lean();
}

/** An account's projects with these IDs, sorted by name. */
export async function projectsByIds(accountId: string, ids: readonly string[]): Promise<ProjectDoc[]> {
  return Projects.find({ accountId, _id: { $in: [...ids] } })
    .sort({ nameKey: 1 })
    .lean();
}

/** The names of projects, by ID. */
export async function namesOfProjects(accountId: string, ids: readonly string[]): Promise<Map<string, string>> {
  const projects = await Projects.find({ accountId, _id: { $in: [...ids] } }, { name: 1 }).lean();
  return new Map(projects.map(({ _id, name }) => [_id, name]));
}

/** A project's name and label. */
export type LabeledProject = Pick<ProjectDoc, '_id' | 'name' | 'label'>;

/** The names and labels of projects, unordered. */
export async function labeledProjects(accountId: string, ids: readonly string[]): Promise<LabeledProject[]> {
  return Projects.find({ accountId, _id: { $in: [...ids] } }, { name: 1, label: 1 })
    .batchSize(MANY)
    .lean();
}

/** The titles of projects (label and name), by ID. */
export async function titlesOfProjects(accountId: string, ids: readonly string[]): Promise<Map<string, string>> {
  const projects = await labeledProjects(accountId, ids);
  return new Map(projects.map((project) => [project._id, titleOfProject(project)]));
}

/** The provider's IDs of projects in their original spelling, by key. */
export async function externalIdsLike(accountId: string, keys: readonly string[]): Promise<string[]> {
  const projects = await Projects.find({ accountId, externalKey: oneOfTexts(keys) }, { externalId: 1 }).lean();
  return projects.flatMap(({ externalId }) => externalId ?? []);
}

/** Projects that a reader must not find, such as those in private groups. None adds nothing to a query. */
function without(hiddenIds: readonly string[]): { _id?: { $nin: string[] } } {
  return hiddenIds.length === 0 ? {} : { _id: { $nin: [...hiddenIds] } };
}

/** Projects with one of these keys, provider's IDs, normalized names or labels. Oldest first. */
export async function projectsLike(
  accountId: string,
  of: {
    readonly keys: readonly string[];
    readonly externalIds: readonly string[];
    readonly nameKeys: readonly string[];
    readonly labels?: readonly string[];
    readonly hiddenIds: readonly string[];
  },
): Promise<ProjectDoc[]> {
  return Projects.find({
    accountId,
    ...without(of.hiddenIds),
    $or: [
      { externalKey: oneOfTexts(of.keys) },
      { externalId: oneOfTexts(of.externalIds) },
      { nameKey: { $in: [...of.nameKeys] } },
      { label: oneOfTexts(of.labels ?? []) },
    ],
  })
    .sort({ createdAt: 1, _id: 1 })
    .lean();
}

/** Projects of an account but the hidden ones, in the order of their IDs. */
export async function projectsOfAccount(
  accountId: string,
  hiddenIds: readonly string[],
  part: IdPart,
): Promise<LabeledProject[]> {
  const _id = { ...without(hiddenIds)._id, ...pastId(part)._id };
  return Projects.find({ accountId, ...(Object.keys(_id).length > 0 && { _id }) }, { name: 1, label: 1 })
    .sort({ _id: 1 })
    .limit(part.limit)
    .lean();
}

/** A project's name and label, with the normalized name. */
export type NamedProject = LabeledProject & Pick<ProjectDoc, 'nameKey'>;

/** The names and labels of all projects of an account but the hidden ones, or only of some of them, unsorted. */
export async function allProjectNames(
  accountId: string,
  hiddenIds: readonly string[],
  among?: readonly string[],
): Promise<NamedProject[]> {
  const only = among ? { _id: { $in: [...among] } } : without(hiddenIds);
  return Projects.find({ accountId, ...only }, { name: 1, nameKey: 1, label: 1 })
    .batchSize(MANY)
    .lean();
}

/** Whether an account has a project with a normalized name. */
export async function isProjectNameTaken(accountId: string, nameKey: string): Promise<boolean> {
  return (await Projects.exists({ accountId, nameKey })) !== null;
}

export async function countProjects(accountId: string): Promise<number> {
  return Projects.countDocuments({ accountId });
}

/**
 * An account's projects whose name, label or provider's ID contains the typed text, sorted by name, without the hidden
 * ones; optionally only some of them.
 */
export async function projectsHolding(
  accountId: string,
  typedKey: string,
  {
    among,
    hiddenIds,
    limit,
  }: {
    readonly among: readonly string[] | undefined;
    readonly hiddenIds: readonly string[];
    readonly limit: number;
  },
): Promise<LabeledProject[]> {
  const text = holding(typedKey);
  return Projects.find(
    {
      accountId,
      ...(among ? { _id: { $in: [...among] } } : without(hiddenIds)),
      $or: [{ nameKey: text }, { label: text }, { externalId: text }],
    },
    { name: 1, label: 1 },
  )
    .sort({ nameKey: 1 })
    .limit(limit)
    .lean();
}
