import type { KnownBlock } from '@slack/types';
import { actions, button, context } from './blocks.ts';

/** Plain values. A record in it can contain texts. */
export type PageValue = Readonly<Record<string, string | number | boolean | null | Readonly<Record<string, string>>>>;

export interface PagerOptions {
  /** The current page, starting at 1. */
  readonly page: number;
  readonly pages: number;
  /** The buttons' action IDs are this with `.previous` and `.next`: see `pagerActions`. */
  readonly actionId: string;
  /** What is needed besides the page number to build a page again. */
  readonly value: PageValue;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Starts at 1. Limited to the existing pages. */
  readonly page: number;
  /** At least 1. */
  readonly pages: number;
}

/**
 * Previous and Next, if there are such pages, and "Page 2 of 9". Nothing when everything fits on one page.
 * @throws RangeError when the value is longer than a button can carry (2,000 characters of JSON)
 */
export function pager({ page, pages, actionId, value }: PagerOptions): readonly KnownBlock[] {
  if (pages <= 1) return [];
  const [previousId, nextId] = pagerActions(actionId);
  const carry = (to: number) => JSON.stringify({ ...value, page: to });
  const buttons = [
    ...(page > 1
      ? [button('Previous', previousId, { value: carry(page - 1), label: `Previous page, ${page - 1}` })]
      : []),
    ...(page < pages ? [button('Next', nextId, { value: carry(page + 1), label: `Next page, ${page + 1}` })] : []),
  ];
  return [actions(buttons), context(`Page ${page} of ${pages}`)];
}

/** A pager's action IDs to listen to. */
export function pagerActions(actionId: string): readonly [previous: string, next: string] {
  return [`${actionId}.previous`, `${actionId}.next`];
}

/** The value of a pager's button; undefined if it isn't from a pager. Its contents still need to be validated. */
export function readPager(value: string | undefined): ({ readonly page: number } & PageValue) | undefined {
  try {
    const parsed: unknown = JSON.parse(value ?? '');
    return isPagerValue(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The items of one page. A page that doesn't exist (any longer) becomes the nearest one. */
export function pageOf<T>(items: readonly T[], page: number, size: number): Page<T> {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const shown = Math.min(Math.max(1, Math.trunc(page) || 1), pages);
  return { items: items.slice((shown - 1) * size, shown * size), page: shown, pages };
}

function isPagerValue(value: unknown): value is { readonly page: number } & PageValue {
  return typeof value === 'object' && value !== null && 'page' in value && Number.isSafeInteger(value.page);
}
