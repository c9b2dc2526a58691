/** Whose approvers confirm that a project moves: the receiving group's, those of both groups, or nobody. */
export const APPROVING = ['receiving', 'both', 'nobody'] as const;

export interface ApprovalPolicy {
  readonly who: (typeof APPROVING)[number];
  /** How many have to approve, of each group that is asked; at least 1. */
  readonly needed: number;
}

export const DEFAULT_APPROVAL_POLICY: ApprovalPolicy = { who: 'receiving', needed: 1 };

/** Until those who can approve a move are reminded, and until a request that nobody decided ends, unless an owner sets others. */
export const DEFAULT_REMINDER_HOURS = 24;
export const DEFAULT_EXPIRY_DAYS = 7;
