import { z } from 'zod';

/** The tabs of a group's view, in the order in which they stand. */
export const TABS = ['overview', 'projects', 'invoices', 'credits', 'events', 'billing'] as const;
export type TabName = (typeof TABS)[number];

const schema = z.object({
  account: z.string(),
  group: z.string(),
  tab: z.enum(TABS).default('overview'),
  /** Of the tab's list, from 1. */
  page: z.number().int().min(1).default(1),
  /** What a tab's list is narrowed to, by the tab's own names. */
  filter: z.record(z.string(), z.string()).default({}),
});

/** Where in a group's view a person is: kept in the modal's metadata, so that it can be shown again as it is now. */
export type GroupPlace = z.infer<typeof schema>;

/** The place at the beginning of a tab. */
export function groupPlace(account: string, group: string, tab: TabName = 'overview'): GroupPlace {
  return { account, group, tab, page: 1, filter: {} };
}

/** As it is kept in metadata and in a button's value. */
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
