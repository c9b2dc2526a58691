import { setTimeout as wait } from 'node:timers/promises';
import mongoose from 'mongoose';
import { migrate } from '../migrations/migrate.ts';
import { connectFault } from './connect-faults.ts';
import { checkDeployment, isWritable } from './deployment.ts';

/** How long a call waits for an unreachable database, in milliseconds. */
const PATIENCE_MS = 10_000;
/** Health checks usually time out after 2 s. */
const PING_MS = 1_500;
/** A server that doesn't respond for this long is given up, so that calls waiting for it fail and report the error. */
const SILENCE_MS = 5_000;

/**
 * Connects to the database and creates missing indexes. The database must be a replica set, because money needs
 * transactions. After an error there is no connection, so it can be called again.
 * @throws {StartupError} with why the database can't be used, and whether this may be temporary
 */
export async function connectStore(uri: string): Promise<void> {
  await checkDeployment(uri);
  try {
    await connect(uri);
    await migrate();
  } catch (error) {
    await mongoose.disconnect();
    throw connectFault(error) ?? error;
  }
}

async function connect(uri: string): Promise<void> {
  await mongoose.connect(uri, {
    autoIndex: false,
    autoCreate: false,
    serverSelectionTimeoutMS: PATIENCE_MS,
    // the timeout for a connection, which is also how long the monitor waits for a response
    connectTimeoutMS: SILENCE_MS,
    heartbeatFrequencyMS: SILENCE_MS,
    maxPoolSize: 50,
  });
}

export async function disconnectStore(): Promise<void> {
  await mongoose.disconnect();
}

/** The driver's database object, for the scheduler, which shares this connection. */
export function database(): mongoose.mongo.Db {
  const { db } = mongoose.connection;
  if (!db) throw new Error('The store is not connected');
  return db;
}

/** Whether the database currently accepts writes. @param limitMs the timeout, after which the answer is no */
export async function isConnected(limitMs = PING_MS): Promise<boolean> {
  const timer = new AbortController();
  // the driver's own timeouts don't apply while it reconnects
  const silence = wait(limitMs, false, { signal: timer.signal, ref: false }).catch(() => false);
  const isThere = await Promise.race([ping(limitMs), silence]);
  timer.abort();
  return isThere;
}

async function ping(limitMs: number): Promise<boolean> {
  try {
    const hello = await mongoose.connection.db?.command({ hello: 1 }, { timeoutMS: limitMs });
    // a server that was restarted without its replica set also responds, but every write fails
    const isConnectedNow = mongoose.connection.readyState === mongoose.ConnectionStates.connected;
    return isConnectedNow && hello !== undefined && isWritable(hello);
  } catch {
    return false;
  }
}

/** A collection without a model: the scheduler's. */
export function collectionOf<T extends mongoose.mongo.Document>(name: string): mongoose.mongo.Collection<T> {
  return database().collection<T>(name);
}
