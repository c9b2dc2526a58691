/** The most numbers that a text can hold: as many as a message combines. */
const MOST = 500;
/** In base 36, which needs the fewest characters. */
const BASE = 36;
const RUN = /^([0-9a-z]{1,10})(?:\.([0-9a-z]{1,2}))?$/;

/**
 * Numbers of log entries as a short text, for a button's value: runs of consecutive numbers, each by its distance from
 * the end of the one before and by how many follow its first number. `5.2,3` are 5, 6, 7 and 10.
 *
 * @param numbers ascending, positive, at most 500
 */
export function entryNumbersText(numbers: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && number === run.last + 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs
    .map(({ first, last }, at) => {
      const distance = (first - (runs[at - 1]?.last ?? 0)).toString(BASE);
      return last === first ? distance : `${distance}.${(last - first).toString(BASE)}`;
    })
    .join(',');
}

/** The numbers in a text of `entryNumbersText`; undefined if it isn't one. */
export function readEntryNumbers(text: string): readonly number[] | undefined {
  const numbers: number[] = [];
  for (const run of text.split(',')) {
    const [, distance = '', more = '0'] = RUN.exec(run) ?? [];
    const first = (numbers.at(-1) ?? 0) + Number.parseInt(distance, BASE);
    const following = Number.parseInt(more, BASE);
    if (Number.isNaN(first) || numbers.length + following >= MOST) return undefined;
    for (let at = 0; at <= following; at++) numbers.push(first + at);
  }
  return numbers;
}
