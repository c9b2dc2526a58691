import type { KnownBlock } from '@slack/types';
import type { Admission } from '../../src/services/access/admission.ts';
import type { GroupSummary } from '../../src/services/groups/group-lists.ts';
import type { PeriodTotal } from '../../src/services/groups/group-overview.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { GroupPlace } from './place.ts';

/** Opens a group's view; its value is a target with account and group. */
export const GROUP_OPEN = 'group.open';
/** Turns to another page of the tab's list; its value is the place, with the page's number. */
export const GROUP_PAGE = 'group.page';

/** What a tab is made of. */
export interface TabContext {
  /** Knows whom it is for, so that readings do not ask again. */
  readonly ctx: Ctx & { readonly known: Admission };
  readonly place: GroupPlace;
  readonly group: GroupSummary;
  /** Asks for a chart of these totals to be made, once the view is shown without it. */
  wantChart(totals: readonly PeriodTotal[]): void;
}

/** The blocks of a tab, at most 85 of them. No more than five queries. */
export type Tab = (context: TabContext) => Promise<KnownBlock[]>;
