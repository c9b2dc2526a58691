import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { KeptAnswers } from '../../src/api/kept-answers.ts';

let now = 0;
let written = 0;
beforeEach(() => {
  now = 0;
  written = 0;
});

const answersOf = (mostBytes = 1_000) => new KeptAnswers({ mostBytes, elapsed: () => now });
/** Writes an answer of some bytes, whose ETag is the number of answers written so far. */
const write =
  (bytes = 10) =>
  async () => {
    written += 1;
    return { bytes: Buffer.alloc(bytes, String(written)), etag: `"${written}"` };
  };

describe('a kept answer', () => {
  it('is used for the same question as long as its stamp is the same', async () => {
    const answers = answersOf();
    const etag = async (question: string, stamp: string) => (await answers.get(question, stamp, write())).etag;
    expect(await etag('a', 'one')).toBe('"1"');
    expect(await etag('a', 'one')).toBe('"1"');
    expect(await etag('a', 'two')).toBe('"2"');
    expect(await etag('b', 'two')).toBe('"3"');
    // an earlier stamp isn't kept
    expect(await etag('a', 'one')).toBe('"4"');
  });

  it('goes when others need its room: the one that was used least recently, and whatever has no room at all', async () => {
    const answers = answersOf(100);
    const etag = async (question: string, bytes = 20) => (await answers.get(question, '', write(bytes))).etag;
    expect([await etag('a'), await etag('b'), await etag('a')]).toEqual(['"1"', '"2"', '"1"']);
    expect([await etag('c'), await etag('a'), await etag('b')]).toEqual(['"3"', '"1"', '"4"']);
    expect([await etag('large', 51), await etag('large', 51)]).toEqual(['"5"', '"6"']);
    // nothing is lost count of by answers that are written at the same instant
    await Promise.all([1, 2, 3, 4, 5].map(() => answers.get('b', 'new', write(20))));
    expect([await etag('c'), await etag('d'), await etag('c'), await etag('d')]).toEqual([
      '"12"',
      '"13"',
      '"12"',
      '"13"',
    ]);
  });

  it('goes when nobody has asked for it in ten minutes', async () => {
    const answers = answersOf();
    const etag = async (question: string) => (await answers.get(question, '', write())).etag;
    expect([await etag('a'), await etag('b')]).toEqual(['"1"', '"2"']);
    now = 9 * 60_000;
    expect(await etag('b')).toBe('"2"');
    now = 10 * 60_000;
    expect([await etag('b'), await etag('a')]).toEqual(['"2"', '"3"']);
  });

  it('is compressed once', async () => {
    const answer = await answersOf().get('a', '', write(5));
    expect(gunzipSync(await answer.gzipped()).toString()).toBe('11111');
    expect(await answer.gzipped()).toBe(await answer.gzipped());
  });
});
