/** What a process uses, and how it develops. */
import { readdirSync, readFileSync } from 'node:fs';

/** What a process used at a time. */
export interface Sample {
  /** Minutes since the beginning. */
  readonly minute: number;
  /** Resident memory in MB. */
  readonly memory: number;
  /** Open files and sockets. */
  readonly handles: number;
}

/** What a process uses now, from Linux's `/proc`. @throws {Error} if the process has ended */
export function sampleOf(pid: number, minute: number): Sample {
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (resident === undefined) throw new Error(`Process ${pid} has ended`);
  return { minute, memory: Number(resident) / 1024, handles: readdirSync(`/proc/${pid}/fd`).length };
}

/**
 * The lowest sample of each span of minutes: V8 lets garbage pile up for minutes before it collects, so the
 * others say little about what is kept. What is left at the end counts with the span before it: the lowest of a moment
 * may be anything.
 */
export function lowestOfEach(minutes: number, samples: readonly Sample[]): Sample[] {
  const lowest = new Map<number, Sample>();
  const last = Math.round((samples.at(-1)?.minute ?? 0) / minutes) - 1;
  for (const one of samples) {
    const span = Math.min(Math.floor(one.minute / minutes), last);
    const before = lowest.get(span);
    if (!before || one.memory < before.memory) lowest.set(span, one);
  }
  return [...lowest.values()];
}

/** How much memory grows in MB a minute: the straight line with the least squares through all samples. */
export function memorySlope(samples: readonly Sample[]): number {
  const of = (value: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + value(sample), 0) / samples.length;
  const [minute, memory] = [of((one) => one.minute), of((one) => one.memory)];
  const spread = of((one) => (one.minute - minute) ** 2);
  return spread === 0 ? 0 : of((one) => (one.minute - minute) * (one.memory - memory)) / spread;
}
