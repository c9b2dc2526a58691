import type { Logger } from './logger.ts';
import type { Measured, Recorder, WorkAttributes, WorkKind } from './recorder.ts';

export type { Measured } from './recorder.ts';

const UNMEASURED: Measured = { note: () => undefined, end: () => undefined };
/** Codes are words. Anything else may be a text with what somebody typed. */
const CODE = /^[\w.-]{1,64}$/;

/** Of the process, like the providers of OpenTelemetry itself. */
let recorder: Recorder | undefined;

/** Starts measuring a piece of work. Does nothing without an endpoint. */
export function measure(kind: WorkKind, name: string, attributes: WorkAttributes = {}): Measured {
  return recorder?.begin(kind, name, attributes) ?? UNMEASURED;
}

/**
 * Sends traces and metrics of this process to an OpenTelemetry collector over OTLP/HTTP. Its packages are loaded only here.
 *
 * @param endpoint the collector's base URL; undefined: nothing is measured
 * @returns a function that sends what is left, and gives up after `stopMs` (1.5 s if not given)
 */
export async function startTelemetry(
  endpoint: string | undefined,
  log: Logger,
  stopMs?: number,
): Promise<() => Promise<void>> {
  if (endpoint === undefined) return async () => undefined;
  const { openTelemetry } = await import('./open-telemetry.ts');
  const own = openTelemetry(endpoint, log, stopMs);
  recorder = own;
  return async () => {
    if (recorder === own) recorder = undefined;
    await own.stop();
  };
}

/** The code of an error, such as `ECONNREFUSED`, or else its class. Never its message. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  const code = 'code' in error && error.code !== undefined ? String(error.code) : error.name;
  return CODE.test(code) ? code : 'Error';
}
