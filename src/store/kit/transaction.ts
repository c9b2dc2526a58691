import { AsyncLocalStorage } from 'node:async_hooks';
import mongoose from 'mongoose';
import { claimingRequest, requestClaimed } from './request-keys.ts';

// every model call inside a transaction takes part in it without being handed the session
mongoose.set('transactionAsyncLocalStorage', true);

const OPTIONS = { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } } as const;
/** How often a transaction is run again because another made the same thing at the same time. */
const DUPLICATE_TRIES = 5;

const OPEN: unique symbol = Symbol('an open transaction');

/**
 * Shows that a transaction is open. Only `inTransaction` makes one, and hands it to what it runs: a function that takes
 * it can't be called outside a transaction, or forgotten in one.
 */
export interface Tx {
  readonly [OPEN]: true;
}

/** What the present run of a transaction leaves to be done once it is committed. */
const afterwards = new AsyncLocalStorage<(() => void)[]>();

/** Set while a rehearsal runs, whose transaction takes in those that are begun within it. */
const rehearsing = new AsyncLocalStorage<true>();

/**
 * Runs `change` as one transaction: all of it is kept, or nothing. It may run several times (a write conflict, a lost
 * connection, a thing that another process made at the same time), so there is no I/O in it but the database's, no
 * `Promise.all`, and it looks at everything again each time. Not to be nested,
 * but for a rehearsal's, which takes part in the rehearsal's transaction.
 *
 * @throws what `change` throws, with nothing kept; {DoneBefore} in a request that was carried out before
 */
export async function inTransaction<T>(change: (tx: Tx) => Promise<T>): Promise<T> {
  const run = () => change({ [OPEN]: true });
  if (rehearsing.getStore()) return run();
  for (let tries = 1; ; tries++) {
    try {
      let result: { readonly value: T } | undefined;
      let later: (() => void)[] = [];
      await mongoose.connection.transaction(async () => {
        // a run that is not kept leaves nothing to be done
        later = [];
        result = { value: await afterwards.run(later, () => claimingRequest(run)) };
      }, OPTIONS);
      if (!result) throw new Error('A transaction ended without having run');
      requestClaimed();
      for (const act of later) act();
      return result.value;
    } catch (error) {
      // anyone who lost the race for a unique key finds, on the next run, what the other made
      if (!isDuplicateKey(error) || tries === DUPLICATE_TRIES) throw error;
    }
  }
}

/**
 * Does something once the present transaction is committed, outside it, and never if it is not. Without a transaction it
 * is done at once. What would start inside would share the transaction's session, and fail when that has ended.
 */
export function afterCommit(act: () => void): void {
  const later = afterwards.getStore();
  if (later) later.push(act);
  else act();
}

/**
 * Runs a change with all of its checks and keeps nothing of it: what it would do. Its transactions become one, which is
 * aborted at the end. A change that was carried out in the present request before isn't rehearsed again.
 *
 * @returns what `change` returns
 * @throws what `change` throws; {DoneBefore} in a request that was carried out before
 */
export async function inRehearsal<T>(change: () => Promise<T>): Promise<T> {
  const end = new Error('The end of a rehearsal');
  let result: { readonly value: T } | undefined;
  try {
    await inTransaction(async () => {
      result = { value: await rehearsing.run(true, change) };
      throw end;
    });
  } catch (error) {
    if (error !== end) throw error;
  }
  if (!result) throw new Error('A rehearsal ended without having run');
  return result.value;
}

/** Whether an error is the database's, or of the way to it. */
export function isOfDatabase(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoError || error instanceof mongoose.Error.MongooseServerSelectionError;
}

/** Whether an error says that the database was away, and nothing of what it was asked. */
export function isConnectionLost(error: unknown): boolean {
  const { MongoNetworkError, MongoServerSelectionError } = mongoose.mongo;
  const kinds = [MongoNetworkError, MongoServerSelectionError, mongoose.Error.MongooseServerSelectionError];
  return kinds.some((kind) => error instanceof kind);
}

/** Whether an error is MongoDB's "duplicate key" (11000), of the named index if one is given. */
export function isDuplicateKey(error: unknown, index?: string): boolean {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 11000) return false;
  return index === undefined || error.message.includes(index);
}
