import type { Logger } from './logger.ts';

/** Most supervisors kill after 30 s. */
const DEADLINE_MS = 24_500;

/** An unhandled failure, after which the state of the process is unknown. */
const FAULTS = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Stops cleanly on the first signal, immediately on the second, and within 25 seconds in any case. An unhandled error
 * stops the process in the same way, with a log entry and exit code 1, so that a supervisor restarts it.
 */
export function stopOnSignal(stop: () => Promise<void>, log: Logger): void {
  let stopping = false;
  const end = async (code: 0 | 1): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), DEADLINE_MS).unref();
    try {
      await stop();
      process.exit(code);
    } catch (error) {
      log.error({ err: error }, 'shutdown failed');
      process.exit(1);
    }
  };
  process.on('SIGTERM', () => void end(0));
  process.on('SIGINT', () => void end(0));
  for (const fault of FAULTS) {
    process.on(fault, (error: unknown) => {
      log.fatal({ err: error instanceof Error ? error : new Error(String(error)), fault }, 'unhandled error: stopping');
      // a second error during the shutdown must not interrupt it
      if (!stopping) void end(1);
    });
  }
}
