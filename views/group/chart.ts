import { chartAlt, totalsChart } from '../../src/documents/chart/chart.ts';
import { keepChart } from '../../src/services/groups/group-overview.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import { Messenger } from '../../src/slack/web-api/messenger.ts';
import type { GroupView } from './render.ts';

type MissingChart = NonNullable<GroupView['chart']>;

/** Charts that are being drawn in this process, which takes its thread: several people may open a group at once. */
const underway = new Map<string, Promise<boolean>>();

/**
 * Creates a group view's missing chart and uploads it to Slack. If that fails, the view is already shown, and its next
 * opening tries again. People who see the same view at the same time share its chart.
 *
 * @returns whether the chart now exists
 */
export function drawChart(request: RequestContext, ctx: Ctx, accountId: string, chart: MissingChart): Promise<boolean> {
  const key = JSON.stringify([accountId, chart.group.id, chart.group.currency, chart.totals]);
  const shared = underway.get(key);
  if (shared) return shared;
  const drawn = draw(request, ctx, accountId, chart).finally(() => underway.delete(key));
  underway.set(key, drawn);
  return drawn;
}

async function draw(
  request: RequestContext,
  ctx: Ctx,
  accountId: string,
  { group, totals }: MissingChart,
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
