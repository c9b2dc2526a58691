import type { KnownBlock } from '@slack/types';
import { type Period, periodName } from '../../src/billing/period/period.ts';
import { type CostOverview, type CostShare, costOverview } from '../../src/services/costs/cost-overview.ts';
import { myCosts } from '../../src/services/costs/my-costs.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { context, section } from '../../src/slack/blocks/blocks.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { count, money, projectTitle } from '../kit/figures.ts';
import { partialNote } from '../kit/partial.ts';
import { leftOutText, sumsText } from '../kit/sum-rows.ts';
import { NO_PROJECTS_LED } from '../projects/projects.ts';

/** A period's costs: from costs to the amount due, then the costs by group, project and service. */
export async function costsReply(ctx: Ctx, accountId: string, period?: Period): Promise<Reply> {
  const costs = await costOverview(ctx, accountId, period);
  const total = costs.totals.map((one) => money(one.costs, one.currency)).join(' and ') || 'none';
  const title = `Costs of ${periodName(costs.period)}: ${total}`;
  const missing = leftOutText(costs.leftOut);
  const blocks: KnownBlock[] = [
    section(`*${title}*`),
    ...totals(costs),
    ...(missing === undefined ? [] : [section(missing)]),
    ...part('Costs by billing group', costs.byGroup),
    ...part('Costs by project', costs.byProject),
    ...part('Costs by service', costs.byService),
    context(
      'The ten largest of each kind, per currency. Costs by group, project and service are before adjustments, credits and tax.',
    ),
    ...partialNote(costs),
  ];
  return { text: title, blocks };
}

/** A period's costs of the projects that the person leads, by project and service. */
export async function myCostsReply(ctx: Ctx, accountId: string, period?: Period): Promise<Reply> {
  const costs = await myCosts(ctx, accountId, period);
  if (costs.projects === 0) return { text: NO_PROJECTS_LED, blocks: [section(NO_PROJECTS_LED)] };
  const total = costs.totals.map((one) => money(one.amount, one.currency)).join(' and ') || 'none';
  const title = `Costs of your ${count(costs.projects, 'project')} in ${periodName(costs.period)}: ${total}`;
  const blocks: KnownBlock[] = [
    section(`*${title}*`),
    ...part('Costs by project', costs.byProject),
    ...part('Costs by service', costs.byService),
    context('The ten largest of each kind, per currency, before adjustments, credits and tax.'),
  ];
  return { text: title, blocks };
}

function totals({ totals: all, isOpen }: CostOverview): KnownBlock[] {
  return all.map((one) => section(sumsText(one, isOpen)));
}

function part(title: string, shares: readonly CostShare[]): KnownBlock[] {
  if (shares.length === 0) return [];
  return [section(`*${title}*\n${shares.map(line).join('\n')}`)];
}

function line({ name, label, currency, amount }: CostShare): string {
  return `${money(amount, currency)} · ${name === null ? 'All others' : projectTitle({ name, label })}`;
}
