/** As many marks in a row as any text has (Unicode Standard Annex 15, Stream-Safe Text Format). */
const LONG_PILE = /\p{M}{30}(?=\p{M})/gu;
const GRAPHEME_JOINER = '\u034F';

/**
 * A text in a normal form of Unicode, in time linear in its length: the order of the marks on one letter is sorted in
 * quadratic time, so that longer piles are divided by a combining grapheme joiner, as the standard advises.
 */
export function normalized(text: string, form: 'NFC' | 'NFKC' | 'NFKD'): string {
  return text.replace(LONG_PILE, `$&${GRAPHEME_JOINER}`).normalize(form);
}
