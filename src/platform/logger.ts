import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import { scrub, scrubText } from './redaction.ts';

export type Logger = PinoLogger;
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LoggerOptions {
  /** The least severe level that is written; `info` if not given. */
  readonly level?: LogLevel;
  /** Where the lines go; standard output if not given. */
  readonly destination?: DestinationStream;
  /** Said in every line, such as the version. */
  readonly bindings?: Readonly<Record<string, unknown>>;
}

/**
 * The base logger: one JSON object a line, times in UTC (ISO 8601). Whatever is handed to it, by key or inside a
 * text, goes through `scrub` first: tokens, secrets, card numbers, email addresses never reach a line.
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: { ...options.bindings },
    timestamp: stdTimeFunctions.isoTime,
    // pino's own error serializer would add fields that have not been scrubbed
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

/** pino hands the bindings of a child to no formatter, so that they are scrubbed here; grandchildren inherit it. */
function scrubbingChildren(logger: Logger): Logger {
  const plainChild = logger.child;
  logger.child = function child(this: Logger, bindings, options) {
    return plainChild.call(this, scrubObject(bindings), options);
  } as Logger['child'];
  return logger;
}

type LogMethod = (this: Logger, ...args: [object | string, ...unknown[]]) => void;

/** pino takes the text of a line from an error by itself where there is none, so it gets a scrubbed one beforehand. */
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
