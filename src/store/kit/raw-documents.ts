import { createHash } from 'node:crypto';
import mongoose from 'mongoose';

/** Documents as received from the database, not converted to objects yet. For documents that are read frequently. */
export interface RawDocs<T> {
  /** The same for the same documents, and for no others. */
  readonly stamp: string;
  /** The documents as objects, as defined by the query's projection. */
  read(): T[];
}

type Collection = (typeof mongoose.Model)['collection'];

/** A query's result as bytes. Much cheaper than objects, and usually unchanged since the last time. */
export async function findRaw<T>(
  collection: Collection,
  filter: mongoose.mongo.Filter<mongoose.mongo.Document>,
  options: Pick<mongoose.mongo.FindOptions, 'projection' | 'sort' | 'limit' | 'batchSize'>,
): Promise<RawDocs<T>> {
  const found: readonly unknown[] = await collection.find(filter, { ...options, raw: true }).toArray();
  const docs = found.map((bytes) => {
    if (bytes instanceof Uint8Array) return bytes;
    throw new TypeError('The driver gave no bytes');
  });
  const hash = createHash('sha256');
  for (const bytes of docs) hash.update(bytes);
  return {
    stamp: `${docs.length}:${hash.digest('base64url')}`,
    read: () => docs.map((bytes) => mongoose.mongo.BSON.deserialize(bytes) as T),
  };
}
