import { describe, expect, it } from '@jest/globals';
import { nearestName } from '../../../src/billing/group/nearest-name.ts';

const nearest = (typed: string, ...names: string[]) => nearestName(typed, names, (name) => name);

describe('a suggested name', () => {
  it('differs in at most a third of the typed letters', () => {
    expect(nearest('develoment', 'production', 'development')).toBe('development');
    expect(nearest('abcdef', 'abcdxy')).toBe('abcdxy');
    expect(nearest('abcdef', 'abcxyz')).toBeUndefined();
    // five letters: one difference is allowed, not two
    expect(nearest('abcde', 'abcdx')).toBe('abcdx');
    expect(nearest('abcde', 'abcxy')).toBeUndefined();
  });

  it('can differ in one letter of a short word', () => {
    expect(nearest('ab', 'ax')).toBe('ax');
    expect(nearest('ab', 'xy')).toBeUndefined();
  });

  it('is the nearest, and the first of equally near ones', () => {
    expect(nearest('staging', 'stagxxg', 'stagixg', 'staging2')).toBe('stagixg');
    expect(nearest('staging', 'stagin', 'staging', 'staging2')).toBe('staging');
  });

  it('is none when there is nothing to choose from', () => {
    expect(nearest('staging')).toBeUndefined();
  });

  it('comes with the object that has the name', () => {
    const groups = [{ id: 1, name: 'production' }];
    expect(nearestName('producton', groups, ({ name }) => name)).toBe(groups[0]);
  });
});
