/** Part of a list, and its position. */
export interface Page<T> {
  readonly items: readonly T[];
  /** From 1. */
  readonly page: number;
  /** At least 1. */
  readonly pages: number;
  /** The number of items in the whole list. */
  readonly total: number;
}

export interface PageRequest {
  /** From 1. Beyond the end, the last page is returned. */
  readonly page: number;
  /** The number of items per page. */
  readonly size: number;
}

/** The position of a page in a list of `total` items: how many to skip, and which page is actually returned. */
export function placeOf({ page, size }: PageRequest, total: number): { skip: number; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(total / size));
  const given = Math.min(Math.max(1, Math.trunc(page)), pages);
  return { skip: (given - 1) * size, page: given, pages };
}

/** How many items of a list to skip, and how many to read. */
export interface PagePart {
  readonly skip: number;
  readonly size: number;
}

/**
 * A page of a list that the database counts and sorts. A first page that isn't full is the whole list, so that short
 * lists aren't counted.
 */
export async function pageOf<T>(
  request: PageRequest,
  count: () => Promise<number>,
  read: (part: PagePart) => Promise<readonly T[]>,
): Promise<Page<T>> {
  const { size } = request;
  const first = request.page <= 1 ? await read({ skip: 0, size }) : undefined;
  const total = first && first.length < size ? first.length : await count();
  const { skip, ...place } = placeOf(request, total);
  return { items: first ?? (await read({ skip, size })), ...place, total };
}
