/** insert, update, delete and findAndModify: the engine's answers, with errors in MongoDB's form. */
import { DUPLICATE_KEY, duplicateKeyError, isUpsertRace, keyOfWrite, tryAgain } from './duplicate-key.ts';
import { codeOfPacked, isThrownConflict, SqlStateError, unpackSqlState } from './errors.ts';
import { bsonParameter, type Call, firstRow } from './sql.ts';
import { decodeBson, encodeBson, type Fields, type Reply } from './wire.ts';

/** Each write command with the field that lists its statements. */
const STATEMENTS = new Map([
  ['insert', 'documents'],
  ['update', 'updates'],
  ['delete', 'deletes'],
]);
const FIND_AND_MODIFY = `SELECT p_result::bytea AS reply
  FROM documentdb_api.find_and_modify($1, ${bsonParameter(2)}, $3)`;
const INDEXES = `SELECT cursorpage::bytea AS reply
  FROM documentdb_api.list_indexes_cursor_first_page($1, ${bsonParameter(2)})`;

export function isWrite(command: string): boolean {
  return STATEMENTS.has(command);
}

/** The statements of a write command; empty for other commands. */
export function statementsOf(command: Fields): Fields[] {
  const name = Object.keys(command)[0] ?? '';
  const statements = command[STATEMENTS.get(name) ?? ''];
  return Array.isArray(statements) ? statements : [];
}

/**
 * Runs the write. If it is sent again with the same retry ID, it returns the first answer and changes nothing.
 * @throws {SqlStateError} a conflict with another writer, which the engine hides among the write errors
 */
export async function write(call: Call): Promise<Fields> {
  const statement = `SELECT p_result::bytea AS reply
    FROM documentdb_api.${call.name}($1, ${bsonParameter(2)}, NULL, $3)`;
  const row = await firstRow(call.client, statement, call.database, call.body, call.retryId);
  const reply = decodeBson(row.reply as Buffer);
  for (const error of (reply.writeErrors ?? []) as Fields[]) await translate(error, call);
  return reply;
}

/** Finds, changes and returns one document. Safe to send again, like write. */
export async function findAndModify(call: Call): Promise<Reply> {
  try {
    return (await firstRow(call.client, FIND_AND_MODIFY, call.database, call.body, call.retryId)).reply as Buffer;
  } catch (error) {
    const duplicate = duplicateKeyError(error);
    if (!duplicate) throw error;
    const pattern = duplicate.details.keyPattern as Fields;
    if (!call.inTransaction && isUpsertRace(pattern, call.spec.query, call.spec.upsert)) throw tryAgain();
    throw duplicate;
  }
}

/** The engine packs a SQLSTATE into a write error's code, and doesn't say which key was a duplicate. */
async function translate(error: Fields, call: Call): Promise<void> {
  const packed = Number(error.code);
  const state = unpackSqlState(packed);
  const thrown = new SqlStateError(state, String(error.errmsg));
  if (isThrownConflict(thrown)) throw thrown;
  const known = codeOfPacked(packed);
  if (known) error.code = known[0];
  if (error.code === DUPLICATE_KEY) await describeDuplicate(error, call);
}

async function describeDuplicate(error: Fields, call: Call): Promise<void> {
  const collection = String(call.spec[call.name]);
  const index = /[Ii]ndex '([^']+)'/.exec(String(error.errmsg))?.[1] ?? '_id_';
  const pattern = await keyPatternOf(call, collection, index);
  const statement = statementsOf(call.spec)[Number(error.index)] ?? {};
  if (!call.inTransaction && isUpsertRace(pattern, statement.q, statement.upsert)) throw tryAgain();
  const key = keyOfWrite(pattern, call.name, statement);
  const values = JSON.stringify(key.keyValue);
  const errmsg = `E11000 duplicate key error collection: ${call.database}.${collection} index: ${index} dup key: ${values}`;
  Object.assign(error, key, { errmsg });
}

/** The index's keys; empty when they can't be queried, as in a failed transaction. */
async function keyPatternOf(call: Call, collection: string, index: string): Promise<Fields> {
  try {
    const row = await firstRow(call.client, INDEXES, call.database, encodeBson({ listIndexes: collection }));
    const page = decodeBson(row.reply as Buffer).cursor as { firstBatch: Fields[] };
    const found = page.firstBatch.find((entry) => String(entry.name) === index);
    return (found?.key ?? {}) as Fields;
  } catch {
    return {};
  }
}
