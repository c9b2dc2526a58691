import { setTimeout as wait } from 'node:timers/promises';
import { scrubText } from './redaction.ts';
import { SettingsError } from './settings.ts';
import { EXIT_CONFIG, StartupError } from './startup-error.ts';

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 15_000;
/** For our own faults, and anything else without its own exit code. */
const EXIT_FAILURE = 1;

export interface WaitOptions {
  /** How long to keep trying, in milliseconds; 0 to try once. */
  readonly limitMs: number;
  /** Called before each pause with a sentence about what is being waited for. */
  readonly tell: (sentence: string) => void;
  readonly pause?: (ms: number) => Promise<unknown>;
}

/**
 * Retries something that a process needs to start, as long as the error may be temporary, and no longer than the limit.
 * @throws what the last attempt threw
 */
export async function whenAvailable<T>(attempt: () => Promise<T>, options: WaitOptions): Promise<T> {
  const { limitMs, tell, pause = wait } = options;
  let waitedMs = 0;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)) {
    const began = performance.now();
    try {
      return await attempt();
    } catch (error) {
      waitedMs += performance.now() - began;
      const patienceMs = error instanceof StartupError ? Math.min(limitMs, error.mayPassWithinMs) : 0;
      // the last attempt is at the limit, not before
      const nextMs = Math.min(pauseMs, patienceMs - waitedMs);
      if (!(error instanceof StartupError) || nextMs < Math.min(pauseMs, FIRST_PAUSE_MS)) throw error;
      tell(`Waiting, next attempt in ${Math.round(nextMs / 1000)} s: ${error.message}`);
      await pause(nextMs);
      waitedMs += nextMs;
    }
  }
}

/** Signals that stop a process, with the exit codes that a shell gives them. */
const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a process. What prevents its start, or ends it, is reported as one plain sentence on standard error and an exit
 * code (78: settings; 69: an unavailable dependency; 1: anything else), never as a stack trace. A signal stops it
 * immediately, until `stopOnSignal` stops it cleanly: a container's first process isn't stopped by an unhandled signal.
 */
export async function runProcess(main: () => Promise<void>): Promise<void> {
  process.once('uncaughtException', end);
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const leave = (signal: (typeof signals)[number]) => process.exit(SIGNAL_CODES[signal]);
  for (const signal of signals) process.on(signal, leave);
  try {
    await main();
    process.off('uncaughtException', end);
    for (const signal of signals) process.off(signal, leave);
  } catch (error) {
    end(error);
  }
}

function end(error: unknown): never {
  // a message about settings has no values, only their names and forms
  process.stderr.write(`${error instanceof SettingsError ? error.message : scrubText(wordsOf(error))}\n`);
  if (!isForeseen(error) && process.env.LOG_LEVEL === 'debug') console.error(error);
  process.exit(exitCodeOf(error));
}

function isForeseen(error: unknown): error is SettingsError | StartupError {
  return error instanceof SettingsError || error instanceof StartupError;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof SettingsError) return EXIT_CONFIG;
  return error instanceof StartupError ? error.exitCode : EXIT_FAILURE;
}

/** The error message for the operator. */
export function wordsOf(error: unknown): string {
  if (isForeseen(error)) return error.message;
  const what = error instanceof Error ? error.message : String(error);
  return `Unexpected error: ${what.trim().replace(/\s+/g, ' ')} (set LOG_LEVEL=debug for details)`;
}
