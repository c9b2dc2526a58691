import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import mongoose, { type mongo } from 'mongoose';
import { startDatabase } from '../../../src/local/database.ts';
import { useDatabase } from '../../support/database/database.ts';

const LIKE_THE_PRODUCT: mongo.TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority' },
};
const HOLD_TRANSACTION = fileURLToPath(new URL('../children/hold-transaction.ts', import.meta.url));

interface Counter {
  _id: string;
  n: number;
}

const counters = () => mongoose.connection.collection<Counter>('counters');
const entries = () => mongoose.connection.collection<{ owner: string; i?: number; first?: number }>('entries');

useDatabase(async () => {
  await mongoose.connection.createCollection('counters');
  await mongoose.connection.createCollection('entries');
});

describe('transactions', () => {
  it('the server is the primary of a replica set, as transactions require', async () => {
    const hello = await mongoose.connection.db?.admin().command({ hello: 1 });
    expect(hello).toMatchObject({ isWritablePrimary: true, setName: expect.any(String) });
  });

  it('a transaction on two collections commits as one', async () => {
    await mongoose.connection.transaction(async (session) => {
      await counters().insertOne({ _id: 'commit', n: 1 }, { session });
      await entries().insertOne({ owner: 'commit' }, { session });
      expect(await entries().countDocuments({ owner: 'commit' })).toBe(0);
    }, LIKE_THE_PRODUCT);
    expect(await counters().countDocuments({ _id: 'commit' })).toBe(1);
    expect(await entries().countDocuments({ owner: 'commit' })).toBe(1);
  });

  it('a transaction that throws leaves nothing', async () => {
    const fault = new Error('on purpose');
    const attempt = mongoose.connection.transaction(async (session) => {
      await counters().insertOne({ _id: 'rollback', n: 1 }, { session });
      await entries().insertOne({ owner: 'rollback' }, { session });
      throw fault;
    }, LIKE_THE_PRODUCT);
    await expect(attempt).rejects.toBe(fault);
    expect(await counters().countDocuments({ _id: 'rollback' })).toBe(0);
    expect(await entries().countDocuments({ owner: 'rollback' })).toBe(0);
  });

  it('a transaction reads its initial state even after others commit', async () => {
    await counters().insertOne({ _id: 'snapshot', n: 1 });
    await withSession(async (session) => {
      session.startTransaction(LIKE_THE_PRODUCT);
      await counters().findOne({ _id: 'snapshot' }, { session });
      await counters().updateOne({ _id: 'snapshot' }, { $set: { n: 2 } });
      expect(await counters().findOne({ _id: 'snapshot' }, { session })).toEqual({ _id: 'snapshot', n: 1 });
      await session.abortTransaction();
    });
    expect(await counters().findOne({ _id: 'snapshot' })).toEqual({ _id: 'snapshot', n: 2 });
  });

  it('a write conflict fails with code 112 and the label TransientTransactionError while the other is still open', async () => {
    await counters().insertOne({ _id: 'conflict', n: 0 });
    await withSession(async (first) => {
      first.startTransaction(LIKE_THE_PRODUCT);
      await counters().updateOne({ _id: 'conflict' }, { $inc: { n: 1 } }, { session: first });
      await withSession(async (second) => {
        second.startTransaction(LIKE_THE_PRODUCT);
        const write = counters().updateOne({ _id: 'conflict' }, { $inc: { n: 10 } }, { session: second });
        const error = await write.then(noError, (reason: mongo.MongoServerError) => reason);
        expect(error.code).toBe(112);
        expect(error.hasErrorLabel('TransientTransactionError')).toBe(true);
      });
      await first.commitTransaction();
    });
    expect(await counters().findOne({ _id: 'conflict' })).toEqual({ _id: 'conflict', n: 1 });
  });

  it('connection.transaction() retries a conflict, so that no increment is lost', async () => {
    await counters().insertOne({ _id: 'retry', n: 0 });
    let attempts = 0;
    const increment = () =>
      mongoose.connection.transaction(async (session) => {
        attempts += 1;
        const counter = await counters().findOne({ _id: 'retry' }, { session });
        await counters().updateOne({ _id: 'retry' }, { $set: { n: (counter?.n ?? NaN) + 1 } }, { session });
      }, LIKE_THE_PRODUCT);
    await Promise.all(Array.from({ length: 12 }, increment));
    expect(await counters().findOne({ _id: 'retry' })).toEqual({ _id: 'retry', n: 12 });
    expect(attempts).toBeGreaterThan(12);
  });

  it('a repeated commit succeeds again and changes nothing', async () => {
    await withSession(async (session) => {
      session.startTransaction(LIKE_THE_PRODUCT);
      await counters().insertOne({ _id: 'commit twice', n: 1 }, { session });
      await session.commitTransaction();
      await session.commitTransaction();
    });
    expect(await counters().countDocuments({ _id: 'commit twice' })).toBe(1);
  });

  it('a duplicate key ends its transaction and discards its earlier writes', async () => {
    await counters().insertOne({ _id: 'taken', n: 0 });
    const attempt = mongoose.connection.transaction(async (session) => {
      await counters().insertOne({ _id: 'before the duplicate', n: 0 }, { session });
      await counters().insertOne({ _id: 'taken', n: 1 }, { session });
    }, LIKE_THE_PRODUCT);
    await expect(attempt).rejects.toMatchObject({ code: 11000, keyPattern: { _id: 1 }, keyValue: { _id: 'taken' } });
    expect(await counters().countDocuments({ _id: 'before the duplicate' })).toBe(0);
  });

  it('1,000 documents can be inserted at once in a transaction', async () => {
    const documents = Array.from({ length: 1000 }, (_, i) => ({ owner: 'many', i }));
    await mongoose.connection.transaction(async (session) => {
      await entries().insertMany(documents, { session });
    }, LIKE_THE_PRODUCT);
    expect(await entries().countDocuments({ owner: 'many' })).toBe(1000);
  });

  it('an upsert with $setOnInsert in a transaction sets its field only the first time', async () => {
    const upsert = (first: number) =>
      mongoose.connection.transaction(async (session) => {
        await entries().updateOne({ owner: 'upsert' }, { $setOnInsert: { first } }, { upsert: true, session });
      }, LIKE_THE_PRODUCT);
    await upsert(1);
    await upsert(2);
    expect(await entries().find({ owner: 'upsert' }).toArray()).toMatchObject([{ first: 1 }]);
  });

  it('a transaction left open by a client that disappeared is rolled back after its lifetime', async () => {
    const { MONGODB_URI: _, ...env } = process.env;
    const server = await startDatabase({ env, databaseName: 'test', transactionLifetimeSeconds: 1 });
    const connection = await mongoose.createConnection(server.uri).asPromise();
    try {
      const counter = connection.collection<Counter>('counters');
      await counter.insertOne({ _id: 'held', n: 0 });
      await vanishInTransaction(server.uri);
      // waits as long as the lost client's write blocks it
      await counter.updateOne({ _id: 'held' }, { $inc: { n: 1 } });
      expect(await counter.findOne({ _id: 'held' })).toEqual({ _id: 'held', n: 1 });
    } finally {
      await connection.close();
      await server.stop();
    }
  });
});

/** A process writes in a transaction, says so, and is killed. */
async function vanishInTransaction(uri: string): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', HOLD_TRANSACTION, uri], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  expect(line).toBe('written');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function withSession(work: (session: mongo.ClientSession) => Promise<void>): Promise<void> {
  const session = await mongoose.connection.startSession();
  try {
    await work(session);
  } finally {
    await session.endSession();
  }
}

function noError(): never {
  throw new Error('the write went through');
}
