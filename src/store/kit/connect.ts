import { setTimeout as wait } from 'node:timers/promises';
import mongoose from 'mongoose';
import { migrate } from '../migrations/migrate.ts';
import { connectFault } from './connect-faults.ts';
import { checkDeployment, isWritable } from './deployment.ts';

/** How long a call waits for a database that can't be reached, in milliseconds. */
const PATIENCE_MS = 10_000;
/** Health checks give up after 2 s as a rule. */
const PING_MS = 1_500;
/** A server that is silent for this long is given up, so that what waits for it fails and is told. */
const SILENCE_MS = 5_000;

/**
 * Connects to the database, which has to be a replica set, since money needs transactions, and makes the indexes that
 * are missing. After an error nothing is connected, so it may be called again.
 * @throws {StartupError} why the database can't be used, and whether that may pass
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
    // how long a connection may take, which is also how long the monitor waits for a sign of life
    connectTimeoutMS: SILENCE_MS,
    heartbeatFrequencyMS: SILENCE_MS,
    maxPoolSize: 50,
  });
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

/** Whether the database takes changes at this moment. @param limitMs after which silence means no */
export async function isConnected(limitMs = PING_MS): Promise<boolean> {
  const timer = new AbortController();
  // the driver's own limits don't hold while it connects again
  const silence = wait(limitMs, false, { signal: timer.signal, ref: false }).catch(() => false);
  const isThere = await Promise.race([ping(limitMs), silence]);
  timer.abort();
  return isThere;
}

async function ping(limitMs: number): Promise<boolean> {
  try {
    const hello = await mongoose.connection.db?.command({ hello: 1 }, { timeoutMS: limitMs });
    // a server that was restarted without its replica set answers too, and fails at every change
    const isConnectedNow = mongoose.connection.readyState === mongoose.ConnectionStates.connected;
    return isConnectedNow && hello !== undefined && isWritable(hello);
  } catch {
    return false;
  }
}

/** A collection that no model of ours describes: the scheduler's own. */
export function collectionOf<T extends mongoose.mongo.Document>(name: string): mongoose.mongo.Collection<T> {
  return database().collection<T>(name);
}
