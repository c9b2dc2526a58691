/**
 * Writes that are sent again because their answer was lost. The engine recognises those of one statement; of those with
 * several, each answer is kept here, in the same transaction as the write itself.
 */
import type { ClientBase, Pool } from 'pg';
import { firstRow } from './sql.ts';
import { encodeBson, type Reply } from './wire.ts';

/** As long as MongoDB keeps a session that nobody uses. */
const KEEP = `interval '30 minutes'`;
const CREATE = `CREATE SCHEMA IF NOT EXISTS gateway;
  CREATE TABLE IF NOT EXISTS gateway.answered (id text PRIMARY KEY, reply bytea, at timestamptz DEFAULT now())`;
/** Waits for the first attempt, where that is still under way. */
const CLAIM = 'INSERT INTO gateway.answered (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id';
const FORGET_OLD = `DELETE FROM gateway.answered WHERE at < now() - ${KEEP};
  DELETE FROM documentdb_data.retryable_writes WHERE write_time < now() - ${KEEP}`;

/** Makes the table of answers, where it is not there. */
export async function prepareRetries(pool: Pool): Promise<void> {
  await pool.query(CREATE);
}

/**
 * Runs the write at the first time, and gives its answer again after that.
 * @param client within a transaction, which commits the write and its answer together
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

/** Forgets answers that nobody can ask for any more. */
export async function forgetOldRetries(pool: Pool): Promise<void> {
  await pool.query(FORGET_OLD);
}
