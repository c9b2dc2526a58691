import { createHash } from 'node:crypto';
import mongoose from 'mongoose';

/** Documents as the database sent them, not yet made into objects: for those that are asked for over and over. */
export interface RawDocs<T> {
  /** The same for the same documents, and for no others. */
  readonly stamp: string;
  /** The documents themselves, as the query's projection makes them. */
  read(): T[];
}

type Collection = (typeof mongoose.Model)['collection'];

/** What a query finds, as bytes. Much cheaper than objects, which most of the time are the same as before. */
export async function findRaw<T>(
  collection: Collection,
  filter: mongoose.mongo.Filter<mongoose.mongo.Document>,
  options: Pick<mongoose.mongo.FindOptions, 'projection' | 'sort' | 'limit'>,
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
