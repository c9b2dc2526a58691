/** The most combining marks in a row in any real text (Unicode Standard Annex 15, Stream-Safe Text Format). */
const LONG_PILE = /\p{M}{30}(?=\p{M})/gu;
const GRAPHEME_JOINER = '\u034F';

/**
 * A text in a Unicode normalization form, in linear time. Sorting the marks on a letter takes quadratic time, so longer
 * sequences are split by a combining grapheme joiner, as the standard recommends.
 */
export function normalized(text: string, form: 'NFC' | 'NFKC' | 'NFKD'): string {
  return text.replace(LONG_PILE, `$&${GRAPHEME_JOINER}`).normalize(form);
}
