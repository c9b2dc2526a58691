import { describe, expect, it } from '@jest/globals';
import { nearestName } from '../../../src/billing/group/nearest-name.ts';

const nearest = (typed: string, ...names: string[]) => nearestName(typed, names, (name) => name);

describe('the name that is likely meant', () => {
  it('differs in at most a third of the letters that were typed', () => {
    expect(nearest('develoment', 'production', 'development')).toBe('development');
    expect(nearest('abcdef', 'abcdxy')).toBe('abcdxy');
    expect(nearest('abcdef', 'abcxyz')).toBeUndefined();
    // five letters: one may differ, not two
    expect(nearest('abcde', 'abcdx')).toBe('abcdx');
    expect(nearest('abcde', 'abcxy')).toBeUndefined();
  });

  it('may differ in one letter of a short word', () => {
    expect(nearest('ab', 'ax')).toBe('ax');
    expect(nearest('ab', 'xy')).toBeUndefined();
  });

  it('is the nearest, and the first of several that are as near', () => {
    expect(nearest('staging', 'stagxxg', 'stagixg', 'staging2')).toBe('stagixg');
    expect(nearest('staging', 'stagin', 'staging', 'staging2')).toBe('staging');
  });

  it('is none where there is nothing to choose from', () => {
    expect(nearest('staging')).toBeUndefined();
  });

  it('is answered with what has the name', () => {
    const groups = [{ id: 1, name: 'production' }];
    expect(nearestName('producton', groups, ({ name }) => name)).toBe(groups[0]);
  });
});
