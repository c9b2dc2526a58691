import { distance } from 'fastest-levenshtein';

/** Characters that people use between the parts of a name. */
const SEPARATORS = /[\s._/-]+/gu;

/**
 * Whether two normalized names (`nameKey`) differ by one typo at most: a missing, extra or wrong letter, two swapped
 * letters, or only separators.
 */
export function isOneTypoAway(one: string, other: string): boolean {
  return isOneSlipAway([...one], [...other]) || one.replace(SEPARATORS, '') === other.replace(SEPARATORS, '');
}

/**
 * The candidates that a mistyped name most likely means, in their given order: all that are equally near. At most a
 * third of the letters may differ; empty if none is close.
 */
export function nearestNames<T>(typed: string, candidates: readonly T[], nameOf: (candidate: T) => string): T[] {
  let least = Number.POSITIVE_INFINITY;
  let nearest: T[] = [];
  for (const candidate of candidates) {
    const name = nameOf(candidate);
    const slips = slipsBetween(typed, name);
    const most = Math.max(1, Math.floor(Math.max(typed.length, name.length) / 3));
    if (slips > Math.min(most, least)) continue;
    if (slips < least) nearest = [];
    least = slips;
    nearest.push(candidate);
  }
  return nearest;
}

/** The letters that differ. Two swapped letters count as one, if nothing else differs. */
function slipsBetween(typed: string, name: string): number {
  const letters = distance(typed, name);
  return letters === 2 && isOneSlipAway([...typed], [...name]) ? 1 : letters;
}

function isOneSlipAway(one: readonly string[], other: readonly string[]): boolean {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start++;
  let end = 0;
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  const [a, b] = [one.slice(start, one.length - end), other.slice(start, other.length - end)];
  if (a.length <= 1 && b.length <= 1) return true;
  return a.length === 2 && b.length === 2 && a[0] === b[1] && a[1] === b[0];
}
