/**
 * Translates DocumentDB's errors to MongoDB's: a SQLSTATE of class M stands for a MongoDB code listed in
 * error-codes.json.
 */
import { readFileSync } from 'node:fs';

export type CodeAndName = readonly [code: number, codeName: string];

const CODES: Record<string, CodeAndName | undefined> = JSON.parse(
  readFileSync(new URL('./error-codes.json', import.meta.url), 'utf8'),
);
/** Serialization failure, deadlock, lock timeout: what MongoDB calls a write conflict. */
const CONFLICT_STATES = ['40001', '40P01', '55P03'];
/** Two connections create a collection at the same time, right after it was dropped: MongoDB's callers never see that. */
const CREATION_RACE = 'Unable to create the specified collection';
const QUERY_CANCELLED = '57014';
const LOST_CONNECTION_STATE = /^(08|57P)/;
const LOST_CONNECTION_MESSAGE = /ECONN|Connection terminated/;
const TRANSIENT = ['TransientTransactionError'];

/** An error as MongoDB reports it: its code and name, and the labels that tell drivers whether to retry. */
export class MongoError extends Error {
  readonly code: number;
  readonly codeName: string;
  readonly labels: readonly string[];
  /** More fields of the reply, such as which key was a duplicate. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: number,
    codeName: string,
    message: string,
    labels: readonly string[] = [],
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.code = code;
    this.codeName = codeName;
    this.labels = labels;
    this.details = details;
  }

  /** The command's reply that reports this error to the driver. */
  toReply(): Record<string, unknown> {
    const labels = this.labels.length > 0 ? { errorLabels: this.labels } : {};
    return { ok: 0, errmsg: this.message, code: this.code, codeName: this.codeName, ...this.details, ...labels };
  }
}

/** An error with a SQLSTATE, like PostgreSQL's own, but found inside a reply instead of thrown. */
export class SqlStateError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function noSuchTransaction(message: string): MongoError {
  return new MongoError(251, 'NoSuchTransaction', message, TRANSIENT);
}

/** The SQLSTATE packed into an integer, six bits per character, as PostgreSQL's MAKE_SQLSTATE does. */
export function unpackSqlState(packed: number): string {
  const letters = [0, 6, 12, 18, 24].map((shift) => ((packed >> shift) & 63) + 48);
  return String.fromCharCode(...letters);
}

/** MongoDB's code for a packed SQLSTATE, if there is one. */
export function codeOfPacked(packed: number): CodeAndName | undefined {
  return CODES[unpackSqlState(packed)];
}

function isConflict(state: string): boolean {
  return CONFLICT_STATES.includes(state);
}

/** Whether a statement that threw this succeeds when it is sent again. */
export function isThrownConflict(error: unknown): boolean {
  return isConflict(sqlStateOf(error)) || (error instanceof Error && error.message.includes(CREATION_RACE));
}

/** The SQLSTATE of a thrown value; empty when it has none. */
export function sqlStateOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** A thrown value as the error that MongoDB would report. */
export function asMongoError(error: unknown): MongoError {
  if (error instanceof MongoError) return error;
  const state = sqlStateOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (isThrownConflict(error))
    return new MongoError(112, 'WriteConflict', `WriteConflict error: ${message}`, TRANSIENT);
  if (state === QUERY_CANCELLED) return new MongoError(50, 'MaxTimeMSExpired', message);
  const known = CODES[state];
  if (known) return new MongoError(...known, message);
  if (LOST_CONNECTION_STATE.test(state) || LOST_CONNECTION_MESSAGE.test(message)) {
    return new MongoError(91, 'ShutdownInProgress', message, ['RetryableWriteError']);
  }
  return new MongoError(8, 'UnknownError', `${state} ${message}`.trim());
}
