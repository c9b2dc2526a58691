import { may, type Right, type Role } from '../../src/billing/account/role.ts';
import type { HelpText } from '../router.ts';

/** Who sees commands that need a permission in help. The service checks the permission itself. */
function withRight(right: Right): (role: Role | undefined) => boolean {
  return (role) => role !== undefined && may(role, right);
}

/** What help says to those without a permission, who may do only a part of a command. */
export function unless(
  isAllowed: (role: Role | undefined) => boolean,
  part: HelpText,
): (role: Role | undefined) => HelpText | undefined {
  return (role) => (isAllowed(role) ? undefined : part);
}

export const mayEditGroups = withRight('edit_groups');
export const mayEditProjects = withRight('edit_projects');
export const mayAdminister = withRight('administer');
export const mayIssue = withRight('issue');
