import type { HomeView, KnownBlock } from '@slack/types';
import { Refusal } from '../src/billing/refusal.ts';
import { roleName } from '../src/billing/role.ts';
import { listGroups } from '../src/services/group-lists.ts';
import type { SlackApp } from '../src/slack/app.ts';
import { actions, button, context, divider, header, home, section } from '../src/slack/blocks.ts';
import { type Caller, callerOf, type Deps } from '../src/slack/caller.ts';
import { escapeMrkdwn, mention } from '../src/slack/mrkdwn.ts';
import { onEvent } from '../src/slack/register.ts';
import { groupLine } from './groups.ts';
import { INVOICES_OPEN } from './invoices.ts';
import { PROJECTS_OPEN } from './projects.ts';
import { SET_UP_OPEN } from './set-up.ts';
import { target } from './target.ts';

const SIZE = 30;

/** The App Home: the person's account at a glance, made anew each time it is opened. */
export function registerHome(app: SlackApp, deps: Deps): void {
  onEvent(app, 'app_home_opened', async (request, event) => {
    const { userId } = request;
    if (event.tab !== 'home' || userId === undefined) return;
    const view = await homeOf(() => callerOf(deps, { ...request, userId }));
    await request.client.views.publish({ user_id: userId, view });
  });
}

async function homeOf(enter: () => Promise<Caller>): Promise<HomeView> {
  try {
    return await accountHome(await enter());
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return closedHome(error);
  }
}

async function accountHome({ ctx, account, role }: Caller): Promise<HomeView> {
  const groups = await listGroups(ctx, account._id, { page: 1, size: SIZE });
  const value = target({ account: account._id });
  const blocks: KnownBlock[] = [
    header(account.name),
    context(`You are ${roleName(role)} · ${account.currency} · ${account.timeZone}`),
    actions([button('All projects', PROJECTS_OPEN, { value }), button('All invoices', INVOICES_OPEN, { value })]),
    divider(),
    ...(groups.total === 0
      ? [section('No billing groups yet: the first import makes one. Type `/billing import` to see how.')]
      : groups.items.map((group) => groupLine(account._id, group))),
  ];
  if (groups.pages > 1)
    blocks.push(context(`${groups.items.length} of ${groups.total}; \`/billing groups\` has them all`));
  return home(blocks);
}

/** For those who belong to no account: the way in. */
function closedHome(refusal: Refusal): HomeView {
  if (refusal.code === 'set_up_needed') {
    return home([
      header('Billing groups'),
      section('Split, explain and pay the costs of your projects, here in Slack. Nobody has set it up yet.'),
      actions([button('Set up billing', SET_UP_OPEN, { style: 'primary' })]),
    ]);
  }
  const help = `${escapeMrkdwn(refusal.wayOut ?? '')} ${refusal.people.map(mention).join(' ')}`;
  return home([header('Billing groups'), section(`${escapeMrkdwn(refusal.message)} ${help}`)]);
}
