import { featuresFor, widthIn } from './fonts.ts';
import type { Kit } from './kit.ts';
import { COLORS, LEADING, type Style } from './look.ts';
import { drawable, graphemesOf, type Run, runsOf } from './runs.ts';

export type Align = 'left' | 'right' | 'center';

/** The distance from a line's top to its baseline, as a fraction of the font size. */
const BASELINE = 1.06;
/** A word too long for its line can break after these. */
const AFTER = /[-/_.:,;@\\|]$/;
/** Letters between which a line can break. */
const CJK = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u;
/** Punctuation that must not start a line. */
const CLOSING = /^[\p{Pe}\p{Pf},.;:!?、。，．！？…ー々]/u;

export function lineHeight(style: Style): number {
  return style.size * LEADING;
}

/** A line's width, in points. */
export function widthOf(kit: Kit, line: string, style: Style): number {
  return runsOf(line, style.weight, kit.hanFor(line)).reduce((sum, run) => sum + runWidth(run, style), 0);
}

/**
 * A text in lines that fit a width, broken at spaces, between CJK letters, and within a word if there is no other way.
 * @param most lines; a longer text ends in an ellipsis
 */
export function wrap(kit: Kit, text: string, style: Style, width: number, most = 40): string[] {
  const lines: string[] = [];
  let rest = graphemesOf(drawable(text));
  while (rest.length > 0 && lines.length < most) {
    const fitting = fits(kit, rest, style, width);
    const isLast = lines.length === most - 1 && fitting < rest.length;
    const line = rest.slice(0, isLast ? Math.max(1, fitting - 1) : fitting).join('');
    lines.push(isLast ? `${line.trimEnd()}…` : line.trimEnd());
    rest = rest.slice(fitting);
    while (rest[0] === ' ') rest = rest.slice(1);
  }
  return lines;
}

/** Draws one line whose top is at `y`. */
export function drawLine(
  kit: Kit,
  line: string,
  style: Style,
  at: { readonly x: number; readonly y: number; readonly width: number; readonly align?: Align },
): void {
  const runs = runsOf(line, style.weight, kit.hanFor(line));
  const free = at.width - runs.reduce((sum, run) => sum + runWidth(run, style), 0);
  let x = at.x + (at.align === 'right' ? free : at.align === 'center' ? free / 2 : 0);
  for (const run of runs) {
    kit.use(run.face, style.weight, style.size);
    kit.pdf.fillColor(style.color);
    const features = featuresFor(run.face, style.weight, run.text);
    kit.pdf.text(run.text, x, at.y + style.size * BASELINE, {
      lineBreak: false,
      baseline: 'alphabetic',
      // the library accepts switches, but its types have only lists
      ...(features && { features: features as unknown as PDFKit.Mixins.OpenTypeFeatures[] }),
    });
    x += runWidth(run, style);
  }
}

/** A thin line that screen readers skip. */
export function rule(kit: Kit, y: number, from = kit.left, to = kit.right, color: string = COLORS.rule): void {
  ornament(kit, () => {
    kit.pdf.moveTo(from, y).lineTo(to, y).lineWidth(0.6).strokeColor(color).stroke();
  });
}

/** A colored area that screen readers skip. */
export function band(kit: Kit, x: number, y: number, width: number, height: number, color: string): void {
  ornament(kit, () => {
    kit.pdf.rect(x, y, width, height).fill(color);
  });
}

/** Marks what is drawn as an artifact, outside the document structure. */
export function ornament(kit: Kit, draw: () => void, type: 'Layout' | 'Pagination' = 'Layout'): void {
  kit.pdf.markContent('Artifact', { type });
  draw();
  kit.pdf.endMarkedContent();
}

/** How many graphemes fit on the first line. */
function fits(kit: Kit, graphemes: readonly string[], style: Style, width: number): number {
  const han = kit.hanFor(graphemes.join(''));
  let used = 0;
  let atSpace = 0;
  let atMark = 0;
  for (const [at, grapheme] of graphemes.entries()) {
    for (const run of runsOf(grapheme, style.weight, han)) used += runWidth(run, style);
    if (used > width && grapheme !== ' ') return atSpace || atMark || Math.max(1, at);
    const next = graphemes[at + 1] ?? '';
    if (grapheme === ' ' || (!CLOSING.test(next) && (CJK.test(grapheme) || CJK.test(next)))) atSpace = at + 1;
    if (AFTER.test(grapheme)) atMark = at + 1;
  }
  return graphemes.length;
}

function runWidth(run: Run, style: Style): number {
  return widthIn(run.face, style.weight, run.text) * style.size;
}
