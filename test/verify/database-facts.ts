import mongoose from 'mongoose';

/** A question about a database, and what was found. */
export interface Fact {
  readonly what: string;
  readonly found: string;
  readonly isGood: boolean;
}

/** The oldest MongoDB that the product is written for. */
const OLDEST = 7;

/** What the product needs of a database, asked of the one that mongoose is connected to. */
export async function databaseFacts(): Promise<Fact[]> {
  return [
    await fact('server', version),
    await fact('deployment', deployment),
    await fact('transactions with majority writes', transactions),
    await fact('unique partial indexes', uniqueness),
    await fact('sums of Decimal128', decimals),
  ];
}

async function fact(what: string, look: () => Promise<readonly [found: string, isGood: boolean]>): Promise<Fact> {
  try {
    const [found, isGood] = await look();
    return { what, found, isGood };
  } catch (error) {
    return { what, found: error instanceof Error ? error.message : String(error), isGood: false };
  }
}

const command = (name: string) => mongoose.connection.db?.command({ [name]: 1 });

async function version() {
  const { version: found = 'unknown', gitVersion = '' } = (await command('buildInfo')) ?? {};
  return [`${found} (${gitVersion})`, Number.parseInt(String(found), 10) >= OLDEST] as const;
}

async function deployment() {
  const { setName, hosts = [], msg } = (await command('hello')) ?? {};
  if (msg === 'isdbgrid') return ['a sharded cluster', true] as const;
  if (typeof setName !== 'string') return ['a standalone server, which has no transactions', false] as const;
  const members = Array.isArray(hosts) ? hosts.length : 0;
  return [`replica set ${setName} with ${members} member${members === 1 ? '' : 's'}`, members > 0] as const;
}

async function transactions() {
  const things = mongoose.connection.collection('verify_transactions');
  await things.insertOne({ n: 1 });
  const options = { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } } as const;
  const session = await mongoose.connection.startSession();
  try {
    await session.withTransaction(() => things.updateOne({}, { $set: { n: 2 } }, { session }), options);
    session.startTransaction(options);
    await things.updateOne({}, { $set: { n: 3 } }, { session });
    await session.abortTransaction();
  } finally {
    await session.endSession();
  }
  const kept = (await things.findOne({}))?.n;
  return [kept === 2 ? 'a commit is kept, an abort is not' : `found ${kept} and not 2`, kept === 2] as const;
}

async function uniqueness() {
  const things = mongoose.connection.collection('verify_indexes');
  await things.createIndex({ n: 1 }, { unique: true, partialFilterExpression: { open: true } });
  await things.insertMany([{ n: 1, open: true }, { n: 1 }]);
  const code = await things.insertOne({ n: 1, open: true }).then(
    () => undefined,
    (error: unknown) => (error instanceof mongoose.mongo.MongoServerError ? error.code : error),
  );
  return [code === 11000 ? 'a second value is rejected' : `a second value: ${code}`, code === 11000] as const;
}

async function decimals() {
  const { Decimal128 } = mongoose.Types;
  const things = mongoose.connection.collection('verify_sums');
  const parts = ['0.1', '0.2', '1000000000000000000000000000000.03'];
  await things.insertMany(parts.map((part) => ({ amount: Decimal128.fromString(part) })));
  const [sum] = await things.aggregate([{ $group: { _id: null, amount: { $sum: '$amount' } } }]).toArray();
  const found = String(sum?.amount);
  return [found, found === '1000000000000000000000000000000.33'] as const;
}
