/** What a server does periodically. */
import type { Pool } from 'pg';
import { forgetOldRetries } from './retries.ts';

/** As often as MongoDB looks for documents that a TTL index has outlived. */
const INTERVAL_MS = 60_000;

/** Deletes expired documents and old answers every minute, for as long as the process lives. */
export function startUpkeep(pool: Pool): void {
  setInterval(() => {
    expireDocuments(pool)
      .then(() => forgetOldRetries(pool))
      .catch(() => {}); // the next time will do
  }, INTERVAL_MS);
}

async function expireDocuments(pool: Pool): Promise<void> {
  await pool.query('CALL documentdb_api_internal.delete_expired_rows()');
}
