/** Explains connection errors to people who run the process. */
import mongoose from 'mongoose';
import {
  doubtfulSetting,
  EXIT_UNAVAILABLE,
  StartupError,
  unavailable,
  wrongSetting,
} from '../../platform/startup-error.ts';

const { MongoCompatibilityError } = mongoose.mongo;
type ServerDescription = mongoose.mongo.ServerDescription;

const NAME = 'MONGODB_URI';
/** MongoDB's error codes: https://www.mongodb.com/docs/manual/reference/error-codes */
const CODES = { unauthorized: 13, authenticationFailed: 18, atlasError: 8000, outOfDiskSpace: 14031, illegal: 20 };
/** By name, because some belong to a package that the driver uses. */
const URI_ERRORS: readonly string[] = ['MongoParseError', 'MongoInvalidArgumentError', 'MongoMissingCredentialsError'];
/** Node's TLS errors for a certificate that isn't accepted. */
const CERTIFICATE = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT)|certificate/i;

/** No server responds at the database's address. */
export class UnreachableDatabase extends StartupError {
  constructor(message: string, cause: unknown) {
    super(message, { exitCode: EXIT_UNAVAILABLE, mayPassWithinMs: Number.POSITIVE_INFINITY, cause });
  }
}

/** The sentence for a connection error; undefined if the database isn't the cause. */
export function connectFault(error: unknown): StartupError | undefined {
  if (error instanceof StartupError) return error;
  if (!(error instanceof Error)) return undefined;
  if (isAboutUri(error)) return wrongSetting(`${NAME} can't be used: ${sentence(error.message)} Correct it.`, error);
  const code = 'code' in error ? error.code : undefined;
  if (code === CODES.authenticationFailed || code === CODES.atlasError) {
    return wrongSetting(`The database rejected the user name or password in ${NAME}. Correct them.`, error);
  }
  if (code === CODES.unauthorized) {
    return wrongSetting(
      `The database doesn't allow the user in ${NAME} to use this database. Grant the user the readWrite role, or name another user.`,
      error,
    );
  }
  if (code === CODES.illegal || /retryable writes|Transaction numbers/i.test(error.message))
    return notReplicaSet(error);
  if (code === CODES.outOfDiskSpace) {
    return unavailable(`The database in ${NAME} has no disk space left. Free some disk space.`, error);
  }
  if (error instanceof MongoCompatibilityError) {
    return wrongSetting(`The database in ${NAME} is too old: ${sentence(error.message)}`, error);
  }
  return networkFault(error);
}

/** @param found the set's real name, if known */
export function wrongSetName(wanted: string, found: string): StartupError {
  return wrongSetting(
    `${NAME} names the replica set “${wanted}”, but the server belongs to “${found}”. Use replicaSet=${found}.`,
  );
}

export function notReplicaSet(cause?: unknown): StartupError {
  return wrongSetting(
    `The database in ${NAME} is a standalone server, but transactions need a replica set. Start mongod with --replSet and run rs.initiate(), or use another database.`,
    cause,
  );
}

export function notInitiated(): StartupError {
  return unavailable(`The replica set in ${NAME} isn't initiated. Run rs.initiate() in mongosh.`);
}

export function withoutPrimary(cause?: unknown): StartupError {
  return unavailable(`The replica set in ${NAME} has no primary. Start a majority of its members.`, cause);
}

function isAboutUri(error: Error): boolean {
  return (
    URI_ERRORS.includes(error.name) ||
    // the name of a file, such as tlsCAFile's
    ('syscall' in error && error.syscall === 'open')
  );
}

/** The fault of a deployment in which no server responded: the first server with a reason explains it. */
function networkFault(error: Error): StartupError | undefined {
  const reasons = serversOf(error);
  const [first] = reasons;
  const cause = first?.error ?? error;
  const code = codeOf(cause);
  const at = first?.address ?? hostOf(cause);
  if (code === 'ENOTFOUND' || code === 'ENODATA') {
    return doubtfulSetting(`${NAME} names the host “${at}”, which doesn't exist. Correct the host name.`, error);
  }
  if (CERTIFICATE.test(code) || CERTIFICATE.test(cause.message)) {
    return wrongSetting(
      `The database at ${at} has a TLS certificate that isn't trusted (${sentence(cause.message).slice(0, -1)}). Name its certificate authority with tlsCAFile in ${NAME}.`,
      error,
    );
  }
  if (!isUnreachable(error, code)) return undefined;
  if (reasons.length > 0 && reasons.every(({ type }) => type === 'RSGhost')) return notInitiated();
  if (reasons.some(({ type }) => type.startsWith('RS'))) return withoutPrimary(error);
  const why = code === '' ? 'no answer' : code;
  return new UnreachableDatabase(
    `The database at ${at} can't be reached (${why}). Start it, or correct the address in ${NAME}.`,
    error,
  );
}

function isUnreachable(error: Error, code: string): boolean {
  const { MongoServerSelectionError, MongoNetworkError } = mongoose.mongo;
  const isDriver = error instanceof MongoServerSelectionError || error instanceof MongoNetworkError;
  return isDriver || error.name === 'MongooseServerSelectionError' || /^E[A-Z]+$/.test(code);
}

/** What the driver knows about each server, starting with those that have an error. */
function serversOf(error: Error): ServerDescription[] {
  const reason: unknown = 'reason' in error ? error.reason : undefined;
  if (typeof reason !== 'object' || reason === null || !('servers' in reason)) return [];
  const { servers } = reason;
  if (!(servers instanceof Map)) return [];
  const all: ServerDescription[] = [...servers.values()];
  return all.sort((one, other) => Number(other.error !== null) - Number(one.error !== null));
}

/** The operating system's error code, which the driver nests in a chain of causes. */
function codeOf(error: unknown): string {
  for (let one = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth += 1) {
    if ('code' in one && typeof one.code === 'string') return one.code;
  }
  return /\b(E[A-Z]{4,})\b/.exec(error instanceof Error ? error.message : '')?.[1] ?? '';
}

function hostOf(error: Error): string {
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth += 1) {
    if ('hostname' in one && typeof one.hostname === 'string') return one.hostname;
  }
  return `the address in ${NAME}`;
}

function sentence(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
