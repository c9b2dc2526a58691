import { expect, it } from '@jest/globals';
import { seenPart } from '../../../src/services/kit/seen-part.ts';

const DOCS = Array.from({ length: 3_000 }, (_, at) => ({ _id: String(at).padStart(5, '0') }));

/** A page of the documents whose place is a multiple of a number, and how many reads it took. */
async function page(every: number, limit: number | undefined, after?: string) {
  const sizes: number[] = [];
  const read = async (part: { readonly after: string | undefined; readonly limit: number }) => {
    sizes.push(part.limit);
    return DOCS.filter(({ _id }) => part.after === undefined || _id > part.after).slice(0, part.limit);
  };
  const part = await seenPart({ after, limit }, read, (docs) => docs.filter(({ _id }) => Number(_id) % every === 0));
  return { ...part, ids: part.items.map(({ _id }) => Number(_id)), sizes };
}

it('a part of a list reads on past what is hidden, in few reads', async () => {
  const { ids, next, sizes } = await page(2_000, 1, '00000');
  expect([ids, next]).toEqual([[2_000], undefined]);
  expect(sizes.length).toBeLessThan(10);
});

it('pages of a list have each of its documents once, and the last one says so', async () => {
  const ids: number[] = [];
  let after: string | undefined;
  do {
    const part = await page(7, 50, after);
    ids.push(...part.ids);
    after = part.next;
  } while (after !== undefined);
  expect(ids).toEqual(DOCS.map((_, at) => at).filter((at) => at % 7 === 0));
});

it('a list without a limit is read at once, and a part of which everything is seen reads one document more', async () => {
  expect((await page(7, undefined)).sizes).toHaveLength(1);
  expect((await page(1, 10)).sizes).toEqual([11]);
});
