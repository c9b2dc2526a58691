import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../../src/billing/money/money.ts';
import { addDays } from '../../src/billing/period/day.ts';
import { shiftPeriod, toPeriod } from '../../src/billing/period/period.ts';
import {
  type ChartBar,
  chartAlt,
  type DayBar,
  dailyChart,
  dailyChartAlt,
  totalsChart,
} from '../../src/documents/chart/chart.ts';
import { shortAmount } from '../../src/documents/chart/chart-amount.ts';
import { chartSvg } from '../../src/documents/chart/chart-svg.ts';
import { dailySvg } from '../../src/documents/chart/daily-svg.ts';

/** A bar for each total from a month on, the last one open. */
const from = (start: string, ...totals: readonly (string | number)[]): ChartBar[] =>
  totals.map((total, index) => ({
    period: shiftPeriod(toPeriod(start), index),
    total: new Decimal(total),
    isOpen: index === totals.length - 1,
  }));

/** The bars of an image, without its background, its patterns and its legend. */
const barsOf = (svg: string) =>
  [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="([^"]+)"/g)]
    .map(([, x, y, width, height, fill]) => ({ x: Number(x), y: Number(y), w: Number(width), h: Number(height), fill }))
    .filter(({ w, y }) => w > 10 && y > 20);
const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, words]) => words);
const axisOf = (svg: string) => Number(/<line [^>]*y1="([\d.]+)"/.exec(svg)?.[1]);

