import { describe, expect, it } from '@jest/globals';
import mongoose, { type mongo } from 'mongoose';
import { useDatabase } from '../../support/database/database.ts';

interface Cost {
  service: string;
  amount: mongo.Decimal128;
  at: Date;
}

const costs = () => mongoose.connection.collection<Cost>('costs');
const decimal = (text: string) => mongoose.mongo.Decimal128.fromString(text);

useDatabase();

describe('amounts as Decimal128', () => {
  it('a sum is exact where floating point isn’t', async () => {
    await insert('exact', ['0.1', '0.2', '1e-15', '123456789012345.678']);
    expect(await sumOf('exact')).toBe('123456789012345.978000000000001');
  });

  it('a sum keeps the scale of its amounts', async () => {
    await insert('scale', ['1.10', '2.20', '-0.30']);
    expect(await sumOf('scale')).toBe('3.00');
  });

  it('a sum of 10,000 equal amounts is exact', async () => {
    await insert(
      'many',
      Array.from({ length: 10_000 }, () => '0.000123456789'),
    );
    expect(await sumOf('many')).toBe('1.234567890000');
  });

  it('$abs within $sum adds up absolute values exactly', async () => {
    await insert('magnitude', ['-1.250', '2.5', '-0.000001']);
    expect(await sumOf('magnitude', { $abs: '$amount' })).toBe('3.750001');
    expect(await sumOf('magnitude')).toBe('1.249999');
  });

  it('an amount is returned with all 34 digits and its scale', async () => {
    const texts = ['1.234567890123456789012345678901234', '5.00', '1E+3', '-0.00'];
    await insert('digits', texts);
    const found = await costs().find({ service: 'digits' }).sort({ at: 1 }).toArray();
    expect(found.map(({ amount }) => amount.toString())).toEqual(texts);
  });

  it('amounts are compared by value, not by scale', async () => {
    await insert('compare', ['1.10', '9.5', '10']);
    expect(await costs().countDocuments({ service: 'compare', amount: decimal('1.1') })).toBe(1);
    expect(await costs().countDocuments({ service: 'compare', amount: { $lt: decimal('10.0') } })).toBe(2);
  });

  it('$match, $group and $sort together give totals by group, also in a transaction', async () => {
    await insert('grouped a', ['1.1', '2.2']);
    await insert('grouped b', ['-5.50']);
    const pipeline = [
      { $match: { service: /^grouped/ } },
      { $group: { _id: '$service', sum: { $sum: '$amount' }, rows: { $sum: 1 }, last: { $max: '$at' } } },
      { $sort: { _id: 1 } },
    ];
    const expected = [
      { _id: 'grouped a', sum: decimal('3.3'), rows: 2, last: new Date(1) },
      { _id: 'grouped b', sum: decimal('-5.50'), rows: 1, last: new Date(0) },
    ];
    expect(await costs().aggregate(pipeline).toArray()).toEqual(expected);
    await mongoose.connection.transaction(
      async (session) => {
        expect(await costs().aggregate(pipeline, { session }).toArray()).toEqual(expected);
      },
      { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } },
    );
  });
});

async function insert(service: string, amounts: string[]): Promise<void> {
  await costs().insertMany(amounts.map((amount, i) => ({ service, amount: decimal(amount), at: new Date(i) })));
}

async function sumOf(service: string, expression: unknown = '$amount'): Promise<string | undefined> {
  const [group] = await costs()
    .aggregate<{ sum: mongo.Decimal128 }>([
      { $match: { service } },
      { $group: { _id: null, sum: { $sum: expression } } },
    ])
    .toArray();
  return group?.sum.toString();
}
