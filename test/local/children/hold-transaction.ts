/**
 * Adds 100 to the counter `held` in a transaction, prints a line, and leaves the transaction open until it is killed.
 */
import mongoose from 'mongoose';

const client = await mongoose.mongo.MongoClient.connect(process.argv[2] ?? '');
const session = client.startSession();
session.startTransaction();
const counters = client.db().collection<{ _id: string; n: number }>('counters');
await counters.updateOne({ _id: 'held' }, { $inc: { n: 100 } }, { session });
process.stdout.write('written\n');
setInterval(() => {}, 60_000);
