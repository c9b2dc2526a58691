/** MongoDB's commands as DocumentDB's SQL functions: each takes the command as BSON and answers in BSON. */
import type { ClientBase } from 'pg';
import { codeOfPacked, MongoError, SqlStateError } from './errors.ts';
import { decodeBson, type Fields, type Reply } from './wire.ts';

/** One command on its way to the engine. */
export interface Call {
  readonly client: ClientBase;
  readonly database: string;
  readonly name: string;
  /** The command without the fields of session and transaction. */
  readonly spec: Fields;
  /** The same as BSON. */
  readonly body: Buffer;
  /** The same for each attempt at a retryable write, so that it is applied once. */
  readonly retryId: string | null;
  /** Whether it is part of a transaction with several commands, and so can't be retried on its own. */
  readonly inTransaction: boolean;
}

const NAMESPACE_NOT_FOUND = 26;
const SERIALIZATION_FAILURE = '40001';

export type Row = Record<string, unknown>;

/** A parameter of a statement that is BSON. */
export function bsonParameter(position: number): string {
  return `$${position}::bytea::documentdb_core.bson`;
}

/** The names of statements: PostgreSQL reads and plans a named one only once for each connection. */
const NAMES = new Map<string, string>();

function nameOf(statement: string): string {
  const name = NAMES.get(statement) ?? `s${NAMES.size}`;
  NAMES.set(statement, name);
  return name;
}

/** The first row that the statement returns. */
export async function firstRow(client: ClientBase, statement: string, ...values: unknown[]): Promise<Row> {
  const { rows } = await client.query({ name: nameOf(statement), text: statement, values });
  return rows[0] ?? {};
}

/** The commands that one statement answers, with no cursor and no document writes. */
export const SIMPLE_COMMANDS: Readonly<Record<string, (call: Call) => Promise<Reply>>> = {
  count: (call) =>
    reply(call, `SELECT document::bytea AS reply FROM documentdb_api.count_query($1, ${bsonParameter(2)})`, call.body),
  distinct: (call) =>
    reply(
      call,
      `SELECT document::bytea AS reply FROM documentdb_api.distinct_query($1, ${bsonParameter(2)})`,
      call.body,
    ),
  create: (call) =>
    reply(call, `SELECT documentdb_api.create_collection_view($1, ${bsonParameter(2)})::bytea AS reply`, call.body),
  collMod: (call) =>
    reply(
      call,
      `SELECT documentdb_api.coll_mod($1, $2, ${bsonParameter(3)})::bytea AS reply`,
      String(call.spec.collMod),
      call.body,
    ),
  collStats: (call) =>
    reply(call, 'SELECT documentdb_api.coll_stats($1, $2)::bytea AS reply', String(call.spec.collStats)),
  dbStats: (call) => reply(call, 'SELECT documentdb_api.db_stats($1)::bytea AS reply'),
  listDatabases,
  createIndexes,
  dropIndexes,
  drop: dropCollection,
  dropDatabase,
  renameCollection,
};

/** Runs a statement that takes the database as its first parameter and returns the column `reply`. */
async function reply(call: Call, statement: string, ...values: unknown[]): Promise<Buffer> {
  return asBuffer((await firstRow(call.client, statement, call.database, ...values)).reply);
}

function asBuffer(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  throw new MongoError(8, 'UnknownError', 'the engine gave no answer');
}

async function listDatabases(call: Call): Promise<Reply> {
  const statement = `SELECT documentdb_api.list_databases(${bsonParameter(1)})::bytea AS reply`;
  return asBuffer((await firstRow(call.client, statement, call.body)).reply);
}

/**
 * The engine reports a failure inside its reply, as a packed SQLSTATE. Right after a database was dropped, a connection
 * can still know the dropped collection instead of the new one of the same name. MongoDB creates what is missing, so this
 * is retried as a conflict.
 */
async function createIndexes(call: Call): Promise<Reply> {
  const statement = `SELECT documentdb_api_internal.create_indexes_non_concurrently($1, ${bsonParameter(2)}, true)::bytea AS reply`;
  const answer = decodeBson(await reply(call, statement, call.body));
  const shards = answer.raw as { defaultShard?: Fields } | undefined;
  const result = shards?.defaultShard ?? answer;
  if (!result.code) return result;
  const packed = Number(result.code);
  const [code, codeName] = codeOfPacked(packed) ?? [packed, 'Error'];
  if (code === NAMESPACE_NOT_FOUND) throw new SqlStateError(SERIALIZATION_FAILURE, String(result.errmsg));
  throw new MongoError(code, codeName, String(result.errmsg));
}

async function dropIndexes(call: Call): Promise<Reply> {
  await call.client.query(`CALL documentdb_api.drop_indexes($1, ${bsonParameter(2)})`, [call.database, call.body]);
  return { ok: 1 };
}

async function dropCollection(call: Call): Promise<Reply> {
  const collection = String(call.spec.drop);
  const statement = 'SELECT documentdb_api.drop_collection($1, $2) AS done';
  const { done } = await firstRow(call.client, statement, call.database, collection);
  if (!done) throw new MongoError(NAMESPACE_NOT_FOUND, 'NamespaceNotFound', 'ns not found');
  return { ns: `${call.database}.${collection}`, ok: 1 };
}

async function dropDatabase(call: Call): Promise<Reply> {
  await call.client.query('SELECT documentdb_api.drop_database($1)', [call.database]);
  return { dropped: call.database, ok: 1 };
}

async function renameCollection(call: Call): Promise<Reply> {
  const [database, from] = splitNamespace(String(call.spec.renameCollection));
  const [, to] = splitNamespace(String(call.spec.to));
  const dropTarget = call.spec.dropTarget === true;
  await call.client.query('SELECT documentdb_api.rename_collection($1, $2, $3, $4)', [database, from, to, dropTarget]);
  return { ok: 1 };
}

/** A collection's name may have dots, a database's may not. */
function splitNamespace(namespace: string): [database: string, collection: string] {
  const dot = namespace.indexOf('.');
  return [namespace.slice(0, dot), namespace.slice(dot + 1)];
}
