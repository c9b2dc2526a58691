import { describe, expect, it } from '@jest/globals';
import { SharedReads } from '../../../src/services/kit/shared-reads.ts';

/** Reads that end when the test says so, and the number of those that have begun. */
function heldReads() {
  const ends: (() => void)[] = [];
  let begun = 0;
  const read = () =>
    new Promise<number>((resolve) => {
      begun += 1;
      const own = begun;
      ends.push(() => resolve(own));
    });
  return { read, begun: () => begun, end: (at: number) => ends[at]?.() };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('reads of the same at the same time', () => {
  it('are shared by those that came before they began', async () => {
    const reads = new SharedReads<number>();
    const held = heldReads();
    const first = reads.get('a', held.read);
    const later = [1, 2, 3].map(() => reads.get('a', held.read));
    await turn();
    expect(held.begun()).toBe(1);
    held.end(0);
    expect(await first).toBe(1);
    await turn();
    expect(held.begun()).toBe(2);
    held.end(1);
    // nobody gets what was read before they asked
    expect(await Promise.all(later)).toEqual([2, 2, 2]);
  });

  it('begin again for who comes while the next is running', async () => {
    const reads = new SharedReads<number>();
    const held = heldReads();
    const all = [reads.get('a', held.read), reads.get('a', held.read)];
    held.end(0);
    await turn();
    all.push(reads.get('a', held.read), reads.get('a', held.read));
    held.end(1);
    await turn();
    held.end(2);
    expect(await Promise.all(all)).toEqual([1, 2, 3, 3]);
    const alone = reads.get('a', held.read);
    held.end(3);
    expect(await alone).toBe(4);
  });

  it('of another question aren’t shared', async () => {
    const reads = new SharedReads<string>();
    const answers = ['a', 'b', 'a'].map((question) => reads.get(question, async () => `answer to ${question}`));
    expect(await Promise.all(answers)).toEqual(['answer to a', 'answer to b', 'answer to a']);
  });

  it('fail for all who share them, and not for the next', async () => {
    const reads = new SharedReads<string>();
    const fails = async () => Promise.reject(new Error('no'));
    const [first, second, third] = [
      reads.get('a', async () => 'yes'),
      reads.get('a', fails),
      reads.get('a', async () => 'never read'),
    ];
    expect(await first).toBe('yes');
    await expect(second).rejects.toThrow('no');
    await expect(third).rejects.toThrow('no');
    expect(await reads.get('a', async () => 'yes again')).toBe('yes again');
    await expect(reads.get('a', fails)).rejects.toThrow('no');
    expect(await reads.get('a', async () => 'at last')).toBe('at last');
  });
});
