import { createRequire } from 'node:module';

/** Scripts with their own Noto font, which is read only when a text needs it. */
export const SCRIPTS = [
  ...([
    'arabic',
    'armenian',
    'bengali',
    'canadian-aboriginal',
    'cherokee',
    'devanagari',
    'ethiopic',
    'georgian',
  ] as const),
  ...(['gujarati', 'gurmukhi', 'hebrew', 'kannada', 'khmer', 'lao', 'malayalam', 'myanmar'] as const),
  ...(['oriya', 'sinhala', 'syriac', 'tamil', 'telugu', 'thaana', 'thai', 'tibetan'] as const),
] as const;
export type Script = (typeof SCRIPTS)[number];

/**
 * Each script's characters, and those that Unicode says it shares with a few others (scx). A script's own currency sign
 * is among the former: ৳ is Bengali, ៛ Khmer, ﷼ Arabic. Noto Sans has the others.
 */
const PATTERNS: readonly (readonly [Script, RegExp])[] = [
  ['arabic', /[\p{sc=Arabic}\u060B\uFDFC]/u],
  ['armenian', /[\p{sc=Armenian}\u058F]/u],
  ['bengali', /\p{sc=Bengali}/u],
  ['canadian-aboriginal', /\p{sc=Canadian_Aboriginal}/u],
  ['cherokee', /\p{sc=Cherokee}/u],
  ['devanagari', /\p{sc=Devanagari}|[\u0964\u0965\u0970\uA830-\uA839]/u],
  ['ethiopic', /\p{sc=Ethiopic}/u],
  ['georgian', /\p{sc=Georgian}/u],
  ['gujarati', /\p{sc=Gujarati}/u],
  ['gurmukhi', /\p{sc=Gurmukhi}/u],
  ['hebrew', /\p{sc=Hebrew}/u],
  ['kannada', /\p{sc=Kannada}/u],
  ['khmer', /\p{sc=Khmer}/u],
  ['lao', /\p{sc=Lao}/u],
  ['malayalam', /\p{sc=Malayalam}/u],
  ['myanmar', /\p{sc=Myanmar}/u],
  ['oriya', /\p{sc=Oriya}/u],
  ['sinhala', /\p{sc=Sinhala}/u],
  ['syriac', /\p{sc=Syriac}/u],
  ['tamil', /\p{sc=Tamil}/u],
  ['telugu', /\p{sc=Telugu}/u],
  ['thaana', /\p{sc=Thaana}/u],
  ['thai', /[\p{sc=Thai}\u0E3F]/u],
  ['tibetan', /\p{sc=Tibetan}/u],
];

/** Armenian is the first of these scripts, so that most texts need no further check. */
const FIRST = 0x0530;

const locate = createRequire(import.meta.url).resolve;

/** The script whose font draws a grapheme; undefined if another font draws it. */
export function scriptOf(grapheme: string): Script | undefined {
  if ((grapheme.codePointAt(0) ?? 0) < FIRST) return undefined;
  return PATTERNS.find(([, pattern]) => pattern.test(grapheme))?.[0];
}

/** The path of a script's font. */
export function scriptFontFile(script: Script, weight: 'regular' | 'bold'): string {
  const isBold = weight === 'bold';
  if (script === 'tibetan') {
    return locate(
      `@fontsource/noto-serif-tibetan/files/noto-serif-tibetan-tibetan-${isBold ? '700' : '400'}-normal.woff`,
    );
  }
  const name = script.replace(/(^|-)(\w)/g, (_match, _hyphen, letter: string) => letter.toUpperCase());
  const style = isBold ? '700Bold' : '400Regular';
  return locate(`@expo-google-fonts/noto-sans-${script}/${style}/NotoSans${name}_${style}.ttf`);
}
