import type { HomeView, KnownBlock } from '@slack/types';
import { may, type Role, roleName } from '../../src/billing/account/role.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import { type AccountOfPerson, chooseAccountById } from '../../src/services/accounts/accounts.ts';
import { noteVisit, paymentsToFollowUp, type ToFollowUp } from '../../src/services/accounts/home-visits.ts';
import { type UsedUpBudget, usedUpBudgets } from '../../src/services/budgets/budgets.ts';
import { listGroups } from '../../src/services/groups/group-lists.ts';
import { type MoveSummary, movesOf } from '../../src/services/moves/move-read.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onEvent, type RequestContext } from '../../src/slack/app/listeners.ts';
import { nameDialogs } from '../../src/slack/blocks/account-name.ts';
import {
  actions,
  button,
  context,
  divider,
  header,
  home,
  section,
  staticSelect,
} from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import { pager, pagerActions, readPager } from '../../src/slack/blocks/paging.ts';
import { refusalInFull } from '../../src/slack/refusal-texts/index.ts';
import { type Caller, callerFor, contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { budgetLine } from '../costs/budgets.ts';
import { GROUP_CREATE_OPEN } from '../group/group-create.ts';
import { findBlock, groupLine } from '../group/group-list.ts';
import { PROJECT_CREATE_OPEN } from '../group/projects.ts';
import { AGING_OPEN } from '../invoices/aging.ts';
import { INVOICES_OPEN, invoiceLine } from '../invoices/invoice-list.ts';
import { target } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';
import {
  CREDIT_CAMPAIGNS_OPEN,
  EVENTS_OPEN,
  MEMBERS_OPEN,
  PAYMENT_LIST_OPEN,
  SETTINGS_OPEN,
} from '../kit/open-actions.ts';
import { moveLine } from '../moves/move-request.ts';
import { ownMoveBlocks } from '../moves/move-requests.ts';
import { BANK_LINES_OPEN } from '../payments/bank-lines.ts';
import { MY_PROJECTS_OPEN, PROJECTS_OPEN } from '../projects/projects.ts';
import { SOURCES_OPEN } from '../sources/source-list.ts';
import { SET_UP_OPEN } from './set-up.ts';

const ACCOUNT = 'home.account';
const PAGE = 'home.page';
/** Groups per page. With the other content, well within a view's hundred blocks. */
const SIZE = 30;
/** How many requests are shown with their buttons. */
const MOST_MOVES = 8;
/** A menu's limit. */
const MOST_ACCOUNTS = 100;

/** The App Home: the person's account at a glance, rebuilt when it is opened and for a while after. */
export function registerHome(app: SlackApp, deps: Deps): void {
  const show = async (request: RequestContext, page: number): Promise<void> => {
    const { teamId, userId } = request;
    const ctx = contextOf(deps, request);
    const enter = async () => {
      const caller = await callerFor(ctx, { teamId, userId });
      await noteVisit(caller.ctx, { teamId, userId, accountId: caller.account._id, page });
      return caller;
    };
    const messenger = await app.workspaces.of(teamId);
    await messenger.publishHome(userId, () => homeFor(enter, page));
  };
  // showing the same Home twice costs less than storing the event's ID
  onEvent(app, 'app_home_opened', async (request, event) => {
    const { userId } = request;
    if (event.tab === 'home' && userId !== undefined) await show({ ...request, userId }, 1);
  });
  onAction(app, ACCOUNT, async (request, action) => {
    await chooseAccountById(request.teamId, request.userId, action.value ?? '');
    await show(request, 1);
  });
  onAction(app, pagerActions(PAGE), async (request, action) => {
    const value = readPager(action.value);
    if (value) await show(request, value.page);
  });
}

/** The Home of a person with access, or how to get it for those without an account. */
export async function homeFor(enter: () => Promise<Caller>, page: number): Promise<HomeView> {
  try {
    return await accountHome(await enter(), page);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return closedHome(error);
  }
}

async function accountHome({ ctx, account, role, all }: Caller, page: number): Promise<HomeView> {
  const [groups, moves, unpaid, budgets] = await Promise.all([
    listGroups(ctx, account._id, { page, size: SIZE }),
    movesOf(ctx, account._id),
    paymentsToFollowUp(ctx, account._id),
    usedUpBudgets(ctx, account._id),
  ]);
  const blocks: KnownBlock[] = [
    header(account.name),
    ...(all.length > 1 ? [accountMenu(all)] : []),
    context(`Your role: ${roleName(role)} · ${account.currency} · ${account.timeZone.replaceAll('_', ' ')}`),
    ...buttons(account._id, role),
    ...waiting(account._id, moves.waiting, unpaid, budgets),
    ...ownMoves(moves.own),
    divider(),
    section(`*Billing groups* · ${groups.total}`),
    ...(groups.pages > 1 ? [findBlock(account._id)] : []),
    ...(groups.total === 0
      ? [
          section(
            'No billing groups yet. Create one, or import costs to create the first one. Type `/billing import` to see how.',
          ),
        ]
      : groups.items.map((group) => groupLine(account._id, group))),
    ...pager({ page: groups.page, pages: groups.pages, actionId: PAGE, value: {} }),
  ];
  return home(all.length > 1 ? nameDialogs(blocks, account.name) : blocks);
}

/** The account menu. The choice also applies to the person's commands. */
function accountMenu(all: readonly AccountOfPerson[]): KnownBlock {
  const choices = all.slice(0, MOST_ACCOUNTS).map(({ account }) => ({ text: account.name, value: account._id }));
  const initial = choices[all.findIndex((one) => one.isCurrent)];
  return section('Account', {
    accessory: staticSelect(ACCOUNT, choices, { initial, placeholder: 'Choose an account' }),
  });
}

/** The buttons that this person's role allows, most frequent first. */
function buttons(account: string, role: Role): KnownBlock[] {
  const value = target({ account });
  const doing = [
    ...(may(role, 'edit_groups') ? [button('New billing group', GROUP_CREATE_OPEN, { value, style: 'primary' })] : []),
    ...(may(role, 'edit_projects') ? [button('New project', PROJECT_CREATE_OPEN, { value })] : []),
    ...(may(role, 'edit_groups') ? [button('Payment methods', PAYMENT_LIST_OPEN, { value })] : []),
    ...(may(role, 'administer') ? [button('Credit campaigns', CREDIT_CAMPAIGNS_OPEN, { value })] : []),
  ];
  const seeing = [
    button('My projects', MY_PROJECTS_OPEN, { value }),
    button('All projects', PROJECTS_OPEN, { value }),
    button('All invoices', INVOICES_OPEN, { value }),
    ...(may(role, 'issue') ? [button('Incoming payments', BANK_LINES_OPEN, { value })] : []),
    ...(may(role, 'issue') ? [button('Sources', SOURCES_OPEN, { value })] : []),
    button('Events', EVENTS_OPEN, { value }),
    button('Members', MEMBERS_OPEN, { value }),
    button('Settings', SETTINGS_OPEN, { value }),
  ];
  return [...(doing.length === 0 ? [] : [actions(doing)]), actions(seeing)];
}

/** What needs this person's attention: moves to decide, payments to follow up, exhausted budgets. */
function waiting(
  accountId: string,
  moves: readonly MoveSummary[],
  { unpaid, hasMore }: ToFollowUp,
  budgets: readonly UsedUpBudget[],
): KnownBlock[] {
  const items = moves.length + unpaid.length + budgets.length;
  if (items === 0) return [];
  return [
    divider(),
    section(`*Waiting for you*${hasMore ? '' : ` · ${count(items, 'item')}`}`),
    ...moves.slice(0, MOST_MOVES).flatMap(moveLine),
    ...unpaid.map(invoiceLine),
    ...(hasMore ? [moreUnpaidLine(accountId)] : []),
    ...budgets.map((budget) => budgetLine(accountId, budget)),
  ];
}

function moreUnpaidLine(account: string): KnownBlock {
  const view = button('View aging report', AGING_OPEN, { value: target({ account }) });
  return section('More invoices are overdue or couldn’t be charged.', { accessory: view });
}

/** This person's requests: the pending ones, and the outcomes of the last ones. */
function ownMoves(own: readonly MoveSummary[]): KnownBlock[] {
  if (own.length === 0) return [];
  const more = own.length > MOST_MOVES ? [context('Type `/billing requests` to see all.')] : [];
  return [divider(), ...ownMoveBlocks(own.slice(0, MOST_MOVES)), ...more];
}

/** For people without an account: how to get access. */
function closedHome(refusal: Refusal): HomeView {
  if (refusal.code === 'set_up_needed') {
    return home([
      header('Billing groups'),
      section('Split, explain and pay the costs of your projects, here in Slack. Billing hasn’t been set up yet.'),
      actions([button('Set up billing', SET_UP_OPEN, { style: 'primary' })]),
    ]);
  }
  const help = refusal.people.map(mention).join(' ');
  return home([header('Billing groups'), section(`${escapeMrkdwn(refusalInFull(refusal))} ${help}`)]);
}
