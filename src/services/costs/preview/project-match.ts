import { externalKeyOf, nameKey, projectNameOf } from '../../../billing/group/names.ts';
import type { FocusRow } from '../../../imports/focus/focus.ts';
import type { ProjectDoc } from '../../../store/groups/groups.ts';
import { projectsLike } from '../../../store/groups/project-reads.ts';

/** The stored projects that rows may belong to. */
export interface ProjectMatches {
  /** The project of a provider's account; undefined if an import would create it. */
  of(externalId: string): ProjectDoc | undefined;
  /** The normalized names that they have. */
  readonly names: ReadonlySet<string>;
}

/**
 * Looks up the projects of sub-accounts. A name that a person gave to a project earlier also counts.
 *
 * @param rows one for each sub-account, by the `externalKeyOf` its ID
 */
export async function projectMatches(
  accountId: string,
  rows: ReadonlyMap<string, Pick<FocusRow, 'subAccountId'>>,
): Promise<ProjectMatches> {
  const externalIds = [...rows.values()].map((row) => row.subAccountId);
  const nameKeys = externalIds.map((externalId) => nameKey(projectNameOf(externalId)));
  const there = await projectsLike(accountId, { keys: [...rows.keys()], externalIds, nameKeys, hiddenIds: [] });
  return {
    names: new Set(there.map((project) => project.nameKey)),
    of: (externalId) => {
      const key = externalKeyOf(externalId);
      const own = nameKey(projectNameOf(externalId));
      return (
        there.find((one) => one.externalKey === key) ??
        there.find((one) => one.externalId !== null && externalKeyOf(one.externalId) === key) ??
        // a project that a person created with this name, and that isn't linked to a provider's account yet
        there.find((one) => one.externalId === null && one.nameKey === own)
      );
    },
  };
}
