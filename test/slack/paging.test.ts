import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pageOf, pager, pagerActions, readPager } from '../../src/slack/blocks/paging.ts';
import { checkBlocks } from '../../src/slack/limits/check-view.ts';

const options = { actionId: 'groups.page', value: { group: 'bg_1', all: true } };

function buttonsOf(page: number, pages: number) {
  const [row] = pager({ ...options, page, pages });
  return row?.type === 'actions' ? row.elements.flatMap((one) => (one.type === 'button' ? [one] : [])) : [];
}

describe('the pager', () => {
  it('is absent when everything fits on one page', () => {
    expect(pager({ ...options, page: 1, pages: 1 })).toEqual([]);
  });

  it.each([
    [1, ['groups.page.next'], [2]],
    [5, ['groups.page.previous', 'groups.page.next'], [4, 6]],
    [9, ['groups.page.previous'], [8]],
  ])('on page %d of 9 links to the pages beside it', (page, ids, targets) => {
    const buttons = buttonsOf(page, 9);
    expect(buttons.map(({ action_id }) => action_id)).toEqual(ids);
    expect(buttons.map(({ value }) => readPager(value))).toEqual(targets.map((to) => ({ ...options.value, page: to })));
    expect(checkBlocks('message', pager({ ...options, page, pages: 9 }))).toEqual([]);
    expect(JSON.stringify(pager({ ...options, page, pages: 9 }))).toContain(`Page ${page} of 9`);
  });

  it('names the actions to listen to', () => {
    expect(pagerActions('groups.page')).toEqual(['groups.page.previous', 'groups.page.next']);
  });

  it('rejects a value that a button can’t carry', () => {
    const room = 2_000 - JSON.stringify({ q: '', page: 2 }).length;
    const one = (length: number) => () => pager({ page: 1, pages: 2, actionId: 'a', value: { q: 'x'.repeat(length) } });
    expect(one(room)).not.toThrow();
    expect(one(room + 1)).toThrow(RangeError);
  });

  it.each([undefined, '', 'no json', '{}', '{"page":"2"}', '{"page":1.5}', '[1]', 'null'])(
    'reads nothing from %s',
    (value) => {
      expect(readPager(value)).toBeUndefined();
    },
  );
});

describe('the items of a page', () => {
  it('are each on one page, in order, and no page is empty', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.integer({ min: 1, max: 12 }), (length, size) => {
        const items = Array.from({ length }, (_, i) => i);
        const { pages } = pageOf(items, 1, size);
        const seen = Array.from({ length: pages }, (_, i) => pageOf(items, i + 1, size).items);
        expect(seen.flat()).toEqual(items);
        if (length > 0) expect(seen.every((page) => page.length > 0)).toBe(true);
      }),
    );
  });

  it.each([
    [0, 1],
    [-3, 1],
    [99, 3],
    [Number.NaN, 1],
    [2.7, 2],
  ])('for page %d of 3 are those of page %d', (asked, shown) => {
    expect(pageOf([1, 2, 3], asked, 1)).toEqual({ items: [shown], page: shown, pages: 3 });
  });
});
