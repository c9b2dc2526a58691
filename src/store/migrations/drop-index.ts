import mongoose from 'mongoose';

type Collection = (typeof mongoose.Model)['collection'];

/** MongoDB's IndexNotFound. */
const INDEX_NOT_FOUND = 27;

/** Drops an index by its name; does nothing if it doesn't exist or another process drops it at the same time. */
export async function dropIndex(collection: Collection, name: string): Promise<void> {
  const indexes = await collection.indexes();
  if (!indexes.some((index) => index.name === name)) return;
  await collection.dropIndex(name).catch((error: unknown) => {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== INDEX_NOT_FOUND) throw error;
  });
}
