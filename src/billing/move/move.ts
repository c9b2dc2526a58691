import { may, type Role } from '../account/role.ts';
import { type Period, periodAt, spanOf } from '../period/period.ts';
import type { ApprovalPolicy } from './approval.ts';
import type { Membership } from './membership.ts';

/** From when a move holds (domain.md, Membership), the default first. */
export const EFFECTS = ['period_start', 'now', 'next_period'] as const;
export type Effect = (typeof EFFECTS)[number];

/** What is to be done to one project's memberships so that it is in another group from an instant on. */
export interface MembershipChange<M extends Membership> {
  /** Those that began at the instant or after it. */
  readonly drop: readonly M[];
  /** The one that held until the instant, if it is to end there. */
  readonly end: M | null;
  /** The one of the new group that held until the instant, if it is to go on. */
  readonly extend: M | null;
}

/** A person, as far as it matters for a decision. */
export interface Decider {
  readonly userId: string;
  readonly role: Role;
}

/** The instant at which an effect begins, by the account's clock. */
export function effectInstant(effect: Effect, now: Date, zone: string): Date {
  const { begin, end } = spanOf(periodAt(now, zone), zone);
  if (effect === 'now') return now;
  return effect === 'period_start' ? begin : end;
}

/**
 * What changes in a project's memberships when it is in a group from an instant on, until further notice: the result
 * has no gap and no overlap when what was there had none. A later move takes the place of one that was still to come.
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
 * The memberships of other groups, the earliest first, that end or shrink when the project is in a group from an
 * instant on: none when it is there from then on as it is. The first one's group is where it moves from.
 */
export function givenUp<M extends Membership>(memberships: readonly M[], billingGroupId: string, at: Date): M[] {
  return memberships
    .filter(
      (membership) => membership.billingGroupId !== billingGroupId && (membership.to === null || membership.to > at),
    )
    .sort((a, b) => beginOf(a) - beginOf(b));
}

/** The groups whose approvers are asked, by the account's policy. */
export function groupsAsked(policy: ApprovalPolicy, from: readonly string[], to: string): string[] {
  if (policy.who === 'nobody') return [];
  return policy.who === 'receiving' ? [to] : [...new Set([to, ...from])];
}

/** Whether a person may approve for a group: by role, or named on it; never for what they have asked themselves. */
export function mayApprove(
  person: Decider,
  group: { readonly approverIds: readonly string[] },
  askedBy: string,
): boolean {
  return person.userId !== askedBy && (may(person.role, 'approve_moves') || group.approverIds.includes(person.userId));
}

/** The earliest period from which on none of these groups has an invoice, or the wanted one if that is later. */
export function earliestOpen(
  wanted: Period,
  groups: readonly { readonly nextPeriod: Period; readonly lastClosed: Period | null }[],
): Period {
  // a group that was never invoiced can begin earlier than it does now
  return groups.reduce(
    (latest, { nextPeriod, lastClosed }) => (lastClosed !== null && nextPeriod > latest ? nextPeriod : latest),
    wanted,
  );
}

/** The instant at which a membership begins, in milliseconds; before all others where it has no beginning. */
function beginOf({ from }: Membership): number {
  return from?.getTime() ?? -Infinity;
}
