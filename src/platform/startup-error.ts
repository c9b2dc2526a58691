/** Exit code for settings that are missing or wrong (EX_CONFIG of sysexits.h): only a person can mend that. */
export const EXIT_CONFIG = 78;
/** Exit code for something that is needed and isn't available (EX_UNAVAILABLE): starting again later may work. */
export const EXIT_UNAVAILABLE = 69;

export interface StartupErrorOptions {
  readonly exitCode: typeof EXIT_CONFIG | typeof EXIT_UNAVAILABLE;
  /** How long it may pass without anyone's doing, in milliseconds; 0 if it can't. */
  readonly mayPassWithinMs: number;
  readonly cause?: unknown;
}

/** Why a process can't start. The message is one sentence for anyone who runs it: the setting, and what to do. */
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

/** A setting that is wrong, whatever happens. */
export function wrongSetting(message: string, cause?: unknown): StartupError {
  return new StartupError(message, { exitCode: EXIT_CONFIG, mayPassWithinMs: 0, cause });
}

/** A setting that looks wrong, but may be about something that is still starting, such as a host's name. */
export function doubtfulSetting(message: string, cause?: unknown): StartupError {
  return new StartupError(message, { exitCode: EXIT_CONFIG, mayPassWithinMs: 60_000, cause });
}

/** Something that isn't available now and may be at any time. */
export function unavailable(message: string, cause?: unknown): StartupError {
  return new StartupError(message, { exitCode: EXIT_UNAVAILABLE, mayPassWithinMs: Number.POSITIVE_INFINITY, cause });
}

/** Something that isn't available, and won't be while this process waits, such as a port in use. */
export function inTheWay(message: string, cause?: unknown): StartupError {
  return new StartupError(message, { exitCode: EXIT_UNAVAILABLE, mayPassWithinMs: 0, cause });
}
