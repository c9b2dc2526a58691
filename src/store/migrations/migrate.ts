import { createCollections, createIndexes } from './collections.ts';
import { MIGRATIONS } from './list.ts';
import { refuseNewer, runMigrations } from './run-migrations.ts';

/**
 * Brings the database up to date: creates missing collections, runs pending migrations, and creates missing indexes.
 * Every process does this at startup, even several at once.
 * @throws {StartupError} if the database is newer than this version of the app
 */
export async function migrate(): Promise<void> {
  await refuseNewer(MIGRATIONS);
  await createCollections();
  await runMigrations(MIGRATIONS);
  await createIndexes();
}
