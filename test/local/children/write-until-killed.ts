/**
 * Starts the embedded database on a folder and writes numbers into it, printing each acknowledged one, until it is
 * killed.
 */
import mongoose from 'mongoose';
import { startDatabase } from '../../../src/local/database.ts';

const [dataDir = '', first = '0'] = process.argv.slice(2);
const database = await startDatabase({ env: process.env, dataDir, databaseName: 'kept' });
process.stdout.write(`${database.uri}\n`);
const client = await mongoose.mongo.MongoClient.connect(database.uri);
const entries = client.db().collection<{ _id: number }>('entries');
for (let _id = Number(first); ; _id++) {
  await entries.insertOne({ _id }, { writeConcern: { w: 'majority' } });
  process.stdout.write(`${_id}\n`);
}
