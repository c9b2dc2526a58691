import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { create } from 'fontkit';

/** Noto Sans for Latin, Greek and Cyrillic; one for each of the CJK styles; DejaVu for right-to-left scripts and symbols. */
export const FACES = ['latin', 'jp', 'kr', 'sc', 'more', 'emoji'] as const;
export type Face = (typeof FACES)[number];
export type Weight = 'regular' | 'bold';
/** In whose style characters that China, Japan and Korea share are drawn. */
export type Han = 'jp' | 'kr' | 'sc';

interface Loaded {
  readonly bytes: Buffer;
  readonly has: (codePoint: number) => boolean;
  /** Of a word, in parts of the size. */
  readonly advance: (word: string) => number;
}

const locate = createRequire(import.meta.url).resolve;

const FILES: Readonly<Record<Face, Readonly<Record<Weight, () => string>>>> = {
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

/** What stands for a character that no font has. */
const MISSING = '\u25A1';
/** Joiners and variation selectors: no font needs a glyph for them. */
const INVISIBLE = /\u200C|\u200D|[\uFE00-\uFE0F]|[\u{E0020}-\u{E007F}]/u;
const EMOJI = /\p{Emoji_Presentation}|\uFE0F/u;

const loaded = new Map<string, Loaded>();
const widths = new Map<string, number>();
const MOST_WIDTHS = 20_000;

/** The bytes of a font file, read at first use and kept. */
export function fontBytes(face: Face, weight: Weight): Buffer {
  return load(face, weight).bytes;
}

/** The name under which a face is known within a PDF. */
export function fontName(face: Face, weight: Weight): string {
  return `${face}-${weight}`;
}

/**
 * How wide a text is, in parts of the size, word by word as the PDF sets it. Measured apart from the PDF, so that what was
 * measured before has no trace in its bytes.
 */
export function widthIn(face: Face, weight: Weight, text: string): number {
  let width = 0;
  for (const word of text.split(/(?<= )/)) width += wordWidth(face, weight, word);
  return width;
}

/** The face that draws a grapheme, and the grapheme itself or, where no font has it, a square in its place. */
export function faceOf(grapheme: string, weight: Weight, han: Han): { readonly face: Face; readonly text: string } {
  const needed = [...grapheme].filter((letter) => !INVISIBLE.test(letter)).map((letter) => letter.codePointAt(0) ?? 0);
  for (const face of order(grapheme, han)) {
    const { has } = load(face, weight);
    if (needed.every(has)) return { face, text: grapheme };
  }
  const base = [...grapheme][0] ?? '';
  return base === grapheme ? { face: 'more', text: MISSING } : faceOf(base, weight, han);
}

/** The style of shared characters for a text of a buyer's or seller's: as its own letters say, else as its country does. */
export function hanOf(text: string, country: string): Han {
  if (/[\p{sc=Hiragana}\p{sc=Katakana}]/u.test(text)) return 'jp';
  if (/\p{sc=Hangul}/u.test(text)) return 'kr';
  if (country === 'JP') return 'jp';
  return country === 'KR' ? 'kr' : 'sc';
}

function order(grapheme: string, han: Han): readonly Face[] {
  if (EMOJI.test(grapheme)) return ['emoji', 'latin', 'more', han];
  return ['latin', ...(needsCjk(grapheme) ? [han, 'sc' as const, 'jp' as const, 'kr' as const] : []), 'more', 'emoji'];
}

/** So that the large fonts are read only for those who need them. */
function needsCjk(grapheme: string): boolean {
  const code = grapheme.codePointAt(0) ?? 0;
  return (code >= 0x1100 && code <= 0x11ff) || (code >= 0x2460 && code <= 0x27bf) || code >= 0x2e80;
}

function wordWidth(face: Face, weight: Weight, word: string): number {
  const key = `${fontName(face, weight)} ${word}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  const width = load(face, weight).advance(word);
  // bounded, since names may hold anything
  if (widths.size >= MOST_WIDTHS) widths.clear();
  widths.set(key, width);
  return width;
}

function load(face: Face, weight: Weight): Loaded {
  const name = fontName(face, weight);
  const known = loaded.get(name);
  if (known) return known;
  const bytes = readFileSync(FILES[face][weight]());
  const font = create(bytes);
  if (!('hasGlyphForCodePoint' in font)) throw new Error(`Not a single font: ${name}`);
  const entry = {
    bytes,
    has: (codePoint: number) => font.hasGlyphForCodePoint(codePoint),
    advance: (word: string) => font.layout(word).advanceWidth / font.unitsPerEm,
  };
  loaded.set(name, entry);
  return entry;
}

function embedded(name: string, file: string): string {
  return join(dirname(locate(`@embedpdf/fonts-${name}`)), '..', 'fonts', file);
}

function emoji(): string {
  return locate('@expo-google-fonts/noto-emoji/400Regular/NotoEmoji_400Regular.ttf');
}
