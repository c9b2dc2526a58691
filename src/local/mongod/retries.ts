/**
 * Writes that are sent again because their answer was lost. The engine recognizes writes with one statement. For writes
 * with several, each answer is kept here, in the same transaction as the write itself.
 */
import type { ClientBase, Pool } from 'pg';
import { firstRow } from './sql.ts';
import { encodeBson, type Reply } from './wire.ts';

/** As long as MongoDB keeps an idle session. */
const KEEP = `interval '30 minutes'`;
const CREATE = `CREATE SCHEMA IF NOT EXISTS gateway;
  CREATE TABLE IF NOT EXISTS gateway.answered (id text PRIMARY KEY, reply bytea, at timestamptz DEFAULT now())`;
/** Waits for the first attempt if it is still running. */
const CLAIM = 'INSERT INTO gateway.answered (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id';
const FORGET_OLD = `DELETE FROM gateway.answered WHERE at < now() - ${KEEP};
  DELETE FROM documentdb_data.retryable_writes WHERE write_time < now() - ${KEEP}`;

/** Creates the table of answers if it doesn't exist. */
export async function prepareRetries(pool: Pool): Promise<void> {
  await pool.query(CREATE);
}

/**
 * Runs the write the first time, and returns the same answer after that.
 * @param client in a transaction, which commits the write and its answer together
 */
export async function answerOnce(client: ClientBase, id: string, write: () => Promise<Reply>): Promise<Reply> {
  const { rowCount } = await client.query(CLAIM, [id]);
  if (rowCount === 0) {
    const { reply } = await firstRow(client, 'SELECT reply FROM gateway.answered WHERE id = $1', id);
    return reply as Buffer;
  }
  const reply = await write();
  const bytes = Buffer.isBuffer(reply) ? reply : encodeBson(reply);
  await client.query('UPDATE gateway.answered SET reply = $2 WHERE id = $1', [id, bytes]);
  return reply;
}

/** Deletes answers that can no longer be requested. */
export async function forgetOldRetries(pool: Pool): Promise<void> {
  await pool.query(FORGET_OLD);
}
