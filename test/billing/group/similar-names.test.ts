import { describe, expect, it } from '@jest/globals';
import { isOneTypoAway, nearestNames } from '../../../src/billing/group/similar-names.ts';

describe('a name one typo away from another', () => {
  it.each([
    ['web-shop', 'web-shop'],
    ['web-shop', 'web-shp'],
    ['web-shop', 'web-shopp'],
    ['web-shop', 'wef-shop'],
    ['web-shop', 'wbe-shop'],
    ['web-shop', 'web shop'],
    ['my-web-shop', 'my_web_shop'],
    ['my-web-shop', 'mywebshop'],
    ['a', ''],
    ['日本😀', '日本😁'],
  ])('%j and %j', (one, other) => {
    expect([isOneTypoAway(one, other), isOneTypoAway(other, one)]).toEqual([true, true]);
  });

  it.each([
    ['web-shop', 'web-app'],
    ['web-shop', 'web-sh'],
    ['web-shop', 'ebw-shop'],
    ['web-shop', 'wxb-shxp'],
    ['', 'ab'],
  ])('not %j and %j', (one, other) => {
    expect([isOneTypoAway(one, other), isOneTypoAway(other, one)]).toEqual([false, false]);
  });
});

const nearest = (typed: string, ...names: string[]) => nearestNames(typed, names, (name) => name);

describe('suggested names', () => {
  it('differ in at most a third of the letters', () => {
    expect(nearest('develoment', 'production', 'development')).toEqual(['development']);
    expect(nearest('abcdef', 'abcdxy')).toEqual(['abcdxy']);
    expect(nearest('abcdef', 'abcxyz')).toEqual([]);
    // five letters: one difference is allowed, not two
    expect(nearest('abcde', 'abcdx')).toEqual(['abcdx']);
    expect(nearest('abcde', 'abcxy')).toEqual([]);
    expect(nearest('invce', 'invoice')).toEqual(['invoice']);
  });

  it('can differ in one letter of a short word', () => {
    expect(nearest('ab', 'ax')).toEqual(['ax']);
    expect(nearest('ab', 'xy')).toEqual([]);
  });

  it('can have two swapped letters, which count as one', () => {
    expect(nearest('ab', 'ba')).toEqual(['ba']);
    expect(nearest('prodcution', 'prodxxtion', 'production')).toEqual(['production']);
    expect(nearest('abcdef', 'bacdfe')).toEqual([]);
  });

  it('are the nearest, in their order', () => {
    expect(nearest('staging', 'stagxxg', 'stagixg', 'staging2')).toEqual(['stagixg', 'staging2']);
    expect(nearest('staging', 'stagin', 'staging', 'staging2')).toEqual(['staging']);
  });

  it('are none when there is nothing to choose from', () => {
    expect(nearest('staging')).toEqual([]);
  });

  it('come as the objects that have the names', () => {
    const groups = [{ id: 1, name: 'production' }];
    expect(nearestNames('producton', groups, ({ name }) => name)).toEqual(groups);
  });
});
