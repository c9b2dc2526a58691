import { phrase, type Word } from './words.ts';

/**
 * Words split at keywords, such as `Team Blue to Team Red`: what is before the first keyword, and what is after each. A
 * word in quotation marks is never a keyword. If a keyword occurs twice, the last one counts, so that names can contain
 * it.
 */
export function cutAt<K extends string>(
  words: readonly Word[],
  keywords: readonly K[],
): { readonly first: string; readonly parts: Partial<Record<K, string>> } {
  const places = keywords
    .map((keyword) => ({ keyword, at: lastPlace(words, keyword) }))
    .filter(({ at }) => at > 0)
    .sort((a, b) => a.at - b.at);
  const parts: Partial<Record<K, string>> = {};
  for (const [index, { keyword, at }] of places.entries()) {
    parts[keyword] = phrase(words.slice(at + 1, places[index + 1]?.at));
  }
  return { first: phrase(words.slice(0, places[0]?.at)), parts };
}

/** Whether the word `mine` was typed, alone and without quotation marks. */
export function isMine(words: readonly Word[]): boolean {
  return words.length === 1 && lastPlace(words, 'mine') === 0;
}

/** Two names split at the keyword, or else two words, usually names in quotation marks. */
export function twoNames(words: readonly Word[], keyword: string): readonly [string, string] | undefined {
  const { first, parts } = cutAt(words, [keyword]);
  const second = parts[keyword];
  if (first !== '' && second !== undefined && second !== '') return [first, second];
  const [a, b] = words;
  return words.length === 2 && a && b ? [a.text, b.text] : undefined;
}

function lastPlace(words: readonly Word[], keyword: string): number {
  return words.findLastIndex((word) => !word.quoted && !word.mention && word.text.toLowerCase() === keyword);
}
