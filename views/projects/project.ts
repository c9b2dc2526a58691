import type { KnownBlock } from '@slack/types';
import { effectiveFrom } from '../../src/billing/move/effective-date.ts';
import { periodName } from '../../src/billing/period/period.ts';
import { entering } from '../../src/services/access/rights.ts';
import { compareWithMonthBefore } from '../../src/services/insight/month-comparison.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import {
  getProject,
  type PendingMove,
  type ProjectOverview,
  projectOverview,
} from '../../src/services/projects/project-overview.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, context, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { comparisonReply } from '../costs/comparison.ts';
import { GROUP_OPEN } from '../group/tab.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { answer } from '../kit/answer.ts';
import { money, projectTitle } from '../kit/figures.ts';
import { PROJECT_COMPARE, PROJECT_LEADS_OPEN, PROJECT_MOVE_OPEN, PROJECT_OPEN } from '../kit/open-actions.ts';
import { whoText } from '../kit/person.ts';
import { accountOfProjectFind, PROJECT_FIND } from './projects.ts';

/** A project with its group, costs of this month and last month, tags and pending move. */
export async function projectReply(ctx: Ctx, project: Parameters<typeof projectOverview>[1]): Promise<Reply> {
  const overview = await projectOverview(ctx, project);
  const { pendingMove, timeZone } = overview;
  const title = projectTitle(overview);
  const blocks: KnownBlock[] = [
    section(`*${title}*\nBilling group: *${escapeMrkdwn(overview.group.name)}*\n${leadsText(overview)}`),
    section(`*Costs*\n${costsText(overview)}`),
    ...servicesBlocks(overview),
    ...(overview.tags.length === 0 ? [] : [section(`*Tags*\n${tagsText(overview)}`)]),
    ...(pendingMove === null ? [] : [section(pendingMoveText(pendingMove, timeZone))]),
    buttons(overview),
    context('Costs are before adjustments, credits and tax.'),
  ];
  return { text: `Project ${title}`, blocks };
}

/** Registers the buttons that show a project and how its costs changed. */
export function registerProject(app: SlackApp, deps: Deps): void {
  onAction(app, PROJECT_OPEN, (request, action) =>
    answer(request, action, 'Project', () => shownProject(deps, request, readTarget(action.value))),
  );
  onAction(app, PROJECT_FIND, (request, action) =>
    answer(request, action, 'Project', () =>
      shownProject(deps, request, { account: accountOfProjectFind(action.blockId), project: action.value ?? '' }),
    ),
  );
  onAction(app, PROJECT_COMPARE, (request, action) =>
    answer(request, action, 'What changed', async () => {
      const { account, project } = readTarget(action.value);
      const ctx = await entering(contextOf(deps, request), account);
      const subject = { kind: 'project', project: await getProject(ctx, account, project) } as const;
      return comparisonReply(account, await compareWithMonthBefore(ctx, account, subject));
    }),
  );
}

async function shownProject(
  deps: Deps,
  request: RequestContext,
  { account, project }: { readonly account: string; readonly project: string },
): Promise<Reply> {
  const ctx = await entering(contextOf(deps, request), account);
  return projectReply(ctx, await getProject(ctx, account, project));
}

function leadsText({ leads }: ProjectOverview): string {
  return leads.length === 0 ? 'No leads yet' : `Leads: ${leads.map(({ id }) => whoText(id)).join(', ')}`;
}

function costsText({ costs, thisMonth, lastMonth }: ProjectOverview): string {
  const lines = costs.map(
    (one) =>
      `${money(one.thisMonth, one.currency)} · ${periodName(thisMonth)} so far\n${money(one.lastMonth, one.currency)} · ${periodName(lastMonth)}`,
  );
  return lines.join('\n');
}

function servicesBlocks({ costs, thisMonth, lastMonth }: ProjectOverview): KnownBlock[] {
  return costs
    .filter(({ services }) => services.length > 0)
    .map(({ currency, services }) => {
      const lines = services.map(
        (one) =>
          `${money(one.thisMonth, currency)} · ${money(one.lastMonth, currency)} · ${one.name === null ? 'All others' : escapeMrkdwn(one.name)}`,
      );
      return section(
        `*Costs by service: ${periodName(thisMonth)} so far · ${periodName(lastMonth)}*\n${lines.join('\n')}`,
      );
    });
}

/** One line per key: `env: prod, test`. */
function tagsText({ tags, hasMoreTags }: ProjectOverview): string {
  const keys = [...new Set(tags.map(({ key }) => key))];
  const lines = keys.map((key) => {
    const values = tags.filter((one) => one.key === key).map(({ value }) => escapeMrkdwn(value));
    return `${escapeMrkdwn(key)}: ${values.join(', ')}`;
  });
  return [...lines, ...(hasMoreTags ? ['… and more'] : [])].join('\n');
}

function pendingMoveText({ toGroupName, effect, effectAt, askedBy }: PendingMove, timeZone: string): string {
  const effective = effectiveFrom(effect, effectAt, timeZone);
  return `*Pending move*\nTo *${escapeMrkdwn(toGroupName)}*, effective ${effective}, requested by ${whoText(askedBy)}`;
}

function buttons({ accountId: account, id: project, group, mayMove, mayChangeLeads }: ProjectOverview): KnownBlock {
  return actions([
    button('See what changed', PROJECT_COMPARE, { value: target({ account, project }) }),
    button('View billing group', GROUP_OPEN, { value: target({ account, group: group.id }) }),
    ...(mayMove ? [button('Move project', PROJECT_MOVE_OPEN, { value: target({ account, project }) })] : []),
    ...(mayChangeLeads ? [button('Change leads', PROJECT_LEADS_OPEN, { value: target({ account, project }) })] : []),
  ]);
}
