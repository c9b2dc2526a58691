/** A member's role in an account, highest first. */
export const ROLES = ['owner', 'billing_admin', 'approver', 'member', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** The permissions. */
export type Right = 'see' | 'see_private' | 'edit_groups' | 'edit_projects' | 'approve_moves' | 'issue' | 'administer';

/** domain.md, Permissions: the only place where permissions are assigned to roles. */
const RIGHTS: Readonly<Record<Right, readonly Role[]>> = {
  see: ROLES,
  see_private: ['owner', 'billing_admin'],
  edit_groups: ['owner', 'billing_admin'],
  edit_projects: ['owner', 'billing_admin', 'approver', 'member'],
  approve_moves: ['owner', 'billing_admin', 'approver'],
  issue: ['owner', 'billing_admin'],
  administer: ['owner'],
};

/** What each permission is for, as a continuation of "To". */
const PURPOSES: Readonly<Record<Right, string>> = {
  see: 'see groups, invoices and events',
  see_private: 'see private billing groups that you don’t belong to',
  edit_groups: 'create, rename and delete billing groups, and change how they pay',
  edit_projects: 'create projects and request moves',
  approve_moves: 'approve a move',
  issue: 'import costs, issue invoices and manage payments',
  administer: 'change the account and its members',
};

export function may(role: Role, right: Right): boolean {
  return RIGHTS[right].includes(role);
}

export function rolesWith(right: Right): readonly Role[] {
  return RIGHTS[right];
}

export function purposeOf(right: Right): string {
  return PURPOSES[right];
}

/** `billing_admin` as shown to people: `billing admin`. */
export function roleName(role: Role): string {
  return role.replace('_', ' ');
}
