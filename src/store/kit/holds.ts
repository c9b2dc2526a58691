import { randomInt } from 'node:crypto';
import mongoose from 'mongoose';
import type { Tx } from './transaction.ts';

/** A document that is only written to make concurrent transactions conflict. */
interface HoldDoc {
  readonly _id: string;
  readonly changes: number;
}

/** With this many documents, few of the concurrent changes that depend on the same facts meet on the same one. */
const SHARDS = 32;

const { Schema } = mongoose;

const holdSchema = new Schema<HoldDoc>(
  { _id: { type: String, required: true }, changes: { type: Number, default: 0 } },
  { collection: 'holds', versionKey: false },
);

export const Holds = mongoose.model('Hold', holdSchema);

/**
 * Declares that a transaction depends on facts that another may change. It can't be committed concurrently with one
 * that called `changeFacts` with the same name: it is run again with the new facts. Transactions that only depend on
 * the facts don't block each other, except with a chance of 1 in 32.
 */
export async function restOnFacts(_tx: Tx, name: string): Promise<void> {
  await touch(`${name}:${randomInt(SHARDS)}`);
}

/** Declares that a transaction changes these facts; see `restOnFacts`. */
export async function changeFacts(_tx: Tx, name: string): Promise<void> {
  const all = Array.from({ length: SHARDS }, (_, shard) => `${name}:${shard}`);
  // in a fixed order, so that two of these don't deadlock
  await Holds.bulkWrite(
    all.map((_id) => ({ updateOne: { filter: { _id }, update: { $inc: { changes: 1 } }, upsert: true } })),
    { ordered: true },
  );
}

/** Lets only one transaction at a time do something, such as counting documents before adding another. */
export async function takeTurn(_tx: Tx, name: string): Promise<void> {
  await touch(name);
}

async function touch(_id: string): Promise<void> {
  await Holds.updateOne({ _id }, { $inc: { changes: 1 } }, { upsert: true });
}
