/** What is too quick to be compared. */
const LEAST_MS = 100;
const TRIES = 3;

/**
 * Whether work on a text twice as long takes as if the time grew with the square of the length: CPU time of this
 * process, not time on the clock, and the best of a few tries.
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
    // hostile text may be refused: it is the time that counts
  }
  return process.cpuUsage(began).user / 1000;
}
