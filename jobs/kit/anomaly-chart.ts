import { dailyChart, dailyChartAlt } from '../../src/documents/chart/chart.ts';
import { type AnomalySummary, anomalyDays, keepChartOf } from '../../src/services/anomalies/anomaly-lists.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { slackImage } from '../../src/slack/blocks/blocks.ts';
import type { Message, Messenger } from '../../src/slack/web-api/messenger.ts';

/** A message with the chart of an anomaly's days before its buttons. If it can't be drawn, it is complete without it. */
export async function withChart(
  ctx: Ctx,
  messenger: Messenger,
  anomaly: AnomalySummary,
  message: Message,
): Promise<Message> {
  try {
    const days = await anomalyDays(ctx, anomaly.accountId, anomaly.id);
    if (days.length === 0) return message;
    const altText = dailyChartAlt(days, anomaly.currency);
    const image = slackImage(anomaly.chartFileId ?? (await upload(messenger, anomaly, days, altText)), altText);
    const at = message.blocks.findIndex(({ type }) => type === 'actions');
    const place = at < 0 ? message.blocks.length : at;
    return { ...message, blocks: [...message.blocks.slice(0, place), image, ...message.blocks.slice(place)] };
  } catch (error) {
    ctx.log.warn({ anomalyId: anomaly.id, err: error }, 'a chart could not be drawn');
    return message;
  }
}

/** Drawn once for all messages about the anomaly. */
async function upload(
  messenger: Messenger,
  anomaly: AnomalySummary,
  days: Awaited<ReturnType<typeof anomalyDays>>,
  altText: string,
): Promise<string> {
  const content = await dailyChart(days, anomaly.currency);
  const fileId = await messenger.uploadImage({ name: 'costs.png', content, altText });
  await keepChartOf(anomaly, fileId);
  return fileId;
}
