import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOTS, sourcesIn } from './sources.ts';

/** With more files, a folder becomes hard to navigate. */
const MAX_FILES = 20;
/** One file for each subcommand. */
const AS_MANY_AS_NEEDED = ['commands'];

describe('folders', () => {
  it(`hold at most ${MAX_FILES} source files`, () => {
    const files = sourcesIn([...ROOTS, 'test']);
    const counts = new Map<string, number>();
    for (const folder of files.map((file) => path.posix.dirname(file))) {
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    expect(counts.size).toBeGreaterThan(60);
    const full = [...counts].filter(([folder, count]) => count > MAX_FILES && !AS_MANY_AS_NEEDED.includes(folder));
    expect(full).toEqual([]);
  });
});
