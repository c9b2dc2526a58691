import type { KnownBlock } from '@slack/types';
import type { Admission } from '../../src/services/access/admission.ts';
import type { GroupSummary } from '../../src/services/groups/group-lists.ts';
import type { PeriodTotal } from '../../src/services/groups/group-overview.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { GroupPlace } from './place.ts';

/** Opens a group's view. Its value is a target with account and group. */
export const GROUP_OPEN = 'group.open';
/** Turns to another page of the tab's list. Its value is the place with the page number. */
export const GROUP_PAGE = 'group.page';

/** What a tab is built from. */
export interface TabContext {
  /** Includes the person's access, so that it isn't read again. */
  readonly ctx: Ctx & { readonly known: Admission };
  readonly place: GroupPlace;
  readonly group: GroupSummary;
  /** Requests a chart of these totals, created after the view is shown without it. */
  wantChart(totals: readonly PeriodTotal[]): void;
}

/** The blocks of a tab, at most 85. At most five queries. */
export type Tab = (context: TabContext) => Promise<KnownBlock[]>;
