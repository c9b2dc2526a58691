import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ROLES } from '../../../src/billing/account/role.ts';
import { DEFAULT_APPROVAL_POLICY } from '../../../src/billing/move/approval.ts';
import { clip, faultIn, holderAt, type Membership } from '../../../src/billing/move/membership.ts';
import {
  EFFECTS,
  earliestOpen,
  effectInstant,
  givenUp,
  groupsAsked,
  mayApprove,
  membershipChange,
} from '../../../src/billing/move/move.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { runs } from '../../support/runs.ts';

const GROUPS = ['A', 'B', 'C'];
const FIRST: Membership = { projectId: 'p', billingGroupId: 'A', from: null, to: null };
const hour = (number: number) => new Date(Date.UTC(2026, 2, 1, number));

/** A project's memberships after a change. */
function changed(memberships: readonly Membership[], billingGroupId: string, at: Date): Membership[] {
  const { drop, end, extend } = membershipChange(memberships, billingGroupId, at);
  const rest = memberships.filter((one) => !drop.includes(one) && one !== end && one !== extend);
  if (end) return [...rest, { ...end, to: at }, { ...FIRST, billingGroupId, from: at }];
  return extend ? [...rest, { ...extend, to: null }] : rest;
}

const move = fc.record({ to: fc.constantFrom(...GROUPS), at: fc.nat(200).map(hour) });
const moves = fc.array(move, { maxLength: 12 });
const played = (all: readonly { to: string; at: Date }[]) =>
  all.reduce<Membership[]>((memberships, { to, at }) => changed(memberships, to, at), [FIRST]);

describe('a project’s memberships after any moves, in any order', () => {
  it('have no gap and no overlap, no beginning and no end', () => {
    fc.assert(
      fc.property(moves, (all) => faultIn(played(all)) === undefined),
      { numRuns: runs(2_000) },
    );
  });

  it('belong to the new group from that instant, and are unchanged before it', () => {
    const probe = fc.nat(220).map(hour);
    fc.assert(
      fc.property(moves, move, probe, (all, { to, at }, instant) => {
        const before = played(all);
        const holder = holderAt(changed(before, to, at), instant)?.billingGroupId;
        expect(holder).toBe(instant >= at ? to : holderAt(before, instant)?.billingGroupId);
      }),
      { numRuns: runs(2_000) },
    );
  });

  it('don’t change when the move is repeated', () => {
    fc.assert(
      fc.property(moves, move, (all, { to, at }) => {
        const after = changed(played(all), to, at);
        expect(givenUp(after, to, at)).toEqual([]);
        // repeating it changes nothing
        expect(changed(after, to, at)).toHaveLength(after.length);
      }),
    );
  });

  it('can’t be changed when there are none', () => {
    expect(() => membershipChange([], 'B', hour(1))).toThrow(RangeError);
  });
});

describe('one move among others', () => {
  const held = (billingGroupId: string, from: Date | null, to: Date | null) => ({ ...FIRST, billingGroupId, from, to });
  const first = held('A', null, hour(10));
  const second = held('B', hour(10), hour(50));
  const third = held('C', hour(50), hour(100));
  const last = held('A', hour(100), null);
  const orders = [
    [first, second, third, last],
    [last, third, second, first],
    [third, first, last, second],
    [second, last, first, third],
  ];

  it.each([
    ['A', 60, { drop: [last], end: third, extend: null }],
    ['C', 60, { drop: [last], end: null, extend: third }],
    ['A', 50, { drop: [third, last], end: second, extend: null }],
    ['B', 50, { drop: [third, last], end: null, extend: second }],
    ['A', 100, { drop: [last], end: third, extend: null }],
    ['A', 101, { drop: [], end: null, extend: last }],
    ['B', 5, { drop: [second, third, last], end: first, extend: null }],
    ['A', 5, { drop: [second, third, last], end: null, extend: first }],
  ])('to %s at hour %d ends or extends the current one, and drops later ones', (to, at, expected) => {
    for (const memberships of orders) {
      const { drop, end, extend } = membershipChange(memberships, to, hour(at));
      expect(new Set(drop)).toEqual(new Set(expected.drop));
      expect([end, extend]).toEqual([expected.end, expected.extend]);
    }
  });

  it.each([
    ['B', 60, [third, last]],
    ['A', 60, [third]],
    ['A', 50, [third]],
    ['A', 49, [second, third]],
    ['C', 5, [first, second, last]],
    ['A', 200, []],
  ])('to %s at hour %d takes time from other groups, the earliest first', (to, at, expected) => {
    for (const memberships of orders) expect(givenUp(memberships, to, hour(at))).toEqual(expected);
  });
});

