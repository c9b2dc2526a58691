import { describe, expect, it } from '@jest/globals';
import { KeptResults } from '../../../src/services/kit/kept-results.ts';

const lengthOf = (items: readonly unknown[]) => items.length;

describe('kept results', () => {
  it('are made once for the same documents', () => {
    const lists = new KeptResults<readonly string[]>(lengthOf);
    const made: string[] = [];
    const get = (list: string, stamp: string) =>
      lists.get(list, stamp, () => {
        made.push(`${list} ${stamp}`);
        return [stamp];
      });
    expect([get('a', '1'), get('a', '1'), get('b', '1'), get('a', '2'), get('a', '1')]).toEqual([
      ...[['1'], ['1'], ['1'], ['2'], ['1']],
    ]);
    expect(made).toEqual(['a 1', 'b 1', 'a 2', 'a 1']);
  });

  it('give way to those that were used later', () => {
    const lists = new KeptResults<readonly number[]>(lengthOf);
    let made = 0;
    const get = (list: string, size: number) =>
      lists.get(list, '', () => {
        made += 1;
        return Array.from({ length: size }, () => 0);
      });
    get('a', 40_000);
    get('b', 40_000);
    get('a', 40_000);
    get('c', 40_000);
    expect(made).toBe(3);
    // b was dropped, a wasn't
    get('a', 40_000);
    expect(made).toBe(3);
    get('b', 40_000);
    expect(made).toBe(4);
  });

  it('aren’t kept if they are larger than all may be together', () => {
    const lists = new KeptResults<readonly number[]>(lengthOf);
    const items = Array.from({ length: 100_001 }, () => 0);
    expect(lists.get('a', '', () => items)).toBe(items);
    expect(lists.get('a', '', () => [])).toEqual([]);
  });
});
