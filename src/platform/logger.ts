import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import { scrub, scrubText } from './redaction.ts';

export type Logger = PinoLogger;
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LoggerOptions {
  /** The least severe level that is written; `info` by default. */
  readonly level?: LogLevel;
  /** Where lines are written; standard output by default. */
  readonly destination?: DestinationStream;
  /** Fields in every line, such as the version. */
  readonly bindings?: Readonly<Record<string, unknown>>;
}

/**
 * The base logger: one JSON object per line, times in UTC (ISO 8601). Everything logged, whether a field or part of a
 * text, is scrubbed first: tokens, secrets, card numbers and email addresses never reach a line.
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: { ...options.bindings },
    timestamp: stdTimeFunctions.isoTime,
    // pino's own error serializer would add fields that haven't been scrubbed
    serializers: { err: (value: unknown) => value },
    formatters: {
      level: (label: string) => ({ level: label }),
      bindings: (bindings: object) => scrubObject(bindings),
      log: (entry: object) => scrubObject(entry),
    },
    hooks: { logMethod: writeScrubbed },
  };
  return scrubbingChildren(options.destination ? pino(settings, options.destination) : pino(settings));
}

/** A logger that writes nothing. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}

/** pino doesn't pass a child's bindings to formatters, so they are scrubbed here. Grandchildren inherit this. */
function scrubbingChildren(logger: Logger): Logger {
  const plainChild = logger.child;
  logger.child = function child(this: Logger, bindings, options) {
    return plainChild.call(this, scrubObject(bindings), options);
  } as Logger['child'];
  return logger;
}

type LogMethod = (this: Logger, ...args: [object | string, ...unknown[]]) => void;

/** pino uses an error's message as the text if there is none, so it gets a scrubbed one first. */
function writeScrubbed(this: Logger, args: readonly unknown[], method: LogMethod): void {
  const [first, given, ...values] = args;
  const entry = first instanceof Error ? { err: first } : first;
  const rest = values.map((value) => scrub(value));
  if (typeof entry !== 'object' || entry === null) {
    method.call(this, scrubText(String(entry)), ...(args.length > 1 ? [scrub(given)] : []), ...rest);
    return;
  }
  const message = given ?? ('err' in entry && entry.err instanceof Error ? entry.err.message : undefined);
  method.call(this, entry, message === undefined ? undefined : scrub(message), ...rest);
}

function scrubObject(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, scrub(entry, key)]));
}
