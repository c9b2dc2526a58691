import type { Part, PartRequest } from '../groups/group-details.ts';

/** Part of a list, optionally only of what changed at or after an instant. */
export interface ChangesRequest extends PartRequest {
  readonly changedSince?: Date | undefined;
}

/** More documents than a list without a limit can have. */
const ALL = 1_000_000;
/** Where much is hidden, this many documents are read at once: with small pages, there would be thousands of reads. */
const LEAST_READ = 500;

/**
 * Part of a list whose documents the database reads in the order of their IDs, and of which only some are shown. Reads
 * on until the part is full, so that a page never says that something is hidden.
 */
export async function seenPart<T extends { readonly _id: string }>(
  { after, limit = ALL }: PartRequest,
  read: (part: { readonly after: string | undefined; readonly limit: number }) => Promise<readonly T[]>,
  seen: (docs: readonly T[]) => Promise<readonly T[]> | readonly T[],
): Promise<Part<T>> {
  const items: T[] = [];
  let from = after;
  // one more than shown, to find out whether there are others
  let size = limit + 1;
  for (;;) {
    const docs = await read({ after: from, limit: size });
    items.push(...(await seen(docs)));
    if (items.length > limit || docs.length < size) break;
    from = docs.at(-1)?._id;
    size = Math.max(size, LEAST_READ);
  }
  const shown = items.slice(0, limit);
  const next = items.length > shown.length ? shown.at(-1)?._id : undefined;
  return { items: shown, ...(next !== undefined && { next }) };
}

/** The same part with other items. */
export function partWith<T>(part: Part<unknown>, items: readonly T[]): Part<T> {
  return { ...part, items };
}
