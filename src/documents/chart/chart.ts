import { Decimal, formatMoney, sum } from '../../billing/money/money.ts';
import { dayName } from '../../billing/period/day.ts';
import { periodName } from '../../billing/period/period.ts';
import { pngOf } from './chart-png.ts';
import { type ChartBar, chartSvg } from './chart-svg.ts';
import { type DayBar, dailySvg } from './daily-svg.ts';

export type { ChartBar, DayBar };

const MOST_BARS = 12;

/**
 * The last twelve totals as bars, a PNG of 1200 × 360 pixels. The same totals give the same bytes. A negative total
 * hangs from the axis, and an open period's bar is hatched.
 *
 * @param bars the oldest first
 */
export function totalsChart(bars: readonly ChartBar[], currency: string): Promise<Buffer> {
  return pngOf(chartSvg(bars.slice(-MOST_BARS), currency));
}

/**
 * The image's alternative text, with the exact amounts. Twelve amounts of 60 digits fit into Slack's limit of 2,000
 * characters.
 */
export function chartAlt(bars: readonly ChartBar[], currency: string): string {
  const shown = bars.slice(-MOST_BARS);
  if (shown.length === 0) return 'A bar chart with no months yet.';
  const months = shown.map(
    ({ period, total, isOpen }) => `${periodName(period)} ${formatMoney(total, currency)}${isOpen ? ' so far' : ''}`,
  );
  return `A bar chart of totals by month: ${months.join('; ')}.`;
}

/** Daily costs as bars, a PNG of 1200 × 400 pixels. The same costs give the same bytes. */
export function dailyChart(bars: readonly DayBar[], currency: string): Promise<Buffer> {
  return pngOf(dailySvg(bars, currency));
}

/**
 * The image’s alternative text: the figures that the picture shows best, since those of a hundred days don’t fit into
 * Slack’s limit.
 */
export function dailyChartAlt(bars: readonly DayBar[], currency: string): string {
  const [first, last] = [bars.at(0), bars.at(-1)];
  if (!first || !last) return 'A bar chart with no days yet.';
  const total = sum(bars.map(({ amount }) => amount));
  const most = bars.reduce((best, bar) => (bar.amount.gt(best.amount) ? bar : best));
  const least = bars.reduce((best, bar) => (bar.amount.lt(best.amount) ? bar : best));
  const figures = [
    `${formatMoney(total, currency)} in total`,
    `${formatMoney(total.div(bars.length), currency)} a day on average`,
    `the most on ${dayName(most.day)} with ${formatMoney(most.amount, currency)}`,
    `the least on ${dayName(least.day)} with ${formatMoney(least.amount, currency)}`,
    ...bars
      .filter(({ isUnusual }) => isUnusual)
      .slice(0, MOST_BARS)
      .map((bar) => unusualText(bar, currency)),
  ];
  return `A bar chart of costs by day from ${dayName(first.day)} to ${dayName(last.day)}: ${figures.join('; ')}.`;
}

function unusualText({ day, amount, expected }: DayBar, currency: string): string {
  const range = expected
    ? `, expected ${formatMoney(Decimal.max(expected.low, 0), currency)} to ${formatMoney(expected.high, currency)}`
    : '';
  return `unusual on ${dayName(day)} with ${formatMoney(amount, currency)}${range}`;
}
