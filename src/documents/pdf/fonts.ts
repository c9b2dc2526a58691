import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { create } from 'fontkit';
import { type Script, scriptFontFile, scriptOf } from './script-fonts.ts';

/**
 * Noto Sans for Latin, Greek and Cyrillic; one for each CJK style; DejaVu for symbols; a Noto font for each other
 * script.
 */
export type Face = BaseFace | Script;
type BaseFace = 'latin' | 'jp' | 'kr' | 'sc' | 'more' | 'emoji';
export type Weight = 'regular' | 'bold';
/** The style of characters that China, Japan and Korea share. */
export type Han = 'jp' | 'kr' | 'sc';

interface Loaded {
  readonly bytes: Buffer;
  readonly has: (codePoint: number) => boolean;
  /**
   * A text's width, as a fraction of the font size. @throws {Error} if the layout engine can't set it with these
   * features
   */
  readonly advance: (text: string, features: Features | undefined) => number;
}

/** OpenType features that are switched on or off. */
export type Features = Readonly<Record<string, boolean>>;

const locate = createRequire(import.meta.url).resolve;

const FILES: Readonly<Record<BaseFace, Readonly<Record<Weight, () => string>>>> = {
  latin: {
    regular: () => embedded('latin', 'NotoSans-Regular.ttf'),
    bold: () => embedded('latin', 'NotoSans-Bold.ttf'),
  },
  jp: { regular: () => embedded('jp', 'NotoSansJP-Regular.otf'), bold: () => embedded('jp', 'NotoSansJP-Bold.otf') },
  kr: { regular: () => embedded('kr', 'NotoSansKR-Regular.otf'), bold: () => embedded('kr', 'NotoSansKR-Bold.otf') },
  sc: {
    regular: () => embedded('sc', 'NotoSansHans-Regular.otf'),
    bold: () => embedded('sc', 'NotoSansHans-Bold.otf'),
  },
  more: {
    regular: () => locate('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
    bold: () => locate('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
  },
  emoji: { regular: emoji, bold: emoji },
};

/** Shown instead of a character that no font has. */
export const MISSING = '\u25A1';
/** Joiners and variation selectors, which need no glyph. */
const INVISIBLE = /\u200C|\u200D|[\uFE00-\uFE0F]|[\u{E0020}-\u{E007F}]/u;
const EMOJI = /\p{Emoji_Presentation}|\uFE0F/u;

/**
 * Features that place marks. The layout engine fails on fonts that lack the anchor of a class of marks, such as Noto
 * Sans Gurmukhi and Malayalam. Without these features, a mark is placed where the font draws it by default.
 */
const MARK_PLACES = ['abvm', 'blwm', 'mark', 'mkmk', 'curs', 'dist', 'kern'] as const;

const loaded = new Map<string, Loaded>();
const widths = new Map<string, number | null>();
const MOST_WIDTHS = 20_000;

/** The bytes of a font file, read on first use and kept. */
export function fontBytes(face: Face, weight: Weight): Buffer {
  return load(face, weight).bytes;
}

/** A face's name within a PDF. */
export function fontName(face: Face, weight: Weight): string {
  return `${face}-${weight}`;
}

/**
 * A text's width as a fraction of the font size, word by word as the PDF sets it. Measured outside the PDF, so that
 * earlier measurements leave no trace in its bytes.
 */
export function widthIn(face: Face, weight: Weight, text: string): number {
  const features = featuresFor(face, weight, text);
  if (features) return load(face, weight).advance(text, features);
  let width = 0;
  for (const word of text.split(/(?<= )/)) width += wordWidth(face, weight, word) ?? 0;
  return width;
}

/**
 * The features that a text must be set with; undefined for the default ones. A new object each time, since the layout
 * engine modifies it.
 */
export function featuresFor(face: Face, weight: Weight, text: string): Features | undefined {
  if (face === 'latin' || text.split(/(?<= )/).every((word) => wordWidth(face, weight, word) !== null))
    return undefined;
  return withoutMarkPlaces();
}

/** Whether the layout engine can set a text in a face. */
export function canSet(face: Face, weight: Weight, text: string): boolean {
  const features = featuresFor(face, weight, text);
  return features === undefined || advanceOf(face, weight, text, features) !== null;
}

/** The face that draws a grapheme, and the grapheme itself or, if no font has it, a square. */
export function faceOf(grapheme: string, weight: Weight, han: Han): { readonly face: Face; readonly text: string } {
  const needed = [...grapheme].filter((letter) => !INVISIBLE.test(letter)).map((letter) => letter.codePointAt(0) ?? 0);
  for (const face of order(grapheme, han)) {
    const { has } = load(face, weight);
    if (needed.every(has)) return { face, text: grapheme };
  }
  const base = [...grapheme][0] ?? '';
  return base === grapheme ? { face: 'more', text: MISSING } : faceOf(base, weight, han);
}

/** Whether some font draws a whole grapheme. Otherwise it is replaced by a square, or part of it is lost. */
export function canDraw(grapheme: string): boolean {
  const { face, text } = faceOf(grapheme, 'regular', 'sc');
  return text === grapheme && canSet(face, 'regular', text);
}

/** The style of shared characters in a buyer's or seller's text: from its own letters, or else from the country. */
export function hanOf(text: string, country: string): Han {
  if (/[\p{sc=Hiragana}\p{sc=Katakana}]/u.test(text)) return 'jp';
  if (/\p{sc=Hangul}/u.test(text)) return 'kr';
  if (country === 'JP') return 'jp';
  return country === 'KR' ? 'kr' : 'sc';
}

function order(grapheme: string, han: Han): readonly Face[] {
  if (EMOJI.test(grapheme)) return ['emoji', 'latin', 'more', han];
  const script = scriptOf(grapheme);
  return [
    ...(script === undefined ? [] : [script]),
    'latin',
    ...(needsCjk(grapheme) ? [han, 'sc' as const, 'jp' as const, 'kr' as const] : []),
    'more',
    'emoji',
  ];
}

/** Checked first, so that the large fonts are read only when they are needed. */
function needsCjk(grapheme: string): boolean {
  const code = grapheme.codePointAt(0) ?? 0;
  return (code >= 0x1100 && code <= 0x11ff) || (code >= 0x2460 && code <= 0x27bf) || code >= 0x2e80;
}

/** Null if the layout engine can't set a word with the default features. */
function wordWidth(face: Face, weight: Weight, word: string): number | null {
  const key = `${fontName(face, weight)} ${word}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  const width = advanceOf(face, weight, word, undefined);
  // bounded, since names can contain anything
  if (widths.size >= MOST_WIDTHS) widths.clear();
  widths.set(key, width);
  return width;
}

function advanceOf(face: Face, weight: Weight, text: string, features: Features | undefined): number | null {
  const { advance } = load(face, weight);
  try {
    return advance(text, features);
  } catch {
    return null;
  }
}

function withoutMarkPlaces(): Features {
  return Object.fromEntries(MARK_PLACES.map((feature) => [feature, false]));
}

function load(face: Face, weight: Weight): Loaded {
  const name = fontName(face, weight);
  const known = loaded.get(name);
  if (known) return known;
  const bytes = readFileSync(fileOf(face, weight));
  const font = create(bytes);
  if (!('hasGlyphForCodePoint' in font)) throw new Error(`Not a single font: ${name}`);
  const entry = {
    bytes,
    has: (codePoint: number) => font.hasGlyphForCodePoint(codePoint),
    advance: (text: string, features: Features | undefined) =>
      font.layout(text, features && { ...features }).advanceWidth / font.unitsPerEm,
  };
  loaded.set(name, entry);
  return entry;
}

function fileOf(face: Face, weight: Weight): string {
  return isBase(face) ? FILES[face][weight]() : scriptFontFile(face, weight);
}

function isBase(face: Face): face is BaseFace {
  return Object.hasOwn(FILES, face);
}

function embedded(name: string, file: string): string {
  return join(dirname(locate(`@embedpdf/fonts-${name}`)), '..', 'fonts', file);
}

function emoji(): string {
  return locate('@expo-google-fonts/noto-emoji/400Regular/NotoEmoji_400Regular.ttf');
}
