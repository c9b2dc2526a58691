/** Which key was a duplicate: MongoDB names it in the error, the engine only in the details. */
import type { DatabaseError } from 'pg';
import { MongoError, SqlStateError, sqlStateOf } from './errors.ts';
import { decodeBson, type Fields } from './wire.ts';

export interface DuplicateKey {
  readonly keyPattern: Fields;
  /** Without the fields whose value is unknown. */
  readonly keyValue: Fields;
}

export const DUPLICATE_KEY = 11000;

/** Exclusion violation, which the engine uses for unique indexes, and unique violation, which it uses for _id. */
const DUPLICATE_STATES = ['23P01', '23505'];
/** In the error's detail: the index's keys, then the rejected document. */
const PATTERN_IN_DETAIL = /'BSONHEX([0-9a-f]+)'/;
const REFUSED_IN_DETAIL = /=\(BSONHEX([0-9a-f]+),/;

/** A duplicate key that PostgreSQL reports, as MongoDB's error; undefined when it is another error. */
export function duplicateKeyError(error: unknown): MongoError | undefined {
  if (!DUPLICATE_STATES.includes(sqlStateOf(error))) return undefined;
  const key = keyInDetail((error as DatabaseError).detail ?? '');
  const message = `E11000 duplicate key error dup key: ${JSON.stringify(key.keyValue)}`;
  return new MongoError(DUPLICATE_KEY, 'DuplicateKey', message, [], { ...key });
}

/** The values that a write was about to store in the key's fields, as far as the write shows them. */
export function keyOfWrite(keyPattern: Fields, name: string, statement: Fields): DuplicateKey {
  const sources = name === 'insert' ? [statement] : updateSources(statement);
  const values = Object.keys(keyPattern).map((field) => [field, firstValue(sources, field)]);
  return { keyPattern, keyValue: Object.fromEntries(values.filter(([, value]) => value !== undefined)) };
}

/**
 * Two upserts of one key can both find nothing, and then one insert fails. MongoDB retries it and finds the document
 * if the filter consists of equalities on exactly the fields of the unique index.
 */
export function isUpsertRace(keyPattern: Fields, filter: unknown, upsert: unknown): boolean {
  if (upsert !== true || !isPlain(filter)) return false;
  const fields = Object.keys(filter);
  const keys = Object.keys(keyPattern);
  return fields.length === keys.length && keys.every((key) => isEquality(filter[key]));
}

/** The error that causes a command to be retried from the start. */
export function tryAgain(): SqlStateError {
  return new SqlStateError('40001', 'another upsert of the same key was faster');
}

function keyInDetail(detail: string): DuplicateKey {
  const pattern = PATTERN_IN_DETAIL.exec(detail)?.[1];
  const refused = REFUSED_IN_DETAIL.exec(detail)?.[1];
  if (pattern === undefined || refused === undefined) return { keyPattern: { _id: 1 }, keyValue: {} };
  const document = decodeBson(Buffer.from(refused, 'hex'));
  return keyOfWrite(decodeBson(Buffer.from(pattern, 'hex')), 'insert', document);
}

/** Where an update's values come from: operators, a replacement, and for an insert the filter. */
function updateSources(statement: Fields): Fields[] {
  const update = isPlain(statement.u) ? statement.u : {};
  return [update.$set, update.$setOnInsert, update, statement.q].filter(isPlain);
}

function firstValue(sources: Fields[], field: string): unknown {
  return sources.map((source) => source[field] ?? valueAt(source, field)).find(isEquality);
}

function valueAt(document: Fields, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Fields | undefined)?.[key], document);
}

/** A value itself, not a condition such as { $lt: 5 }. */
function isEquality(value: unknown): boolean {
  if (value === undefined) return false;
  return !isPlain(value) || !Object.keys(value).some((key) => key.startsWith('$'));
}

/** A document, not a BSON value such as a Decimal128 or a Date. */
function isPlain(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
