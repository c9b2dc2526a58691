import { compareFractions, type Fraction, floor, fraction, minus, nearest, times, total } from './fraction.ts';
import type { Line } from './oracle-lines.ts';

/** domain.md, Money 7: each project's sum first, all together, then the lines of each project. */
export function roundByProject(lines: readonly Line[], scale: Fraction): bigint[] {
  const projects = [...new Set(lines.map(({ project }) => project))];
  const own = (project: string) => lines.filter((line) => line.project === project).map(({ exact }) => exact);
  const sums = projects.map((project) => times(total(own(project)), scale));
  const units = largestRemainders(sums, nearest(total(sums)));
  return projects.flatMap((project, at) =>
    largestRemainders(
      own(project).map((exact) => times(exact, scale)),
      units[at] ?? 0n,
    ),
  );
}

/**
 * Units that add up to `whole`: all are rounded down, and the missing ones go to the largest remainders, then by
 * position.
 */
export function largestRemainders(shares: readonly Fraction[], whole: bigint): bigint[] {
  const cut = shares.map(floor);
  const lacking = Number(whole - cut.reduce((sum, one) => sum + one, 0n));
  const rest = shares.map((share, at) => ({ at, rest: minus(share, fraction(cut[at] ?? 0n)) }));
  rest.sort((a, b) => compareFractions(b.rest, a.rest) || a.at - b.at);
  for (const { at } of rest.slice(0, lacking)) cut[at] = (cut[at] ?? 0n) + 1n;
  return cut;
}

export function smallest(...all: [bigint, ...bigint[]]): bigint {
  let low = all[0];
  for (const one of all) if (one < low) low = one;
  return low;
}
