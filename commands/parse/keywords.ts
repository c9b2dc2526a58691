import { phrase, type Word } from './words.ts';

/**
 * A line of words cut at keywords, such as `Team Blue to Team Red`: what stands before the first keyword, and what
 * stands behind each. A word in quotation marks is never a keyword; of a keyword that comes twice the last counts, so
 * that names may hold it.
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

/** Two names: cut at the keyword, else two words, the usual case being two names in quotation marks. */
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
