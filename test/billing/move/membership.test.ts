import { describe, expect, it } from '@jest/globals';
import { clip, covers, faultIn, holderAt, type Membership } from '../../../src/billing/move/membership.ts';

const day = (number: number) => new Date(Date.UTC(2026, 9, number));
const held = (billingGroupId: string, from: number | null, to: number | null): Membership => ({
  projectId: 'p',
  billingGroupId,
  from: from === null ? null : day(from),
  to: to === null ? null : day(to),
});
const OCTOBER = { begin: day(1), end: day(32) };

describe('the part of a period covered by a membership', () => {
  it.each([
    ['always', null, null, [1, 32]],
    ['from before the period until after it', -5, 40, [1, 32]],
    ['exactly the period', 1, 32, [1, 32]],
    ['from a day within it on', 10, null, [10, 32]],
    ['until a day within it', null, 10, [1, 10]],
    ['for some days within it', 10, 20, [10, 20]],
    ['only before it', null, 1, undefined],
    ['only after it', 32, null, undefined],
    ['for no time', 10, 10, undefined],
  ])('%s', (_what, from, to, expected) => {
    const span = clip(held('a', from, to), OCTOBER);
    expect(span && [span.begin, span.end]).toEqual(expected?.map(day));
  });
});

describe('a membership covering a period', () => {
  it.each([
    [null, null, true],
    [1, 32, true],
    [-5, 40, true],
    [2, 32, false],
    [1, 31, false],
    [null, 31, false],
    [2, null, false],
  ])('from %s to %s: %s', (from, to, isCovered) => {
    expect(covers(held('a', from, to), OCTOBER)).toBe(isCovered);
  });
});

describe('a project’s group', () => {
  const memberships = [held('c', 20, null), held('b', 10, 20), held('a', null, 10)];

  it.each([
    [9, 'a'],
    [10, 'b'],
    [19, 'b'],
    [20, 'c'],
  ])('on day %d is %s, in any order of memberships', (number, group) => {
    expect(holderAt(memberships, day(number))?.billingGroupId).toBe(group);
    expect(holderAt([...memberships].reverse(), day(number))?.billingGroupId).toBe(group);
  });

  it('is none when no membership covers the instant', () => {
    expect(holderAt([held('b', 10, 20)], day(9))).toBeUndefined();
    expect(holderAt([held('b', 10, 20)], day(20))).toBeUndefined();
  });
});

describe('an inconsistency in a project’s memberships', () => {
  it.each<[string, Membership[], string | undefined]>([
    ['none in one without start and end', [held('a', null, null)], undefined],
    ['none in three in a row', [held('a', null, 10), held('b', 10, 20), held('c', 20, null)], undefined],
    ['none in any other order', [held('b', 10, 20), held('c', 20, null), held('a', null, 10)], undefined],
    ['none with the last one first', [held('c', 20, null), held('a', null, 10), held('b', 10, 20)], undefined],
    ['no membership', [], 'no membership'],
    ['a gap', [held('a', null, 10), held('b', 11, null)], 'a gap or an overlap'],
    ['a gap in the middle', [held('a', null, 5), held('b', 5, 10), held('c', 11, null)], 'a gap or an overlap'],
    ['an overlap', [held('a', null, 11), held('b', 10, null)], 'a gap or an overlap'],
    ['two without a start', [held('a', null, 10), held('b', null, null)], 'a gap or an overlap'],
    ['two without an end', [held('a', null, null), held('b', 10, null)], 'a gap or an overlap'],
    ['a start', [held('a', 1, null)], 'a beginning'],
    ['a start of the first of two', [held('a', 1, 10), held('b', 10, null)], 'a beginning'],
    ['an end', [held('a', null, 10)], 'an end'],
    ['an end of the last of two', [held('a', null, 10), held('b', 10, 20)], 'an end'],
    ['one with no duration', [held('a', null, 10), held('b', 10, 10), held('c', 10, null)], 'before it begins'],
  ])('%s', (_what, memberships, fault) => {
    const found = faultIn(memberships);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(fault);
  });
});
