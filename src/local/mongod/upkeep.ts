/** What a server does periodically. */
import type { Pool } from 'pg';
import { forgetOldRetries } from './retries.ts';

/** How often MongoDB removes the documents that a TTL index has expired. */
const INTERVAL_MS = 60_000;

/** Deletes expired documents and old answers every minute while the process runs. */
export function startUpkeep(pool: Pool): void {
  setInterval(() => {
    expireDocuments(pool)
      .then(() => forgetOldRetries(pool))
      .catch(() => {}); // retried next time
  }, INTERVAL_MS);
}

async function expireDocuments(pool: Pool): Promise<void> {
  await pool.query('CALL documentdb_api_internal.delete_expired_rows()');
}
