import mongoose from 'mongoose';

type Collection = (typeof mongoose.Model)['collection'];

/** The document that another belongs to. */
interface Owner {
  readonly _id: string;
  readonly accountId: string;
}

/** How many owners' documents one call changes. */
const BATCH = 500;
/** MongoDB's Unauthorized: `collMod` needs the role dbAdmin. */
const UNAUTHORIZED = 13;

/**
 * Adds the account to documents without one, from the document that they belong to. Nothing that would lack it is
 * stored from then on: processes of the version before, which may still be running, can't write such documents any
 * longer, if the database's user may set this rule. Safe to repeat.
 *
 * @param of the owners, and the field with an owner's ID
 */
export async function fillAccounts(
  collection: Collection,
  of: { readonly owners: Collection; readonly field: string },
): Promise<void> {
  await requireAccount(collection);
  let batch: Owner[] = [];
  for await (const owner of of.owners.find<Owner>({}, { projection: { accountId: 1 } })) {
    batch.push(owner);
    if (batch.length < BATCH) continue;
    await fill(collection, of.field, batch);
    batch = [];
  }
  if (batch.length > 0) await fill(collection, of.field, batch);
}

async function fill(collection: Collection, field: string, owners: readonly Owner[]): Promise<void> {
  await collection.bulkWrite(
    owners.map(({ _id, accountId }) => ({
      updateMany: { filter: { [field]: _id, accountId: { $exists: false } }, update: { $set: { accountId } } },
    })),
    { ordered: false },
  );
}

async function requireAccount({ collectionName }: Collection): Promise<void> {
  const { db } = mongoose.connection;
  try {
    await db?.command({ collMod: collectionName, validator: { accountId: { $type: 'string' } } });
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== UNAUTHORIZED) throw error;
  }
}
