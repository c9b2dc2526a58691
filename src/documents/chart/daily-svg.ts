import { Decimal, ZERO } from '../../billing/money/money.ts';
import { shortAmount } from './chart-amount.ts';
import { COLORS, frame, hatch, MONTHS, round, text } from './svg-kit.ts';

/** What a day cost, and what it was expected to cost. */
export interface DayBar {
  /** YYYY-MM-DD */
  readonly day: string;
  readonly amount: Decimal;
  readonly expected?: { readonly low: Decimal; readonly high: Decimal };
  /** Whether the day is outside of what was expected. */
  readonly isUnusual?: boolean;
}

/** In units of the image. */
const WIDTH = 600;
const HEIGHT = 200;
const PLOT = { left: 48, right: WIDTH - 14, top: 40, bottom: 166 } as const;
const DAY_LINE = 184;
const TEXT = 13;
const WIDEST_BAR = 32;
/** Keeps every cost visible. */
const LEAST_BAR = 1;
/** How many days have their date below them, at most. */
const MOST_DATES = 8;

/**
 * Daily costs as bars, 600 × 200 units on their own background, so that they are readable in light and dark mode.
 * Unusual days are hatched, and the range that was expected is an area behind the bars.
 */
export function dailySvg(bars: readonly DayBar[], currency: string): string {
  const step = (PLOT.right - PLOT.left) / Math.max(1, bars.length);
  const scale = scaleOf(bars);
  return [
    ...frame(WIDTH, HEIGHT, hatch('unusual', COLORS.credit, COLORS.creditSoft)),
    text(14, 23, `Costs by day in ${currency}`, { size: TEXT, color: COLORS.faint, anchor: 'start' }),
    ...legend(bars),
    ...gridLines(scale),
    ...expectedArea(bars, scale, step),
    ...bars.map((bar, at) => barShape(bar, scale, PLOT.left + step * (at + 0.5), step)),
    `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${scale.y(ZERO)}" y2="${scale.y(ZERO)}" stroke="${COLORS.axis}"/>`,
    ...dates(bars, step),
    '</svg>',
  ].join('');
}

interface Scale {
  readonly y: (amount: Decimal) => number;
  /** The amounts with a line and a label. */
  readonly lines: readonly Decimal[];
}

function scaleOf(bars: readonly DayBar[]): Scale {
  const amounts = bars.flatMap(({ amount, expected }) => [amount, ...(expected ? [expected.low, expected.high] : [])]);
  const [highest, lowest] = [Decimal.max(ZERO, ...amounts), Decimal.min(ZERO, ...amounts)];
  const span = highest.minus(lowest);
  // pixels, not money: a number is exact enough
  const y = (amount: Decimal) =>
    round(PLOT.bottom - (span.isZero() ? 0 : amount.minus(lowest).div(span).toNumber() * (PLOT.bottom - PLOT.top)));
  const lines = [highest, highest.div(2), lowest].filter((one) => !one.isZero());
  return { y, lines };
}

function gridLines({ y, lines }: Scale): string[] {
  return [...lines, ZERO].map((amount) => {
    const line = `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(amount)}" y2="${y(amount)}" stroke="${COLORS.border}"/>`;
    return `${line}${text(PLOT.left - 6, y(amount) + 4, shortAmount(amount), { size: TEXT - 1, color: COLORS.faint, anchor: 'end' })}`;
  });
}

function barShape({ amount, isUnusual }: DayBar, { y }: Scale, middle: number, step: number): string {
  if (amount.isZero() && !isUnusual) return '';
  const width = Math.min(WIDEST_BAR, step * 0.7);
  const [top, bottom] = [Math.min(y(amount), y(ZERO)), Math.max(y(amount), y(ZERO))];
  const height = Math.max(LEAST_BAR, bottom - top);
  const fill = isUnusual ? 'url(#unusual)' : amount.isNegative() ? COLORS.credit : COLORS.charge;
  const stroke = isUnusual ? ` stroke="${COLORS.credit}"` : '';
  return `<rect x="${round(middle - width / 2)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" fill="${fill}"${stroke}/>`;
}

/** One area for each run of days with an expected range. */
function expectedArea(bars: readonly DayBar[], { y }: Scale, step: number): string[] {
  return bars.flatMap(({ expected }, at) => {
    if (!expected) return [];
    const [top, bottom] = [y(expected.high), y(expected.low)];
    const place = `x="${round(PLOT.left + step * at)}" width="${round(step)}"`;
    return [
      `<rect ${place} y="${top}" height="${round(Math.max(LEAST_BAR, bottom - top))}" fill="${COLORS.chargeSoft}"/>`,
    ];
  });
}

function legend(bars: readonly DayBar[]): string[] {
  const parts = [
    ...(bars.some(({ expected }) => expected) ? [{ fill: COLORS.chargeSoft, words: 'Expected range' }] : []),
    ...(bars.some(({ isUnusual }) => isUnusual) ? [{ fill: 'url(#unusual)', words: 'Unusual' }] : []),
  ];
  return parts.map(({ fill, words }, at) => {
    const left = PLOT.right - (parts.length - at) * 128;
    const box = `<rect x="${left}" y="12" width="12" height="12" fill="${fill}" stroke="${COLORS.axis}"/>`;
    return `${box}${text(left + 18, 23, words, { size: TEXT, color: COLORS.faint, anchor: 'start' })}`;
  });
}

function dates(bars: readonly DayBar[], step: number): string[] {
  const every = Math.ceil(bars.length / MOST_DATES);
  return bars.flatMap(({ day }, at) => {
    if (at % every !== 0) return [];
    const words = `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1] ?? ''}`;
    return [text(PLOT.left + step * (at + 0.5), DAY_LINE, words, { size: TEXT - 1, color: COLORS.faint })];
  });
}
