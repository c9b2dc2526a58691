import type { KnownBlock } from '@slack/types';
import { type Period, periodName } from '../src/billing/period.ts';
import type { Ctx } from '../src/services/context.ts';
import { type CostShare, costOverview } from '../src/services/cost-overview.ts';
import { context, section } from '../src/slack/blocks.ts';
import type { Reply } from '../src/slack/reply.ts';
import { money, projectTitle } from './shared.ts';

/** What a period costs, by group, project and service. */
export async function costsReply(ctx: Ctx, accountId: string, period?: Period): Promise<Reply> {
  const costs = await costOverview(ctx, accountId, period);
  const total = costs.totals.map(({ amount, currency }) => money(amount, currency)).join(' and ') || 'nothing';
  const title = `Costs of ${periodName(costs.period)}: ${total}`;
  const blocks: KnownBlock[] = [
    section(`*${title}*`),
    ...part('By billing group', costs.byGroup),
    ...part('By project', costs.byProject),
    ...part('By service', costs.byService),
    context('The ten biggest of each, before tax, rounded as on the invoice.'),
  ];
  return { text: title, blocks };
}

function part(title: string, shares: readonly CostShare[]): KnownBlock[] {
  if (shares.length === 0) return [];
  return [
    section(
      `*${title}*\n${shares.map((share) => `${money(share.amount, share.currency)} · ${projectTitle(share)}`).join('\n')}`,
    ),
  ];
}
