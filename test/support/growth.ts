/** Anything faster can't be compared. */
const LEAST_MS = 100;
const TRIES = 3;

/**
 * Whether doubling a text's length increases the time as if it were quadratic. Measures this process's CPU time, not
 * elapsed time, and uses the best of a few attempts.
 */
export function growsFasterThanLength(work: (text: string) => unknown, textOf: (size: number) => string, size: number) {
  const [short, long] = [textOf(size), textOf(2 * size)];
  const isFaster = () =>
    cpuMs(() => work(long)) >
    3 *
      Math.max(
        cpuMs(() => work(short)),
        LEAST_MS,
      );
  return Array.from({ length: TRIES }).every(isFaster);
}

function cpuMs(work: () => unknown): number {
  const began = process.cpuUsage();
  try {
    work();
  } catch {
    // hostile text may be refused: only the time counts
  }
  return process.cpuUsage(began).user / 1000;
}
