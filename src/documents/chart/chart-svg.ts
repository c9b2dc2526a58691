import { Decimal, ZERO } from '../../billing/money/money.ts';
import type { Period } from '../../billing/period/period.ts';
import { shortAmount } from './chart-amount.ts';
import { COLORS, frame, hatch, MONTHS, round, text } from './svg-kit.ts';

/** A billing group's total in one period. */
export interface ChartBar {
  readonly period: Period;
  readonly total: Decimal;
  /** Whether more costs can still arrive. */
  readonly isOpen: boolean;
}

/** In units of the image. */
const WIDTH = 600;
const HEIGHT = 180;
const PLOT = { left: 14, right: WIDTH - 14, top: 52, bottom: 138 } as const;
/** The space for a value above its bar, or below it for negative totals. */
const VALUE_ROOM = 17;
/** Slack shows the image about 480 pixels wide, where this is still more than ten pixels high. */
const TEXT = 13;
const MONTH_LINE = 157;
const YEAR_LINE = 172;
const WIDEST_BAR = 32;
const WIDEST_STEP = 64;
/** Keeps every nonzero total visible. */
const LEAST_BAR = 1.5;

/** The chart as SVG, 600 × 180 units on its own background, so that it is readable in light and dark mode. */
export function chartSvg(bars: readonly ChartBar[], currency: string): string {
  const scale = scaleOf(bars);
  const step = Math.min(WIDEST_STEP, (PLOT.right - PLOT.left) / Math.max(1, bars.length));
  const left = (WIDTH - step * bars.length) / 2;
  const middle = (index: number) => left + step * (index + 0.5);
  return [
    ...frame(
      WIDTH,
      HEIGHT,
      hatch('charge', COLORS.charge, COLORS.chargeSoft) + hatch('credit', COLORS.credit, COLORS.creditSoft),
    ),
    text(PLOT.left, 23, `Totals in ${currency}`, { size: TEXT, color: COLORS.faint, anchor: 'start' }),
    ...(bars.some(({ isOpen, total }) => isOpen && !total.isZero()) ? legend() : []),
    ...bars.map((bar, index) => barShape(bar, scale, middle(index), step)),
    `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(scale.zero)}" y2="${round(scale.zero)}" stroke="${COLORS.axis}"/>`,
    ...bars.map((bar, index) => labels(bar, scale, middle(index), index === 0)),
    '</svg>',
  ].join('');
}

interface Scale {
  /** The position of the axis. */
  readonly zero: number;
  /** How far a total extends from it, upwards when positive. */
  readonly reach: (total: Decimal) => number;
}

function scaleOf(bars: readonly ChartBar[]): Scale {
  const totals = bars.map((bar) => bar.total);
  const highest = Decimal.max(ZERO, ...totals);
  const lowest = Decimal.min(ZERO, ...totals);
  const span = highest.minus(lowest);
  const bottom = lowest.isZero() ? PLOT.bottom : PLOT.bottom - VALUE_ROOM;
  // pixels, not money: a number is exact enough
  const reach = (total: Decimal) => (span.isZero() ? 0 : total.div(span).toNumber() * (bottom - PLOT.top));
  return { zero: bottom + reach(lowest), reach };
}

function barShape({ total, isOpen }: ChartBar, scale: Scale, middle: number, step: number): string {
  if (total.isZero()) return '';
  const kind = total.isNegative() ? 'credit' : 'charge';
  const size = Math.max(LEAST_BAR, Math.abs(scale.reach(total)));
  const width = Math.min(WIDEST_BAR, step * 0.64);
  const y = kind === 'credit' ? scale.zero : scale.zero - size;
  return box(middle - width / 2, y, width, size, kind, isOpen);
}

function box(x: number, y: number, width: number, height: number, kind: 'charge' | 'credit', isOpen: boolean): string {
  const fill = isOpen ? `url(#${kind})` : COLORS[kind];
  // the border is inside, so that a hatched bar is as large as a solid one
  const border = isOpen && height > 2 ? 1 : 0;
  const place = [x + border / 2, y + border / 2, width - border, height - border].map(round);
  const stroke = border === 0 ? '' : ` stroke="${COLORS[kind]}"`;
  return `<rect x="${place[0]}" y="${place[1]}" width="${place[2]}" height="${place[3]}" fill="${fill}"${stroke}/>`;
}

function labels({ period, total, isOpen }: ChartBar, scale: Scale, middle: number, isFirst: boolean): string {
  const reach = scale.reach(total);
  const value = reach < 0 ? scale.zero - reach + 14 : scale.zero - reach - 5;
  const month = MONTHS[Number(period.slice(5)) - 1] ?? period;
  const hasYear = isFirst || month === 'Jan';
  return [
    text(middle, value, shortAmount(total), { size: TEXT, color: COLORS.ink, isBold: isOpen }),
    text(middle, MONTH_LINE, month, { size: TEXT, color: COLORS.faint, isBold: isOpen }),
    hasYear ? text(middle, YEAR_LINE, period.slice(0, 4), { size: TEXT - 1, color: COLORS.faint }) : '',
  ].join('');
}

/** Explains the hatching. */
function legend(): string[] {
  const words = text(PLOT.right, 23, 'Still open', { size: TEXT, color: COLORS.faint, anchor: 'end' });
  return [box(PLOT.right - 81, 12, 12, 12, 'charge', true), words];
}
