import { z } from 'zod';

/** The tabs of a group's view, in order. */
export const TABS = ['overview', 'projects', 'invoices', 'credits', 'events', 'billing'] as const;
export type TabName = (typeof TABS)[number];

const schema = z.object({
  account: z.string(),
  group: z.string(),
  tab: z.enum(TABS).default('overview'),
  /** The page of the tab's list, starting at 1. */
  page: z.number().int().min(1).default(1),
  /** The filter of a tab's list, with the tab's own names. */
  filter: z.record(z.string(), z.string()).default({}),
});

/** A person's place in a group's view: kept in the modal's metadata, so that the view can be updated. */
export type GroupPlace = z.infer<typeof schema>;

/** The start of a tab. */
export function groupPlace(account: string, group: string, tab: TabName = 'overview'): GroupPlace {
  return { account, group, tab, page: 1, filter: {} };
}

/** The place for metadata and for a button's value. */
export function writePlace(place: GroupPlace): string {
  return JSON.stringify(place);
}

/** Undefined for metadata that isn't ours. */
export function readPlace(metadata: string | undefined): GroupPlace | undefined {
  try {
    return schema.parse(JSON.parse(metadata ?? ''));
  } catch {
    return undefined;
  }
}
