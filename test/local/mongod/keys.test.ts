import { describe, expect, it } from '@jest/globals';
import mongoose, { type mongo } from 'mongoose';
import { useDatabase } from '../../support/database/database.ts';

interface Invoice {
  group: string;
  period: string;
  seq?: number;
  open?: boolean;
  note?: string;
}

const invoices = () => mongoose.connection.collection<Invoice>('invoices');
const memberships = () => mongoose.connection.collection<{ project: string; open: boolean }>('memberships');

useDatabase(async () => {
  await invoices().createIndex({ group: 1, period: 1 }, { unique: true });
  await invoices().createIndex({ seq: 1 }, { unique: true, partialFilterExpression: { seq: { $exists: true } } });
  await memberships().createIndex({ project: 1 }, { unique: true, partialFilterExpression: { open: true } });
});

describe('unique keys', () => {
  it('a second insert of a key fails with code 11000 and names the key and its values', async () => {
    await invoices().insertOne({ group: 'insert', period: '2025-01' });
    await expect(invoices().insertOne({ group: 'insert', period: '2025-01' })).rejects.toMatchObject({
      code: 11000,
      keyPattern: { group: 1, period: 1 },
      keyValue: { group: 'insert', period: '2025-01' },
    });
  });

  it('an update to a taken key fails with code 11000 and names the key', async () => {
    await invoices().insertOne({ group: 'update', period: '2025-01', seq: 11 });
    await invoices().insertOne({ group: 'update', period: '2025-02', seq: 12 });
    const update = invoices().updateOne({ seq: 12 }, { $set: { seq: 11 } });
    await expect(update).rejects.toMatchObject({ code: 11000, keyPattern: { seq: 1 }, keyValue: { seq: 11 } });
  });

  it('findOneAndUpdate to a taken key fails with code 11000 and names the key', async () => {
    await invoices().insertOne({ group: 'modify', period: '2025-01', seq: 21 });
    await invoices().insertOne({ group: 'modify', period: '2025-02', seq: 22 });
    const update = invoices().findOneAndUpdate({ seq: 22 }, { $set: { seq: 21 } });
    await expect(update).rejects.toMatchObject({ code: 11000, keyPattern: { seq: 1 }, keyValue: { seq: 21 } });
  });

  it('an upsert whose document would use another document’s key fails with code 11000', async () => {
    await invoices().insertOne({ group: 'upsert', period: '2025-01', seq: 31 });
    const filter = { group: 'upsert', period: '2025-02' };
    const upsert = invoices().updateOne(filter, { $setOnInsert: { seq: 31 } }, { upsert: true });
    await expect(upsert).rejects.toMatchObject({ code: 11000, keyPattern: { seq: 1 }, keyValue: { seq: 31 } });
  });

  it('an ordered insertMany stops at the duplicate, an unordered one continues after it', async () => {
    const batch = (group: string) => ['01', '01', '02'].map((period) => ({ group, period }));
    const ordered = await bulkErrorOf(invoices().insertMany(batch('ordered')));
    expect(ordered.result.insertedCount).toBe(1);
    expect(writeErrorsOf(ordered)).toEqual([{ index: 1, code: 11000 }]);
    const unordered = await bulkErrorOf(invoices().insertMany(batch('unordered'), { ordered: false }));
    expect(unordered.result.insertedCount).toBe(2);
    expect(writeErrorsOf(unordered)).toEqual([{ index: 1, code: 11000 }]);
  });

  it('a unique index on open entries allows any number of closed ones', async () => {
    await memberships().insertMany([
      { project: 'p', open: false },
      { project: 'p', open: false },
      { project: 'p', open: true },
    ]);
    await expect(memberships().insertOne({ project: 'p', open: true })).rejects.toMatchObject({ code: 11000 });
    await memberships().updateOne({ project: 'p', open: true }, { $set: { open: false } });
    await memberships().insertOne({ project: 'p', open: true });
    expect(await memberships().countDocuments({ project: 'p' })).toBe(4);
  });

  it('a unique index on numbered entries allows any number without one', async () => {
    await invoices().insertMany([
      { group: 'partial', period: '2025-01' },
      { group: 'partial', period: '2025-02' },
    ]);
    const number = (period: string) => invoices().updateOne({ group: 'partial', period }, { $set: { seq: 41 } });
    await number('2025-01');
    await expect(number('2025-02')).rejects.toMatchObject({ code: 11000, keyPattern: { seq: 1 } });
  });

  it('many simultaneous upserts of one key create one document, and none fails', async () => {
    const filter = { group: 'race', period: '2025-01' };
    const upserts = Array.from({ length: 20 }, () =>
      invoices().updateOne(filter, { $inc: { seq: 100 } }, { upsert: true }),
    );
    await Promise.all(upserts);
    expect(await invoices().find(filter).toArray()).toMatchObject([{ seq: 2000 }]);
  });

  it('a unique index on duplicates is rejected with code 11000', async () => {
    const notes = mongoose.connection.collection('notes');
    await notes.insertMany([{ text: 'same' }, { text: 'same' }]);
    await expect(notes.createIndex({ text: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 });
  });

  it('an existing index is kept, and one with its name and other options is rejected', async () => {
    await invoices().createIndex({ group: 1, period: 1 }, { unique: true });
    await expect(invoices().createIndex({ group: 1, period: 1 })).rejects.toMatchObject({
      codeName: 'IndexKeySpecsConflict',
    });
    const [, index] = await invoices().indexes();
    expect(index).toEqual({ v: 2, key: { group: 1, period: 1 }, name: 'group_1_period_1', unique: true });
  });
});

async function bulkErrorOf(write: Promise<unknown>): Promise<mongo.MongoBulkWriteError> {
  try {
    await write;
  } catch (error) {
    return error as mongo.MongoBulkWriteError;
  }
  throw new Error('the write went through');
}

function writeErrorsOf(error: mongo.MongoBulkWriteError): { index: number; code: number }[] {
  return [error.writeErrors].flat().map(({ index, code }) => ({ index, code: Number(code) }));
}
