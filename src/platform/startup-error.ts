/** Exit code for missing or invalid settings (EX_CONFIG in sysexits.h), which only a person can fix. */
export const EXIT_CONFIG = 78;
/** Exit code for an unavailable dependency (EX_UNAVAILABLE): starting again later may work. */
export const EXIT_UNAVAILABLE = 69;

export interface StartupErrorOptions {
  readonly exitCode: typeof EXIT_CONFIG | typeof EXIT_UNAVAILABLE;
  /** How long it may take to resolve on its own, in milliseconds; 0 if it can't. */
  readonly mayPassWithinMs: number;
  readonly cause?: unknown;
}

/** Why a process can't start. The message is one sentence for the operator: the setting, and what to do. */
export class StartupError extends Error {
  override readonly name: string = 'StartupError';
  readonly exitCode: StartupErrorOptions['exitCode'];
  readonly mayPassWithinMs: number;

  constructor(message: string, { exitCode, mayPassWithinMs, cause }: StartupErrorOptions) {
    super(message, { cause });
    this.exitCode = exitCode;
    this.mayPassWithinMs = mayPassWithinMs;
  }
}

/** A setting that is certainly wrong. */
export function wrongSetting(message: string, cause?: unknown): StartupError {
  return new StartupError(message, { exitCode: EXIT_CONFIG, mayPassWithinMs: 0, cause });
}

/** A setting that looks wrong, but may name something that is still starting, such as a host. */
export function doubtfulSetting(message: string, cause?: unknown): StartupError {
  return new StartupError(message, { exitCode: EXIT_CONFIG, mayPassWithinMs: 60_000, cause });
}

/** A dependency that isn't available now but may become so at any time. */
export function unavailable(message: string, cause?: unknown): StartupError {
  return new StartupError(message, { exitCode: EXIT_UNAVAILABLE, mayPassWithinMs: Number.POSITIVE_INFINITY, cause });
}

/** A dependency that won't become available while this process waits, such as a port in use. */
export function inTheWay(message: string, cause?: unknown): StartupError {
  return new StartupError(message, { exitCode: EXIT_UNAVAILABLE, mayPassWithinMs: 0, cause });
}
