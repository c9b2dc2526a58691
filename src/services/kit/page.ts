/** Some of a list, and where in it they stand. */
export interface Page<T> {
  readonly items: readonly T[];
  /** From 1. */
  readonly page: number;
  /** At least 1. */
  readonly pages: number;
  /** Of the whole list. */
  readonly total: number;
}

export interface PageRequest {
  /** From 1; beyond the end, the last page is given. */
  readonly page: number;
  /** Items on a page. */
  readonly size: number;
}

/** Where a page begins in a list of `total`: what to skip, and the page that is really given. */
export function placeOf({ page, size }: PageRequest, total: number): { skip: number; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(total / size));
  const given = Math.min(Math.max(1, Math.trunc(page)), pages);
  return { skip: (given - 1) * size, page: given, pages };
}
