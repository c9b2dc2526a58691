import { describe, expect, it } from '@jest/globals';
import { Remembered } from '../../../src/services/kit/answer-cache.ts';

describe('an expensive answer', () => {
  it('is computed once while its stamp is unchanged, also for simultaneous requests', async () => {
    const remembered = new Remembered<number>(10);
    let worked = 0;
    const work = async () => ++worked;
    expect(await Promise.all([1, 2, 3].map(() => remembered.get('a', 'one', work)))).toEqual([1, 1, 1]);
    expect(await remembered.get('a', 'one', work)).toBe(1);
    expect(await remembered.get('a', 'two', work)).toBe(2);
    expect(await remembered.get('b', 'two', work)).toBe(3);
  });

  it('is forgotten when it failed, so that the next request tries again', async () => {
    const remembered = new Remembered<string>(10);
    await expect(remembered.get('a', 'one', async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await remembered.get('a', 'one', async () => 'yes')).toBe('yes');
  });

  it('makes room for a new one', async () => {
    const remembered = new Remembered<string>(2);
    let worked = 0;
    const work = async () => String(++worked);
    for (const question of ['a', 'b', 'c']) await remembered.get(question, '', work);
    expect(await remembered.get('c', '', work)).toBe('3');
    expect(await remembered.get('a', '', work)).toBe('4');
  });
});