describe('the time given up in a move', () => {
  it('is every other group’s time from that instant, the earliest first, and nothing else', () => {
    fc.assert(
      fc.property(moves, move, (all, { to, at }) => {
        const memberships = played(all);
        const given = givenUp(memberships, to, at);
        for (const one of memberships) {
          const isTaken = one.billingGroupId !== to && clip(one, { begin: at, end: hour(10_000) }) !== undefined;
          expect(given.includes(one)).toBe(isTaken);
        }
        const begins = given.map(({ from }) => from?.getTime() ?? -Infinity);
        expect(begins).toEqual([...begins].sort((a, b) => a - b));
      }),
    );
  });

  it('includes a scheduled move', () => {
    const pending = changed([FIRST], 'B', hour(100));
    expect(givenUp(pending, 'C', hour(1)).map(({ billingGroupId }) => billingGroupId)).toEqual(['A', 'B']);
    // back to its current group, which cancels the scheduled move
    expect(givenUp(pending, 'A', hour(1)).map(({ billingGroupId }) => billingGroupId)).toEqual(['B']);
    expect(changed(pending, 'A', hour(1))).toEqual([FIRST]);
  });
});

describe('the effective date of a move', () => {
  it.each([
    // the clocks go forward on 29 March and back on 25 October 2026 in Berlin
    ['Europe/Berlin', '2026-03-29T01:00:00Z', '2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z'],
    ['Europe/Berlin', '2026-10-25T01:30:00Z', '2026-09-30T22:00:00Z', '2026-10-31T23:00:00Z'],
    ['America/New_York', '2026-03-01T04:59:59Z', '2026-02-01T05:00:00Z', '2026-03-01T05:00:00Z'],
    ['Pacific/Auckland', '2026-04-30T12:00:00Z', '2026-04-30T12:00:00Z', '2026-05-31T12:00:00Z'],
  ])('%s at %s is the start of the month, now, or the start of the next month', (zone, now, begin, end) => {
    const instants = EFFECTS.map((effect) => effectInstant(effect, new Date(now), zone).toISOString());
    expect(instants).toEqual([begin, now, end].map((one) => new Date(one).toISOString()));
  });
});

describe('the approvers of a move', () => {
  it('are one approver of the receiving group, unless an owner chooses otherwise', () => {
    expect(groupsAsked(DEFAULT_APPROVAL_POLICY, ['A'], 'B')).toEqual(['B']);
    expect(DEFAULT_APPROVAL_POLICY.needed).toBe(1);
  });

  it('are nobody, the receiving group, or also every group that gives up projects, each once', () => {
    expect(groupsAsked({ who: 'nobody', needed: 1 }, ['A'], 'B')).toEqual([]);
    expect(groupsAsked({ who: 'receiving', needed: 1 }, ['A'], 'B')).toEqual(['B']);
    expect(groupsAsked({ who: 'both', needed: 1 }, ['A', 'C', 'A'], 'B')).toEqual(['B', 'A', 'C']);
  });

  it.each(ROLES.map((role) => [role, ['owner', 'billing_admin', 'approver'].includes(role)] as const))(
    'with the role %s: %s, and also anyone named on the group, but never for their own requests',
    (role, isAble) => {
      const person = { userId: 'U1', role };
      expect(mayApprove(person, { isPrivate: false, approverIds: [] }, 'U2')).toBe(isAble);
      expect(mayApprove(person, { isPrivate: false, approverIds: ['U1'] }, 'U2')).toBe(true);
      expect(mayApprove(person, { isPrivate: false, approverIds: ['U1'] }, 'U1')).toBe(false);
      expect(mayApprove(person, { isPrivate: true, approverIds: [] }, 'U2')).toBe(isAble && role !== 'approver');
      expect(mayApprove(person, { isPrivate: true, approverIds: ['U1'] }, 'U2')).toBe(true);
    },
  );
});

describe('the earliest open period', () => {
  const [march, april, may] = ['2026-03', '2026-04', '2026-05'].map(toPeriod);
  if (!march || !april || !may) throw new Error('no periods');

  it('is the requested one unless a group has an invoice for it', () => {
    expect(earliestOpen(march, [])).toBe(march);
    expect(earliestOpen(march, [{ nextPeriod: april, lastClosed: march }])).toBe(april);
    expect(earliestOpen(may, [{ nextPeriod: april, lastClosed: march }])).toBe(may);
  });

  it('isn’t delayed by a group that was never invoiced, since it can start earlier', () => {
    expect(earliestOpen(march, [{ nextPeriod: may, lastClosed: null }])).toBe(march);
  });
});
