/** One database server for the whole test run. Each test file has its own database on it. */
import { type EmbeddedDatabase, startDatabase } from '../../../src/local/database.ts';

declare global {
  /** Kept for the teardown, which runs in the same process. */
  var testDatabaseServer: EmbeddedDatabase | undefined;
}

/** Sets TEST_MONGODB_URI to the server's address, which the workers inherit. An existing value is kept. */
export default async function startTestDatabase(): Promise<void> {
  if (process.env.TEST_MONGODB_URI) return;
  // MONGODB_URI isn't for tests: it may name a database in use
  const { MONGODB_URI: _, ...env } = process.env;
  globalThis.testDatabaseServer = await startDatabase({
    env,
    databaseName: 'test',
    transactionLifetimeSeconds: 10,
    onProgress: (line) => console.error(line),
  });
  process.env.TEST_MONGODB_URI = globalThis.testDatabaseServer.uri;
}
