import type { Span } from '../period/period.ts';

/** A project's membership in a group during `[from, to)`. Null means without a beginning or an end. */
export interface Membership {
  readonly projectId: string;
  readonly billingGroupId: string;
  readonly from: Date | null;
  readonly to: Date | null;
}

/** The part of a span during which a membership applies, or undefined if they don't overlap. */
export function clip(membership: Membership, span: Span): Span | undefined {
  const begin = membership.from && membership.from > span.begin ? membership.from : span.begin;
  const end = membership.to && membership.to < span.end ? membership.to : span.end;
  return begin < end ? { begin, end } : undefined;
}

/** Whether the membership applies during the whole span. */
export function covers(membership: Membership, span: Span): boolean {
  return (
    (membership.from === null || membership.from <= span.begin) && (membership.to === null || membership.to >= span.end)
  );
}

/** The membership that applies at an instant: a project always has exactly one (domain.md, Membership). */
export function holderAt<M extends Membership>(memberships: readonly M[], instant: Date): M | undefined {
  return memberships.find(({ from, to }) => (from === null || from <= instant) && (to === null || instant < to));
}

/**
 * What is wrong with a project's memberships, in words, or undefined if they are valid: no gaps or overlaps, the first
 * without a beginning, the last without an end (domain.md, Membership).
 */
export function faultIn(memberships: readonly Membership[]): string | undefined {
  const inOrder = [...memberships].sort((a, b) => (a.from?.getTime() ?? -Infinity) - (b.from?.getTime() ?? -Infinity));
  const first = inOrder[0];
  const last = inOrder.at(-1);
  if (!first || !last) return 'there is no membership';
  if (first.from !== null) return 'the first membership has a beginning';
  if (last.to !== null) return 'the last membership has an end';
  for (const [index, membership] of inOrder.entries()) {
    const next = inOrder[index + 1];
    if (next && membership.to?.getTime() !== next.from?.getTime()) return 'there is a gap or an overlap';
    if (membership.from && membership.to && membership.from >= membership.to)
      return 'a membership ends before it begins';
  }
  return undefined;
}
