import mongoose from 'mongoose';
import { migrate } from './migrate.ts';

/** How long a call waits for a database that can't be reached, in milliseconds. */
const PATIENCE_MS = 10_000;
const PING_MS = 2_000;

/**
 * Connects to the database, which has to be a replica set, since money needs transactions, and makes the indexes that
 * are missing.
 */
export async function connectStore(uri: string): Promise<void> {
  await mongoose.connect(uri, {
    autoIndex: false,
    autoCreate: false,
    serverSelectionTimeoutMS: PATIENCE_MS,
    maxPoolSize: 50,
  });
  await migrate();
}

export async function disconnectStore(): Promise<void> {
  await mongoose.disconnect();
}

/** The driver's own database, for the scheduler, which brings no connection of its own. */
export function database(): mongoose.mongo.Db {
  const { db } = mongoose.connection;
  if (!db) throw new Error('The store is not connected');
  return db;
}

/** Whether the database answers at this moment. */
export async function isConnected(): Promise<boolean> {
  try {
    await mongoose.connection.db?.command({ ping: 1 }, { timeoutMS: PING_MS });
    return mongoose.connection.readyState === mongoose.ConnectionStates.connected;
  } catch {
    return false;
  }
}

/** A collection that no model of ours describes: the scheduler's own. */
export function collectionOf<T extends mongoose.mongo.Document>(name: string): mongoose.mongo.Collection<T> {
  return database().collection<T>(name);
}
