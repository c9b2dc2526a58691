/** A separate database for each test file, on the server that the whole run shares. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import mongoose from 'mongoose';
import { documentPool } from '../../../src/documents/pool.ts';
import { withDatabase } from './uri.ts';

const databaseName = `test_${randomBytes(6).toString('hex')}`;

/**
 * Connects mongoose's default connection to an empty database before the file's tests. After them it drops the database
 * and stops the threads that generated documents.
 * @param prepare runs once connected, for what the tests require: collections and indexes
 * @param options of the connection, such as monitoring
 */
export function useDatabase(prepare?: () => Promise<void>, options: mongoose.ConnectOptions = {}): void {
  beforeAll(async () => {
    await mongoose.connect(testDatabaseUri(), options);
    await prepare?.();
  });

  afterAll(async () => {
    await documentPool.stop();
    await mongoose.connection.dropDatabase();
    await mongoose.disconnect();
  });
}

/** The address of this file's database, for processes that a test starts. */
export function testDatabaseUri(): string {
  const server = process.env.TEST_MONGODB_URI;
  if (!server) throw new Error('TEST_MONGODB_URI is not set: the tests are to be run by Jest with its global setup');
  return withDatabase(server, databaseName);
}
