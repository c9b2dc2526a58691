/** Stops the server that global-setup.ts started. */
export default async function stopTestDatabase(): Promise<void> {
  if (!globalThis.testDatabaseServer) return;
  await globalThis.testDatabaseServer.stop();
  delete process.env.TEST_MONGODB_URI; // in watch mode the next run starts another
}
