import { may, type Right, type Role } from '../../src/billing/account/role.ts';

/** Who sees commands that need a permission in help. The service checks the permission itself. */
function withRight(right: Right): (role: Role | undefined) => boolean {
  return (role) => role !== undefined && may(role, right);
}

export const mayEditGroups = withRight('edit_groups');
export const mayEditProjects = withRight('edit_projects');
export const mayAdminister = withRight('administer');
export const mayIssue = withRight('issue');
