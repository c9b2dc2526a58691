import { describe, expect, it } from '@jest/globals';
import { FULL_SIGHT, Sight } from '../../../src/billing/account/sight.ts';

const of = (billingGroupId: string) => ({ billingGroupId });

describe('what a reader sees of an account', () => {
  const sight = new Sight(['b', 'a']);

  it('is everything but the private groups of others', () => {
    expect(sight.sees('a')).toBe(false);
    expect(sight.sees('b')).toBe(false);
    expect(sight.sees('c')).toBe(true);
    expect(sight.among([of('c'), of('a'), of('d'), of('b')])).toEqual([of('c'), of('d')]);
    expect(sight.isWhole).toBe(false);
  });

  it('is everything where nothing is private', () => {
    expect(FULL_SIGHT.isWhole).toBe(true);
    expect(FULL_SIGHT.sees('a')).toBe(true);
    expect(FULL_SIGHT.hidden).toEqual([]);
  });

  it('has one key for the same groups in any order, and another one for others', () => {
    expect(new Sight(['a', 'b']).key).toBe(sight.key);
    expect(sight.hidden).toEqual(['a', 'b']);
    expect(new Sight(['a']).key).not.toBe(sight.key);
    expect(new Sight(['ab']).key).not.toBe(sight.key);
    expect(FULL_SIGHT.key).toBe('');
  });

  it('doesn’t change with the list that it was made from', () => {
    const hidden = ['b', 'a'];
    const made = new Sight(hidden);
    hidden.push('c');
    expect(hidden).toEqual(['b', 'a', 'c']);
    expect(made.sees('c')).toBe(true);
    expect(made.hidden).toEqual(['a', 'b']);
  });
});