describe('the chart', () => {
  it('is a PNG of 1200 × 360 pixels, the same bytes for the same totals', async () => {
    const bars = from('2025-12', 812, 1234, -90, 0, 77);
    const png = await totalsChart(bars, 'EUR');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 360]);
    expect((await totalsChart(from('2025-12', 812, 1234, -90, 0, 77), 'EUR')).equals(png)).toBe(true);
    // text is drawn too: the currency is only in text
    expect((await totalsChart(bars, 'USD')).equals(png)).toBe(false);
  });

  it('is drawn twenty times at once, and not at all without bars', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => totalsChart(from('2026-01', i), 'EUR')));
    expect(new Set(all.map((png) => png.toString('base64'))).size).toBe(20);
    expect((await totalsChart([], 'EUR')).length).toBeGreaterThan(1_000);
  });

  it('has heights in proportion, with charges up from the axis and credits down', () => {
    const svg = chartSvg(from('2026-01', 100, 50, -25, 10), 'EUR');
    const [full, half, below] = barsOf(svg);
    const axis = axisOf(svg);
    if (!full || !half || !below) throw new Error('three bars are missing');
    expect(full.h / half.h).toBeCloseTo(2, 2);
    expect(full.h / below.h).toBeCloseTo(4, 2);
    expect([full.y + full.h, half.y + half.h, below.y].map((y) => Math.abs(y - axis) < 0.02)).toEqual([
      true,
      true,
      true,
    ]);
    expect(below.fill).not.toBe(full.fill);
  });

  it('marks the open period by hatching, bold text and a legend, not by color alone', () => {
    const svg = chartSvg(from('2026-01', 100, 50), 'EUR');
    const [closed, open] = barsOf(svg);
    expect([closed?.fill, open?.fill]).toEqual([expect.stringMatching(/^#/), 'url(#charge)']);
    expect(svg.match(/font-weight="bold"/g)).toHaveLength(2);
    expect(textsOf(svg)).toContain('Still open');
    const closedOnly = from('2026-01', 100).map((bar) => ({ ...bar, isOpen: false }));
    expect(textsOf(chartSvg(closedOnly, 'EUR'))).not.toContain('Still open');
  });

  it('names each month, and the year under the first and each January', () => {
    const texts = textsOf(chartSvg(from('2025-11', 1, 2, 3, 4), 'CHF'));
    expect(texts).toEqual([
      'Totals in CHF',
      'Still open',
      ...['1', 'Nov', '2025', '2', 'Dec', '3', 'Jan', '2026', '4', 'Feb'],
    ]);
  });

  it('shows the last twelve months', () => {
    const bars = from('2024-01', ...Array.from({ length: 14 }, (_, i) => i + 1));
    expect(chartAlt(bars, 'EUR')).toContain('March 2024 EUR 3.00');
    expect(chartAlt(bars, 'EUR')).not.toContain('February 2024');
    expect(barsOf(chartSvg(bars.slice(-12), 'EUR'))).toHaveLength(12);
  });

  it.each<[string, readonly (string | number)[]]>([
    ['one bar', [42]],
    ['a single zero', [0]],
    ['zeros alone', [0, 0, 0]],
    ['credits alone', [-1, -2]],
    ['sixty digits beside a cent', ['9'.repeat(58), '-0.01', '1e-30']],
    ['twelve wide ones', Array.from({ length: 12 }, () => -123_456)],
  ])('keeps everything within the image: %s', (_name, totals) => {
    const svg = chartSvg(from('2026-01', ...totals), 'EUR');
    for (const { x, y, w, h } of barsOf(svg)) {
      expect([x >= 14, x + w <= 586, y >= 30, y + h <= 140]).toEqual([true, true, true, true]);
    }
    const ys = [...svg.matchAll(/<text [^>]*y="([\d.]+)"/g)].map(([, y]) => Number(y));
    expect([Math.min(...ys) > 10, Math.max(...ys) < 178, svg.includes('NaN')]).toEqual([true, true, false]);
  });

  it('shows every total that isn’t zero, and no zero total', () => {
    expect(barsOf(chartSvg(from('2026-01', 1_000_000, 0, '0.01'), 'EUR'))).toHaveLength(3 - 1);
  });
});

describe('the chart’s alternative text', () => {
  it('has every month with its exact amount', () => {
    expect(chartAlt(from('2025-12', '1234.5', -7, 0), 'EUR')).toBe(
      'A bar chart of totals by month: December 2025 EUR 1,234.50; January 2026 EUR -7.00; February 2026 EUR 0.00 so far.',
    );
    expect(chartAlt([], 'EUR')).toBe('A bar chart with no months yet.');
  });

  it('has at most 2,000 characters, whatever the amounts', () => {
    const longest = from('2026-01', ...Array.from({ length: 12 }, () => `-${'9'.repeat(58)}`));
    expect(chartAlt(longest, 'CLF').length).toBeLessThanOrEqual(2_000);
  });
});

describe('amounts on bars', () => {
  it.each([
    ['0', '0'],
    ['-0', '0'],
    ['0.004', '<0.1'],
    ['-0.004', '>-0.1'],
    ['0.95', '1'],
    ['9.94', '9.9'],
    ['9.96', '10'],
    ['999.4', '999'],
    ['999.5', '1k'],
    ['1234', '1.2k'],
    ['-12345', '-12k'],
    ['999600', '1M'],
    ['3400000', '3.4M'],
    ['2000000000', '2B'],
    ['7250000000000', '7.3T'],
    ['999400000000000', '999T'],
    ['3000000000000000', '3e15'],
  ])('%s is written as %s', (amount, shown) => {
    expect(shortAmount(new Decimal(amount))).toBe(shown);
  });
});

describe('the chart of days', () => {
  const expected = { low: new Decimal(8), high: new Decimal(12) };
  const days = (...amounts: readonly number[]): DayBar[] =>
    amounts.map((amount, at) => ({ day: addDays('2026-10-01', at), amount: new Decimal(amount) }));
  const unusual: DayBar[] = [
    ...days(10, 11, -3),
    { day: '2026-10-04', amount: new Decimal(40), expected, isUnusual: true },
  ];

  it('is a PNG of 1200 × 400 pixels, also without days', async () => {
    const png = await dailyChart(unusual, 'EUR');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 400]);
    expect((await dailyChart([], 'EUR')).length).toBeGreaterThan(1_000);
  });

  it('has a bar for each day with costs, and hatches unusual ones beside what was expected', () => {
    const svg = dailySvg(unusual, 'EUR');
    expect(barsOf(svg).map(({ fill }) => fill)).toEqual(['#1f4a3d', '#1f4a3d', '#9c4221', 'url(#unusual)']);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['Costs by day in EUR', 'Expected range', 'Unusual', '1 Oct']));
    expect(textsOf(dailySvg(days(1, 2), 'EUR'))).not.toContain('Unusual');
  });

  it('is told in words, with what is unusual', () => {
    expect(dailyChartAlt(unusual, 'EUR')).toBe(
      'A bar chart of costs by day from 1 October 2026 to 4 October 2026: EUR 58.00 in total; EUR 14.50 a day on average; the most on 4 October 2026 with EUR 40.00; the least on 3 October 2026 with EUR -3.00; unusual on 4 October 2026 with EUR 40.00, expected EUR 8.00 to EUR 12.00.',
    );
    expect(dailyChartAlt([], 'EUR')).toBe('A bar chart with no days yet.');
  });
});
