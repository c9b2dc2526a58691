import { describe, expect, it } from '@jest/globals';
import { isOneTypoAway } from '../../../src/billing/group/similar-names.ts';

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
