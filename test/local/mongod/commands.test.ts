import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { useDatabase } from '../../support/database/database.ts';

interface Thing {
  _id: string;
  tags?: string[];
  n?: number;
  at?: Date;
  group?: string;
  name?: string;
}

const things = () => mongoose.connection.collection<Thing>('things');

useDatabase();

describe('commands that the product uses', () => {
  it('$addToSet adds new values once', async () => {
    await things().insertOne({ _id: 'set', tags: ['a'] });
    await things().updateOne({ _id: 'set' }, { $addToSet: { tags: { $each: ['b', 'a', 'b'] } } });
    expect(await things().findOne({ _id: 'set' })).toEqual({ _id: 'set', tags: ['a', 'b'] });
  });

  it('findOneAndUpdate returns the document before or after the change, as requested', async () => {
    await things().insertOne({ _id: 'modify', n: 1 });
    const increment = { $inc: { n: 1 } };
    const after = await things().findOneAndUpdate({ _id: 'modify' }, increment, { returnDocument: 'after' });
    const before = await things().findOneAndUpdate({ _id: 'modify' }, increment, { returnDocument: 'before' });
    expect([after?.n, before?.n]).toEqual([2, 2]);
    expect(await things().findOneAndUpdate({ _id: 'nobody' }, increment)).toBeNull();
  });

  it('findOneAndUpdate with a sort takes the first in that order', async () => {
    await things().insertMany([1, 2, 3].map((n) => ({ _id: `queue ${n}`, group: 'queue', n })));
    const taken = await things().findOneAndUpdate({ group: 'queue' }, { $unset: { group: '' } }, { sort: { n: -1 } });
    expect(taken?._id).toBe('queue 3');
  });

  it('an ordered bulkWrite performs its steps in order and counts them', async () => {
    const result = await things().bulkWrite([
      { insertOne: { document: { _id: 'bulk', n: 1 } } },
      { updateOne: { filter: { _id: 'bulk' }, update: { $inc: { n: 1 } } } },
      { updateOne: { filter: { _id: 'bulk 2' }, update: { $set: { n: 5 } }, upsert: true } },
      { replaceOne: { filter: { _id: 'bulk' }, replacement: { n: 9 } } },
      { deleteOne: { filter: { _id: 'bulk 2' } } },
    ]);
    expect(result).toMatchObject({
      insertedCount: 1,
      matchedCount: 2,
      modifiedCount: 2,
      upsertedCount: 1,
      deletedCount: 1,
    });
    expect(await things().find({ _id: /^bulk/ }).toArray()).toEqual([{ _id: 'bulk', n: 9 }]);
  });

  it('an unordered bulkWrite of 1,000 upserts inserts new documents and keeps existing ones', async () => {
    const upserts = (from: number) =>
      Array.from({ length: 1000 }, (_, i) => ({
        updateOne: { filter: { _id: `row ${from + i}` }, update: { $setOnInsert: { n: from } }, upsert: true },
      }));
    await things().bulkWrite(upserts(0), { ordered: false });
    const second = await things().bulkWrite(upserts(400), { ordered: false });
    expect(second).toMatchObject({ upsertedCount: 400, matchedCount: 600, modifiedCount: 0 });
    expect(await things().countDocuments({ _id: /^row/, n: 0 })).toBe(1000);
  });

  it('updateMany with $lt on dates changes earlier ones', async () => {
    const days = [1, 2, 3].map((day) => ({ _id: `day ${day}`, at: new Date(Date.UTC(2025, 0, day)), group: 'days' }));
    await things().insertMany(days);
    const before = { group: 'days', at: { $lt: new Date(Date.UTC(2025, 0, 3)) } };
    expect(await things().updateMany(before, { $set: { n: 1 } })).toMatchObject({ modifiedCount: 2 });
    expect(await things().countDocuments({ group: 'days', n: 1 })).toBe(2);
  });

  it('$lookup joins another collection', async () => {
    await mongoose.connection
      .collection<{ _id: string; label: string }>('groups')
      .insertOne({ _id: 'g', label: 'Group' });
    await things().insertOne({ _id: 'joined', group: 'g' });
    const joined = await things()
      .aggregate([
        { $match: { _id: 'joined' } },
        { $lookup: { from: 'groups', localField: 'group', foreignField: '_id', as: 'groups' } },
      ])
      .toArray();
    expect(joined).toEqual([{ _id: 'joined', group: 'g', groups: [{ _id: 'g', label: 'Group' }] }]);
  });

  it('find and aggregate with collation strength 2 ignore case', async () => {
    await things().insertMany([
      { _id: 'collation 1', name: 'Acme' },
      { _id: 'collation 2', name: 'ACME' },
      { _id: 'collation 3', name: 'Acne' },
    ]);
    const collation = { locale: 'en', strength: 2 };
    expect(await things().find({ name: 'acme' }, { collation }).toArray()).toHaveLength(2);
    expect(
      await things()
        .aggregate([{ $match: { name: 'acme' } }], { collation })
        .toArray(),
    ).toHaveLength(2);
    expect(await things().find({ name: 'acme' }).toArray()).toHaveLength(0);
  });

  it('conflicting updates outside transactions are resolved, and none is lost', async () => {
    const ids = Array.from({ length: 10 }, (_, i) => `settled ${i}`);
    await things().insertMany(ids.map((_id) => ({ _id, n: 0 })));
    const inOneOrder = ids.map((_id) => ({ updateOne: { filter: { _id }, update: { $inc: { n: 1 } } } }));
    const writers = Array.from({ length: 16 }, (_, i) =>
      things().bulkWrite(i % 2 === 0 ? inOneOrder : inOneOrder.toReversed(), { ordered: true }),
    );
    await Promise.all(writers);
    expect(await things().countDocuments({ _id: /^settled/, n: 16 })).toBe(10);
  });

  it('an unknown command is rejected with code 59', async () => {
    await expect(mongoose.connection.db?.command({ noSuchCommand: 1 })).rejects.toMatchObject({ code: 59 });
  });

  it('a collection can be renamed and dropped', async () => {
    const before = mongoose.connection.collection('before');
    await before.insertOne({ n: 1 });
    await before.rename('after');
    expect(await mongoose.connection.collection('after').countDocuments()).toBe(1);
    await mongoose.connection.dropCollection('after');
    const names = (await mongoose.connection.listCollections()).map(({ name }) => name);
    expect(names).not.toContain('after');
    expect(names).not.toContain('before');
  });
});
