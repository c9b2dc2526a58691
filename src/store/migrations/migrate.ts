import { createCollections, createIndexes } from './collections.ts';
import { MIGRATIONS } from './list.ts';
import { refuseNewer, runMigrations } from './run-migrations.ts';

/**
 * Brings the database up to date: makes the collections that are missing, runs the migrations that it lacks, and makes the
 * indexes that are missing. Every process does it at its start, also several at once.
 * @throws {StartupError} if the database is newer than this version of the app
 */
export async function migrate(): Promise<void> {
  await refuseNewer(MIGRATIONS);
  await createCollections();
  await runMigrations(MIGRATIONS);
  await createIndexes();
}
