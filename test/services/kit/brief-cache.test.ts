import { beforeEach, describe, expect, it } from '@jest/globals';
import { BriefCache } from '../../../src/services/kit/brief-cache.ts';

let now = 0;
let reads = 0;
beforeEach(() => {
  now = 0;
  reads = 0;
});

const cacheOf = (most = 10) => new BriefCache<string>({ most, keptMs: 4_000, elapsed: () => now });
const read = async () => `read ${++reads}`;

describe('a value', () => {
  it('is read again once its time is over, counted from the beginning of the read', async () => {
    const cache = cacheOf();
    const slow = async () => {
      now += 1_000;
      return read();
    };
    expect(await cache.get('a', slow)).toBe('read 1');
    now = 3_999;
    expect(await cache.get('a', read)).toBe('read 1');
    now = 4_000;
    expect(await cache.get('a', read)).toBe('read 2');
  });

  it('that is forgotten is read again at once', async () => {
    const cache = cacheOf();
    await cache.get('a', read);
    cache.forget('a');
    expect(await cache.get('a', read)).toBe('read 2');
  });

  it('that was being read when it was forgotten isn’t kept, and nobody who asks afterwards gets it', async () => {
    const cache = cacheOf();
    let end: (value: string) => void = () => undefined;
    const before = cache.get('a', () => new Promise((resolve) => (end = resolve)));
    cache.forget('a');
    const after = cache.get('a', read);
    end('as it was before');
    expect(await before).toBe('as it was before');
    expect(await after).toBe('read 1');
    expect(await cache.get('a', read)).toBe('read 1');
  });

  it('that isn’t there is looked up each time', async () => {
    const cache = cacheOf();
    expect(await cache.get('a', async () => null)).toBeNull();
    expect(await cache.get('a', read)).toBe('read 1');
  });

  it('that is replaced isn’t kept for longer, and none is kept by that', async () => {
    const cache = cacheOf();
    cache.replace('a', 'unknown');
    expect(await cache.get('a', read)).toBe('read 1');
    now = 3_000;
    cache.replace('a', 'replaced');
    expect(await cache.get('a', read)).toBe('replaced');
    now = 4_000;
    expect(await cache.get('a', read)).toBe('read 2');
  });

  it('is the first to go when it is the oldest of too many', async () => {
    const cache = cacheOf(2);
    for (const key of ['a', 'b', 'c']) await cache.get(key, read);
    expect(await cache.get('b', read)).toBe('read 2');
    expect(await cache.get('a', read)).toBe('read 4');
  });
});
