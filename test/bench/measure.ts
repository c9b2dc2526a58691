/** A measurement: the seconds of each run, and the process's peak memory in MB. */
export interface Measured {
  readonly seconds: readonly number[];
  readonly median: number;
}

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

/** Peak resident memory of this process so far, in MB. */
export function peakMemory(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
