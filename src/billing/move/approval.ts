/** Who approves project moves: approvers of the receiving group, of both groups, or nobody. */
export const APPROVING = ['receiving', 'both', 'nobody'] as const;

export interface ApprovalPolicy {
  readonly who: (typeof APPROVING)[number];
  /** How many approvals are needed from each group involved; at least 1. */
  readonly needed: number;
}

export const DEFAULT_APPROVAL_POLICY: ApprovalPolicy = { who: 'receiving', needed: 1 };

/**
 * What the API's assignment calls do where a move needs approval: move at once if the token's creator may approve moves,
 * refuse, or open a request.
 */
export const API_MOVES = ['at_once', 'refuse', 'ask'] as const;
export type ApiMoves = (typeof API_MOVES)[number];
export const DEFAULT_API_MOVES: ApiMoves = 'refuse';

/** Hours until approvers are reminded, and days until an undecided request expires, unless an owner changes them. */
export const DEFAULT_REMINDER_HOURS = 24;
export const DEFAULT_EXPIRY_DAYS = 7;
