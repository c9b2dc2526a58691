import { describe, expect, it } from '@jest/globals';
import mongoose, { type mongo } from 'mongoose';
import { useDatabase } from '../../support/database/database.ts';

const COUNT = 1000;
const BATCH = 90;

interface Row {
  i: number;
  group: number;
}

const rows = () => mongoose.connection.collection<Row>('rows');

useDatabase(async () => {
  await rows().insertMany(Array.from({ length: COUNT }, (_, i) => ({ i, group: i % 7 })));
  await rows().createIndex({ group: 1, i: -1 });
});

const ALL_DOWN = Array.from({ length: COUNT }, (_, i) => COUNT - 1 - i);

describe('cursors', () => {
  it('a result of many batches is complete and in order, one getMore per batch', async () => {
    const cursor = rows().find({}, { batchSize: BATCH, sort: { i: -1 } });
    expect(await numbersOf(cursor)).toEqual(ALL_DOWN);
  });

  it('an unsorted result is complete too', async () => {
    const numbers = await numbersOf(rows().find({}, { batchSize: BATCH }));
    expect(numbers.toSorted((a, b) => b - a)).toEqual(ALL_DOWN);
  });

  it('an aggregate of many batches is complete and in order', async () => {
    const pipeline = [{ $group: { _id: '$i', i: { $first: '$i' } } }, { $sort: { i: -1 } }];
    expect(await numbersOf(rows().aggregate<Row>(pipeline, { batchSize: BATCH }))).toEqual(ALL_DOWN);
  });

  it('in a transaction, a result of many batches keeps its snapshot, and the transaction can continue', async () => {
    await mongoose.connection.transaction(
      async (session) => {
        const cursor = rows().find({}, { batchSize: BATCH, sort: { i: -1 }, session });
        await cursor.next();
        await rows().insertOne({ i: -1, group: 0 });
        expect(await numbersOf(cursor)).toEqual(ALL_DOWN.slice(1));
        expect(await numbersOf(rows().find({ i: { $gte: 0 } }, { batchSize: BATCH, session }))).toHaveLength(COUNT);
        await rows().updateOne({ i: 5 }, { $set: { group: 5 } }, { session });
      },
      { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } },
    );
    expect(await rows().deleteMany({ i: -1 })).toMatchObject({ deletedCount: 1 });
  });

  it('a cursor that is closed early no longer exists', async () => {
    const cursor = rows().find({}, { batchSize: 2, sort: { i: -1 } });
    await cursor.next();
    const id = cursor.id;
    await cursor.close();
    const next = mongoose.connection.db?.command({ getMore: id, collection: 'rows' });
    await expect(next).rejects.toMatchObject({ codeName: 'CursorNotFound' });
  });

  it('two hundred open cursors don’t block others', async () => {
    const cursors = Array.from({ length: 200 }, () => rows().find({}, { batchSize: 2, sort: { i: -1 } }));
    await Promise.all(cursors.map((cursor) => cursor.next()));
    expect(await rows().countDocuments({ i: { $gte: 0 } })).toBe(COUNT);
    await Promise.all(cursors.map((cursor) => cursor.close()));
  });

  it('find, sort, skip and limit use an index', async () => {
    const page = rows().find({ group: 2 }).sort({ i: -1 }).skip(1).limit(3).hint({ group: 1, i: -1 });
    expect(await numbersOf(page)).toEqual([989, 982, 975]);
  });

  it('a query that exceeds its maxTimeMS is stopped with code 50', async () => {
    const slow = [{ $set: { r: { $range: [0, 5000] } } }, { $unwind: '$r' }, { $group: { _id: { $mod: ['$r', 97] } } }];
    await expect(rows().aggregate(slow, { maxTimeMS: 30 }).toArray()).rejects.toMatchObject({ code: 50 });
    expect(await rows().countDocuments({ group: 2 })).toBeGreaterThan(0);
  });
});

async function numbersOf(cursor: mongo.AbstractCursor<Row>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { i } of cursor) numbers.push(i);
  return numbers;
}
