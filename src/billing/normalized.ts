/** The most combining marks in a row in any real text (Unicode Standard Annex 15, Stream-Safe Text Format). */
const LONG_PILE = /\p{M}{30}(?=\p{M})/gu;
/** Only characters below 128. */
const IS_ASCII = /^\p{ASCII}*$/u;
const GRAPHEME_JOINER = '\u034F';

/**
 * A text in a Unicode normalization form, in linear time. Sorting the marks on a letter takes quadratic time, so longer
 * sequences are split by a combining grapheme joiner, as the standard recommends.
 */
export function normalized(text: string, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): string {
  // the same in every form, and what most IDs consist of
  if (IS_ASCII.test(text)) return text;
  return text.replace(LONG_PILE, `$&${GRAPHEME_JOINER}`).normalize(form);
}

/** The text with a capital letter at its beginning, as a sentence starts. */
export function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
