import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { Decimal, formatMoney, ZERO } from '../billing/money.ts';
import { type Period, periodName } from '../billing/period.ts';

/** What a billing group came to in one period. */
export interface ChartBar {
  readonly period: Period;
  readonly total: Decimal;
  /** Whether costs still come in. */
  readonly isOpen: boolean;
}

/** In the picture's own units; it is rendered at twice the size, for sharp screens. */
const WIDTH = 600;
const HEIGHT = 180;
const PLOT = { left: 16, right: 584, top: 34, bottom: 136 } as const;
const SCALE = 2;
const MOST_BARS = 12;
const COLOURS = {
  paper: '#ffffff',
  ink: '#1d1c1d',
  faint: '#616061',
  line: '#d5d5d5',
  bar: '#1f4a3d',
  open: '#8fb8a8',
};
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const locate = createRequire(import.meta.url).resolve;
let fonts: Promise<Uint8Array[]> | undefined;

/** The totals as bars, a PNG of 1200 × 360 pixels: the same totals give the same bytes. An open period is hatched. */
export async function totalsChart(bars: readonly ChartBar[], currency: string): Promise<Buffer> {
  fonts ??= prepare();
  const renderer = new Resvg(svgOf(bars.slice(-MOST_BARS), currency), {
    fitTo: { mode: 'zoom', value: SCALE },
    font: { fontBuffers: await fonts, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' },
  });
  const image = renderer.render();
  try {
    return Buffer.from(image.asPng());
  } finally {
    image.free();
    renderer.free();
  }
}

/** What the chart shows, in words. */
export function chartAlt(bars: readonly ChartBar[], currency: string): string {
  const shown = bars.slice(-MOST_BARS);
  if (shown.length === 0) return 'No months yet.';
  const months = shown.map(
    ({ period, total, isOpen }) => `${periodName(period)} ${formatMoney(total, currency)}${isOpen ? ' so far' : ''}`,
  );
  return `Totals by month: ${months.join(', ')}.`;
}

async function prepare(): Promise<Uint8Array[]> {
  await initWasm(await readFile(locate('@resvg/resvg-wasm/index_bg.wasm')));
  return Promise.all(
    ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => readFile(locate(`dejavu-fonts-ttf/ttf/${name}`))),
  );
}

function svgOf(bars: readonly ChartBar[], currency: string): string {
  const highest = Decimal.max(ZERO, ...bars.map((bar) => bar.total));
  const lowest = Decimal.min(ZERO, ...bars.map((bar) => bar.total));
  const span = highest.minus(lowest);
  const height = PLOT.bottom - PLOT.top;
  // pixels, not money: a number is exact enough
  const pixels = (amount: Decimal) => (span.isZero() ? 0 : amount.div(span).times(height).toNumber());
  const zero = PLOT.bottom + pixels(lowest);
  const step = (PLOT.right - PLOT.left) / Math.max(bars.length, 6);
  const parts = bars.map((bar, index) =>
    barOf(bar, { x: PLOT.left + step * index, step, zero, height: pixels(bar.total), isFirst: index === 0 }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="DejaVu Sans">`,
    `<defs><pattern id="open" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="${COLOURS.open}"/><rect width="3" height="6" fill="${COLOURS.bar}"/></pattern></defs>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="${COLOURS.paper}"/>`,
    text(PLOT.left, 18, `Totals in ${currency}`, { size: 11, colour: COLOURS.faint, anchor: 'start' }),
    ...parts,
    `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(zero)}" y2="${round(zero)}" stroke="${COLOURS.line}"/>`,
    '</svg>',
  ].join('');
}

function barOf(
  { period, total, isOpen }: ChartBar,
  at: { x: number; step: number; zero: number; height: number; isFirst: boolean },
): string {
  const width = Math.min(34, at.step * 0.62);
  const x = at.x + (at.step - width) / 2;
  const middle = at.x + at.step / 2;
  const isBelow = total.isNegative() && !total.isZero();
  const size = Math.max(Math.abs(at.height), total.isZero() ? 0 : 1);
  const y = isBelow ? at.zero : at.zero - size;
  const month = MONTHS[Number(period.slice(5)) - 1] ?? period;
  const withYear = at.isFirst || month === 'Jan';
  return [
    size === 0
      ? ''
      : `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(size)}" rx="2" fill="${isOpen ? 'url(#open)' : COLOURS.bar}"/>`,
    text(middle, isBelow ? y + size + 11 : y - 5, short(total), {
      size: 10,
      colour: COLOURS.ink,
      anchor: 'middle',
      bold: isOpen,
    }),
    text(middle, 158, month, { size: 10, colour: COLOURS.faint, anchor: 'middle' }),
    withYear ? text(middle, 171, period.slice(0, 4), { size: 9, colour: COLOURS.faint, anchor: 'middle' }) : '',
  ].join('');
}

function text(
  x: number,
  y: number,
  words: string,
  look: { size: number; colour: string; anchor: 'start' | 'middle'; bold?: boolean },
): string {
  const weight = look.bold ? ' font-weight="bold"' : '';
  return `<text x="${round(x)}" y="${round(y)}" font-size="${look.size}" fill="${look.colour}" text-anchor="${look.anchor}"${weight}>${words}</text>`;
}

/** `1.2k`, `34M`: three digits at most, so that twelve of them fit beside each other. */
function short(amount: Decimal): string {
  const units = ['', 'k', 'M', 'G', 'T', 'P'];
  let value = amount;
  let unit = 0;
  while (value.abs().gte(999.5) && unit < units.length - 1) {
    value = value.div(1000);
    unit += 1;
  }
  const digits = value.abs().lt(9.95) ? 1 : 0;
  const shown =
    unit === 0 && value.isInteger() ? value.toFixed(0) : value.toFixed(unit === 0 && value.abs().lt(1) ? 2 : digits);
  return `${shown}${units[unit]}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
