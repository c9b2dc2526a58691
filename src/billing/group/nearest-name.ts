import { distance } from 'fastest-levenshtein';

/**
 * The candidate that a mistyped name most likely means. At most a third of its letters may differ; undefined if none is
 * close.
 */
export function nearestName<T>(
  typed: string,
  candidates: readonly T[],
  nameOf: (candidate: T) => string,
): T | undefined {
  let best: { readonly candidate: T; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const far = distance(typed, nameOf(candidate));
    if (far <= Math.max(1, Math.floor(typed.length / 3)) && (!best || far < best.distance))
      best = { candidate, distance: far };
  }
  return best?.candidate;
}
