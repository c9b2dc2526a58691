import { may, type Role } from '../account/role.ts';
import { type Period, periodAt, spanOf } from '../period/period.ts';
import type { ApprovalPolicy } from './approval.ts';
import type { Membership } from './membership.ts';

/** When a move takes effect (domain.md, Membership); the first is the default. */
export const EFFECTS = ['period_start', 'now', 'next_period'] as const;
export type Effect = (typeof EFFECTS)[number];

/** The changes to a project's memberships that put it in another group from an instant on. */
export interface MembershipChange<M extends Membership> {
  /** To be removed: memberships that start at the instant or later. */
  readonly drop: readonly M[];
  /** The current membership, if it has to end at the instant. */
  readonly end: M | null;
  /** The new group's current membership, if it continues. */
  readonly extend: M | null;
}

/** A person, as needed to check their right to approve. */
export interface Decider {
  readonly userId: string;
  readonly role: Role;
}

/** The instant at which a move takes effect, in the account's time zone. */
export function effectInstant(effect: Effect, now: Date, zone: string): Date {
  const { begin, end } = spanOf(periodAt(now, zone), zone);
  if (effect === 'now') return now;
  return effect === 'period_start' ? begin : end;
}

/**
 * The membership changes that put a project in a group from an instant on, until further notice. If there were no gaps
 * or overlaps before, there are none after. A later move replaces one that is still scheduled.
 */
export function membershipChange<M extends Membership>(
  memberships: readonly M[],
  billingGroupId: string,
  at: Date,
): MembershipChange<M> {
  const drop = memberships.filter((one) => beginOf(one) >= at.getTime());
  const before = memberships.filter((one) => !drop.includes(one));
  const last = before.reduce<M | null>((a, b) => (a && beginOf(a) > beginOf(b) ? a : b), null);
  if (!last) throw new RangeError('A project without a membership that has no beginning');
  return last.billingGroupId === billingGroupId ? { drop, end: null, extend: last } : { drop, end: last, extend: null };
}

/**
 * The memberships in other groups, earliest first, that end or get shorter when the project is in a group from an
 * instant on. Empty if it is already there from then on. The first one's group is the one it moves from.
 */
export function givenUp<M extends Membership>(memberships: readonly M[], billingGroupId: string, at: Date): M[] {
  return memberships
    .filter(
      (membership) => membership.billingGroupId !== billingGroupId && (membership.to === null || membership.to > at),
    )
    .sort((a, b) => beginOf(a) - beginOf(b));
}

/** The groups whose approvers are asked, according to the account's policy. */
export function groupsAsked(policy: ApprovalPolicy, from: readonly string[], to: string): string[] {
  if (policy.who === 'nobody') return [];
  return policy.who === 'receiving' ? [to] : [...new Set([to, ...from])];
}

/** What decides who may approve for a group. */
export interface GroupToDecide {
  readonly approverIds: readonly string[];
  readonly isPrivate: boolean;
}

/**
 * Whether a person may approve for a group: by role, or as its approver; never for their own requests. For a private
 * group, the role has to be one that sees it.
 */
export function mayApprove(person: Decider, { approverIds, isPrivate }: GroupToDecide, askedBy: string): boolean {
  const byRole = may(person.role, 'approve_moves') && (!isPrivate || may(person.role, 'see_private'));
  return person.userId !== askedBy && (byRole || approverIds.includes(person.userId));
}

/** The earliest period in which none of these groups has an invoice, or the requested one if that is later. */
export function earliestOpen(
  wanted: Period,
  groups: readonly { readonly nextPeriod: Period; readonly lastClosed: Period | null }[],
): Period {
  // a group that was never invoiced can start earlier than it does now
  return groups.reduce(
    (latest, { nextPeriod, lastClosed }) => (lastClosed !== null && nextPeriod > latest ? nextPeriod : latest),
    wanted,
  );
}

/** When a membership starts, in milliseconds; before all others if it has no beginning. */
function beginOf({ from }: Membership): number {
  return from?.getTime() ?? -Infinity;
}
