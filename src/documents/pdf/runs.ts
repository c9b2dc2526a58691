import { createRequire } from 'node:module';
import type { Bidi } from 'bidi-js';
import { normalized } from '../../billing/normalized.ts';
import { canSet, type Face, faceOf, type Han, MISSING, type Weight } from './fonts.ts';

/** Part of a line that one font draws from left to right. */
export interface Run {
  readonly face: Face;
  readonly text: string;
}

interface LevelRun extends Run {
  readonly level: number;
  readonly graphemes: readonly string[];
}

// the default export in its types differs from the one in its file
const bidiFactory: () => Bidi = createRequire(import.meta.url)('bidi-js');
const bidi = bidiFactory();
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Marks that only change the text direction. The order is computed here, so they aren't drawn. */
const MARKS = /[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu;
/** Scripts that the font itself lays out from right to left. */
const RIGHT_TO_LEFT = /[\p{sc=Arabic}\p{sc=Hebrew}\p{sc=Syriac}\p{sc=Thaana}\p{sc=Nko}]/u;

/** Most lines need no other font or order. */
const PLAIN = /^[\x20-\x7e]+$/;

/** Marks that force a direction on the following text, with which one name could be made to look like another. */
const OVERRIDES = /[\u202A-\u202E\u2066-\u2069]/gu;

/** A drawable text: one line, composed, without control characters, lone surrogates and forced directions. */
export function drawable(text: string): string {
  return normalized(text.replace(OVERRIDES, '').replace(/\p{Cs}/gu, '\uFFFD'), 'NFC')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

/** Removes marks that only change the text direction or are invisible. */
export function withoutMarks(text: string): string {
  return text.replace(MARKS, '');
}

export function graphemesOf(text: string): string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** A line's runs in visual order (Unicode Bidirectional Algorithm), each in a font that has its letters. */
export function runsOf(line: string, weight: Weight, han: Han): Run[] {
  if (PLAIN.test(line)) return [{ face: 'latin', text: line }];
  const { levels } = bidi.getEmbeddingLevels(line, 'auto');
  const mirrored = bidi.getMirroredCharactersMap(line, levels);
  const runs: LevelRun[] = [];
  let at = 0;
  for (const grapheme of graphemesOf(line)) {
    const level = levels[at] ?? 0;
    const seen = (mirrored.get(at) ?? grapheme).replace(MARKS, '');
    at += grapheme.length;
    if (seen === '') continue;
    const { face, text } = faceOf(seen, weight, han);
    const last = runs.at(-1);
    if (last?.face === face && last.level === level) {
      runs[runs.length - 1] = { ...last, text: last.text + text, graphemes: [...last.graphemes, text] };
    } else runs.push({ face, text, level, graphemes: [text] });
  }
  return inSight(runs).map(({ face, text, level, graphemes }) => {
    if (!canSet(face, weight, text)) return { face: 'more', text: MISSING.repeat(graphemes.length) };
    return { face, text: level % 2 === 1 && !RIGHT_TO_LEFT.test(text) ? [...graphemes].reverse().join('') : text };
  });
}

/**
 * Rule L2 of the algorithm: from the highest level to the lowest odd one, reverse everything at that level or above.
 */
function inSight(runs: readonly LevelRun[]): LevelRun[] {
  const ordered = [...runs];
  const highest = Math.max(0, ...ordered.map((run) => run.level));
  for (let level = highest; level > 0; level--) {
    let start = 0;
    while (start < ordered.length) {
      let end = start;
      while ((ordered[end]?.level ?? -1) >= level) end++;
      if (end > start) ordered.splice(start, end - start, ...ordered.slice(start, end).reverse());
      start = end + 1;
    }
  }
  return ordered;
}
