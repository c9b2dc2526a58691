import mongoose from 'mongoose';

type Db = mongoose.mongo.Db;

/** What a dump has of a collection: like mongodump, its options, its indexes and its documents as BSON. */
export interface Dumped {
  readonly name: string;
  readonly options: mongoose.mongo.CreateCollectionOptions;
  readonly indexes: readonly mongoose.mongo.IndexDescription[];
  readonly documents: readonly Uint8Array[];
}

/** Dumps a database that nobody writes to meanwhile. */
export async function dump(db: Db): Promise<Dumped[]> {
  const collections = await db.listCollections({}, { nameOnly: false }).toArray();
  return Promise.all(
    collections.map(async ({ name, options = {} }) => {
      const indexes = await db.collection(name).indexes();
      const documents: unknown[] = await db.collection(name).find({}, { raw: true }).toArray();
      return {
        ...{ name, options },
        indexes: indexes.filter((index) => index.name !== '_id_').map(({ v: _, ...index }) => index),
        documents: documents.filter((one): one is Uint8Array => one instanceof Uint8Array),
      };
    }),
  );
}

/** Restores a dump into an empty database: the documents first, then the indexes, like mongorestore. */
export async function restoreDump(db: Db, dumped: readonly Dumped[]): Promise<void> {
  for (const { name, options, indexes, documents } of dumped) {
    const collection = await db.createCollection(name, options);
    const docs = documents.map((bytes) => mongoose.mongo.BSON.deserialize(bytes, { promoteValues: false }));
    if (docs.length > 0) await collection.insertMany(docs);
    if (indexes.length > 0) await collection.createIndexes([...indexes]);
  }
}
