import { may, type Right, type Role } from '../../src/billing/account/role.ts';

/** For whom help lists what takes a right; the service decides who may. */
function withRight(right: Right): (role: Role | undefined) => boolean {
  return (role) => role !== undefined && may(role, right);
}

export const mayEditGroups = withRight('edit_groups');
export const mayEditProjects = withRight('edit_projects');
export const mayAdminister = withRight('administer');
export const mayIssue = withRight('issue');
