import type { KnownBlock, ModalView } from '@slack/types';
import { may } from '../../src/billing/account/role.ts';
import { periodName } from '../../src/billing/period/period.ts';
import { entering } from '../../src/services/access/rights.ts';
import { type GroupSummary, groupSummary } from '../../src/services/groups/group-lists.ts';
import type { PeriodTotal } from '../../src/services/groups/group-overview.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import {
  actions,
  button,
  type Choice,
  context,
  divider,
  modal,
  overflow,
  section,
} from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import { heldBackText } from '../../src/slack/refusal-texts/held-back-texts.ts';
import { moment, openText } from '../kit/figures.ts';
import { costsSoFarText } from '../kit/sum-rows.ts';
import { billingTab } from './billing.ts';
import { creditsTab } from './credits.ts';
import { eventsTab } from './events.ts';
import { invoicesTab } from './invoices.ts';
import { overviewTab } from './overview.ts';
import { type GroupPlace, groupPlace, TABS, type TabName, writePlace } from './place.ts';
import { projectsTab } from './projects.ts';
import type { Tab } from './tab.ts';

export const GROUP_TITLE = 'Billing group';
/** The tab buttons. Each value is the place that it opens. */
export const GROUP_TAB = 'group.tab';
/** The action menu. */
export const GROUP_MENU = 'group.menu';

const BUILDERS: Readonly<Record<TabName, Tab>> = {
  overview: overviewTab,
  projects: projectsTab,
  invoices: invoicesTab,
  credits: creditsTab,
  events: eventsTab,
  billing: billingTab,
};
const NAMES: Readonly<Record<TabName, string>> = {
  overview: 'Overview',
  projects: 'Projects',
  invoices: 'Invoices',
  credits: 'Credits',
  events: 'Events',
  billing: 'Billing information',
};

/** The items of the action menu. */
export const MENU = {
  rename: 'Rename, label, approvers, privacy',
  primary: 'Set as primary',
  copy: 'Copy to a new group',
  delete: 'Delete',
} as const;
export type MenuItem = keyof typeof MENU;

/** A group's view, and its missing chart if there is one. */
export interface GroupView {
  readonly view: ModalView;
  readonly group: GroupSummary;
  readonly chart: { readonly group: GroupSummary; readonly totals: readonly PeriodTotal[] } | undefined;
}

/**
 * A group's current view, with one of its tabs.
 *
 * @throws {Refusal} `account_not_found`, `billing_group_not_found`
 */
export async function groupModal(plain: Ctx, place: GroupPlace): Promise<GroupView> {
  const ctx = await entering(plain, place.account);
  const group = await groupSummary(ctx, place.account, place.group);
  let wanted: readonly PeriodTotal[] | undefined;
  const wantChart = (totals: readonly PeriodTotal[]) => {
    wanted = totals;
  };
  const blocks = await BUILDERS[place.tab]({ ctx, place, group, wantChart });
  const mayEdit = ctx.known.role === null || may(ctx.known.role, 'edit_groups');
  const view = modal({
    title: GROUP_TITLE,
    metadata: writePlace(place),
    blocks: [...head(group, mayEdit), ...tabButtons(place), divider(), ...blocks],
  });
  return { view, group, chart: wanted && { group, totals: wanted } };
}

function head(group: GroupSummary, mayEdit: boolean): KnownBlock[] {
  const marks = [
    group.isPrimary ? 'primary' : '',
    group.isPrivate ? 'private' : '',
    group.environment,
    group.state === 'deleted' ? 'deleted' : '',
  ].filter(Boolean);
  const name = [`*${escapeMrkdwn(group.name)}*`, ...marks.map(escapeMrkdwn)].join(' · ');
  const costs = costsSoFarText(group, periodName(group.period), '*');
  const asOf = group.computedAt ? `As of ${moment(group.computedAt)}` : 'Updating';
  const menu = mayEdit && group.state === 'active' ? menuOf(group) : undefined;
  return [
    section([name, costs, ...group.toPay.map(openText)].join('\n'), menu && { accessory: menu }),
    context(asOf),
    ...(group.isPrivate ? [context(seenByText(group))] : []),
    ...(group.heldBack === null ? [] : [section(`*Held back:* ${heldBackText(group.heldBack)}`)]),
  ];
}

/** Who sees a private group. */
function seenByText({ approverIds }: GroupSummary): string {
  const named = approverIds.map(mention).join(', ');
  const approvers = named === '' ? '' : ` its approvers (${named}),`;
  return `*Private:* seen by owners, billing admins,${approvers} and the leads of its projects`;
}

function menuOf(group: GroupSummary) {
  const items = (Object.keys(MENU) as MenuItem[]).filter((item) => item !== 'primary' || !group.isPrimary);
  // an option's value is short, so the IDs come from the modal's metadata
  return overflow(
    GROUP_MENU,
    items.map((item): Choice => ({ text: MENU[item], value: item })),
  );
}

function tabButtons(place: GroupPlace): KnownBlock[] {
  return [
    actions(
      TABS.map((tab) =>
        button(NAMES[tab], `${GROUP_TAB}.${tab}`, {
          value: writePlace(groupPlace(place.account, place.group, tab)),
          ...(tab === place.tab && { style: 'primary' as const, label: `${NAMES[tab]}, shown` }),
        }),
      ),
    ),
  ];
}
