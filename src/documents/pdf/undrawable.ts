import { canDraw } from './fonts.ts';
import { drawable, graphemesOf, withoutMarks } from './runs.ts';

/** Every font has these. */
const PLAIN = /^[\x20-\x7e\s]*$/;

/** The characters of a text that no font has, each once: `𒀀 (U+12000)`, or only the code if it can't be shown. */
export function undrawable(text: string): string[] {
  if (PLAIN.test(text)) return [];
  const missing = graphemesOf(withoutMarks(drawable(text))).filter((grapheme) => !canDraw(grapheme));
  return [...new Set(missing)].map(nameOf);
}

function nameOf(grapheme: string): string {
  const codes = [...grapheme].map(
    (letter) => `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  return /[\p{Co}\p{Cn}\p{Cf}]/u.test(grapheme) ? codes.join(' ') : `${grapheme} (${codes.join(' ')})`;
}
