/** One database server for the whole run of the tests; each test file has a database of its own on it. */
import { type EmbeddedDatabase, startDatabase } from '../../../src/local/database.ts';

declare global {
  /** Kept for the teardown, which runs in the same process. */
  var testDatabaseServer: EmbeddedDatabase | undefined;
}

/** Puts the server's address into TEST_MONGODB_URI, which the workers inherit; one that is set already is kept. */
export default async function startTestDatabase(): Promise<void> {
  if (process.env.TEST_MONGODB_URI) return;
  // MONGODB_URI is not for tests: it may name a database that somebody works with
  const { MONGODB_URI: _, ...env } = process.env;
  globalThis.testDatabaseServer = await startDatabase({
    env,
    databaseName: 'test',
    transactionLifetimeSeconds: 10,
    onProgress: (line) => console.error(line),
  });
  process.env.TEST_MONGODB_URI = globalThis.testDatabaseServer.uri;
}
