import { AsyncLocalStorage } from 'node:async_hooks';
import mongoose from 'mongoose';
import { claimingRequest, requestClaimed } from './request-keys.ts';

// every model call inside a transaction joins it automatically, without passing the session
mongoose.set('transactionAsyncLocalStorage', true);

const OPTIONS = { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } } as const;
/** How many times a transaction is retried because another one created the same document concurrently. */
const DUPLICATE_TRIES = 5;

const OPEN: unique symbol = Symbol('an open transaction');

/**
 * Proof that a transaction is open. Only `inTransaction` creates one and passes it on, so a function that requires it
 * can't be called outside a transaction.
 */
export interface Tx {
  readonly [OPEN]: true;
}

declare const RECHECKED: unique symbol;

/**
 * Says that something is read outside a transaction, because there is too much of it for a short one, and that the reader
 * checks afterwards that it belongs together and still holds.
 */
export interface Rechecked {
  readonly [RECHECKED]: true;
}

/** Reads that belong together: in one transaction, or checked afterwards. */
export type Reads = Tx | Rechecked;

export const RECHECKED_READS = {} as Rechecked;

/** Thrown in a transaction that would take too long. What it was for has to be prepared outside a transaction. */
export class TooLongForTransaction extends Error {
  override readonly name = 'TooLongForTransaction';
}

/** The current run of a transaction: its session, and the actions that are executed after its commit. */
const running = new AsyncLocalStorage<{
  readonly session: mongoose.mongo.ClientSession;
  readonly later: (() => void)[];
}>();

/** Set while a transaction includes those started within it: during a rehearsal, and in `inOneTransaction`. */
const including = new AsyncLocalStorage<true>();

/**
 * Runs `change` as one transaction: everything is kept, or nothing. It may run several times (a write conflict, a lost
 * connection, a document created concurrently by another process), so it must do no I/O except with the database, use
 * no `Promise.all`, and read everything again each time. Transactions can't be nested, except in a rehearsal or
 * `inOneTransaction`, which they join.
 *
 * @throws what `change` throws, with nothing kept; {DoneBefore} in a request that was already carried out
 */
export async function inTransaction<T>(change: (tx: Tx) => Promise<T>): Promise<T> {
  const run = () => change({ [OPEN]: true });
  if (including.getStore()) return run();
  for (let tries = 1; ; tries++) {
    try {
      let result: { readonly value: T } | undefined;
      let later: (() => void)[] = [];
      await mongoose.connection.transaction(async (session) => {
        // a run that isn't kept must leave no actions
        later = [];
        result = { value: await running.run({ session, later }, () => claimingRequest(run)) };
      }, OPTIONS);
      if (!result) throw new Error('A transaction ended without having run');
      requestClaimed();
      for (const act of later) act();
      return result.value;
    } catch (error) {
      // if another transaction won the race for a unique key, the next run finds its document
      if (!isDuplicateKey(error) || tries === DUPLICATE_TRIES) throw error;
    }
  }
}

/**
 * Runs several changes as one transaction, which those started within it join. It may run several times, so nothing in
 * it may affect anything but the database. @throws what `change` throws, with nothing kept
 */
export function inOneTransaction<T>(change: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction((tx) => including.run(true, () => change(tx)));
}

/**
 * Does something after the current transaction is committed, outside it, and never if it isn't. Without a transaction,
 * it is done immediately. If it started inside the transaction, it would use the transaction's session and fail when
 * that has ended.
 */
export function afterCommit(act: () => void): void {
  const run = running.getStore();
  if (run) run.later.push(act);
  else act();
}

/** The session of the open transaction, for calls to the driver itself, which don't join it automatically. */
export function sessionOf(_tx: Tx): mongoose.mongo.ClientSession {
  const run = running.getStore();
  if (!run) throw new Error('No transaction is open');
  return run.session;
}

/**
 * Runs a change with all of its checks without keeping anything, to show what it would do. Its transactions become one,
 * which is aborted at the end. A change that the current request has already made isn't rehearsed again.
 *
 * @returns what `change` returns
 * @throws what `change` throws; {DoneBefore} in a request that was already carried out
 */
export async function inRehearsal<T>(change: () => Promise<T>): Promise<T> {
  const end = new Error('The end of a rehearsal');
  let result: { readonly value: T } | undefined;
  try {
    await inTransaction(async () => {
      result = { value: await including.run(true, change) };
      throw end;
    });
  } catch (error) {
    if (error !== end) throw error;
  }
  if (!result) throw new Error('A rehearsal ended without having run');
  return result.value;
}

/** Whether an error comes from the database or the connection to it. */
export function isOfDatabase(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoError || error instanceof mongoose.Error.MongooseServerSelectionError;
}

/** Whether an error means that the database was unavailable, and has nothing to do with the query. */
export function isConnectionLost(error: unknown): boolean {
  const { MongoNetworkError, MongoServerSelectionError } = mongoose.mongo;
  const kinds = [MongoNetworkError, MongoServerSelectionError, mongoose.Error.MongooseServerSelectionError];
  return kinds.some((kind) => error instanceof kind);
}

/** Whether an error is MongoDB's "duplicate key" (11000), optionally for a specific index. */
export function isDuplicateKey(error: unknown, index?: string): boolean {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 11000) return false;
  return index === undefined || error.message.includes(index);
}
