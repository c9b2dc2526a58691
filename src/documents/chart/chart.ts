import { formatMoney } from '../../billing/money/money.ts';
import { periodName } from '../../billing/period/period.ts';
import { pngOf } from './chart-png.ts';
import { type ChartBar, chartSvg } from './chart-svg.ts';

export type { ChartBar };

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
