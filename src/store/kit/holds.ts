import { randomInt } from 'node:crypto';
import mongoose from 'mongoose';
import type { Tx } from './transaction.ts';

/** A document that is written for one purpose: so that transactions which concern each other can't miss each other. */
interface HoldDoc {
  readonly _id: string;
  readonly changes: number;
}

/** Of many changes at once that depend on the same facts, few meet on the same document. */
const SHARDS = 32;

const { Schema } = mongoose;

const holdSchema = new Schema<HoldDoc>(
  { _id: { type: String, required: true }, changes: { type: Number, default: 0 } },
  { collection: 'holds', versionKey: false },
);

export const Holds = mongoose.model('Hold', holdSchema);

/**
 * Says of a transaction that it rests on facts which another may change: it can't be committed together with one that
 * has called `changeFacts` of the same name, and runs again with what is there then. Those that only rest on the facts
 * don't wait for each other, but for a chance of 1 in 32.
 */
export async function restOnFacts(_tx: Tx, name: string): Promise<void> {
  await touch(`${name}:${randomInt(SHARDS)}`);
}

/** Says of a transaction that it changes these facts: see `restOnFacts`. */
export async function changeFacts(_tx: Tx, name: string): Promise<void> {
  const all = Array.from({ length: SHARDS }, (_, shard) => `${name}:${shard}`);
  // in one order, so that two of these don't wait for each other
  await Holds.bulkWrite(
    all.map((_id) => ({ updateOne: { filter: { _id }, update: { $inc: { changes: 1 } }, upsert: true } })),
    { ordered: true },
  );
}

/** Lets one transaction at a time do something, such as counting what there is before one more is made. */
export async function takeTurn(_tx: Tx, name: string): Promise<void> {
  await touch(name);
}

async function touch(_id: string): Promise<void> {
  await Holds.updateOne({ _id }, { $inc: { changes: 1 } }, { upsert: true });
}
