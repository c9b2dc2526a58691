/** Characters that people use between the parts of a name. */
const SEPARATORS = /[\s._/-]+/gu;

/**
 * Whether two normalized names (`nameKey`) differ by one typo at most: a missing, extra or wrong letter, two swapped
 * letters, or only separators.
 */
export function isOneTypoAway(one: string, other: string): boolean {
  return isOneSlipAway([...one], [...other]) || one.replace(SEPARATORS, '') === other.replace(SEPARATORS, '');
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
