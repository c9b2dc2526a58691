import { chartAlt, totalsChart } from '../../src/documents/chart/chart.ts';
import { keepChart } from '../../src/services/groups/group-overview.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import { Messenger } from '../../src/slack/web-api/messenger.ts';
import type { GroupView } from './render.ts';

/**
 * Creates a group view's missing chart and uploads it to Slack. If that fails, the view is already shown, and its next
 * opening tries again.
 *
 * @returns whether the chart now exists
 */
export async function drawChart(
  request: RequestContext,
  ctx: Ctx,
  accountId: string,
  { group, totals }: NonNullable<GroupView['chart']>,
): Promise<boolean> {
  try {
    const altText = chartAlt(totals, group.currency);
    const content = await totalsChart(totals, group.currency);
    const fileId = await new Messenger(request.client).uploadImage({ name: 'totals.png', content, altText });
    await keepChart(ctx, accountId, group, totals, fileId);
    return true;
  } catch (error) {
    request.log.warn({ err: error }, 'a chart could not be drawn');
    return false;
  }
}
