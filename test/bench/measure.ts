/** A measurement: the seconds of each run, and the process's peak memory in MB. */
export interface Measured {
  readonly seconds: readonly number[];
  readonly median: number;
}

/** How often each measurement is repeated: five times, or BENCH_RUNS, for a quick look. */
export const RUNS = Number(process.env.BENCH_RUNS ?? 5);

/** Repeats something and records the time of each run. `prepare` isn't timed. */
export async function measure<T>(
  runs: number,
  prepare: () => Promise<T>,
  run: (prepared: T) => Promise<void>,
): Promise<Measured> {
  const seconds: number[] = [];
  for (let at = 0; at < runs; at++) {
    const prepared = await prepare();
    const began = process.hrtime.bigint();
    await run(prepared);
    seconds.push(Number(process.hrtime.bigint() - began) / 1e9);
  }
  return { seconds, median: median(seconds) };
}

export function median(values: readonly number[]): number {
  const inOrder = [...values].sort((a, b) => a - b);
  return inOrder[Math.floor(inOrder.length / 2)] ?? Number.NaN;
}

/** The value that a share of all values doesn't exceed: 0.95 for the 95th percentile. */
export function percentile(values: readonly number[], share: number): number {
  const inOrder = [...values].sort((a, b) => a - b);
  return inOrder[Math.ceil(inOrder.length * share) - 1] ?? Number.NaN;
}

/** A result, and the most that it may be. */
export interface Result {
  readonly value: number;
  readonly most: number;
  /** Such as ` ms`. */
  readonly unit?: string;
}

/** Prints results beside their targets. */
export function judge(what: string, ...results: readonly Result[]): void {
  const figure = (value: number) => value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0);
  const judged = results.map(({ value, most, unit = '' }) => {
    const verdict = value <= most ? 'met' : 'MISSED';
    return `${figure(value)}${unit} (target: at most ${most}${unit}, ${verdict})`;
  });
  say(`${what}: ${judged.join('; ')}`);
}

/** Peak resident memory of this process so far, in MB. */
export function peakMemory(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
