import mongoose from 'mongoose';

/** The version of the stored data: the number of the last migration that was run. */
interface SchemaVersionDoc {
  readonly _id: 'schema';
  readonly version: number;
  /** When it was run, by the database's clock. */
  readonly migratedAt?: Date;
}

const { Schema } = mongoose;

const schemaVersionSchema = new Schema<SchemaVersionDoc>(
  {
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    migratedAt: { type: Date },
  },
  { collection: 'schema_versions', versionKey: false },
);

export const SchemaVersions = mongoose.model('SchemaVersion', schemaVersionSchema);

/**
 * The number of the last migration that was run: 0 in a new database, and in one from before migrations were numbered.
 */
export async function readSchemaVersion(): Promise<number> {
  const stored = await SchemaVersions.findById('schema').lean();
  return stored?.version ?? 0;
}

/** Records a migration, unless another process has already done so. @returns whether it was recorded */
export async function raiseSchemaVersion(to: number): Promise<boolean> {
  await SchemaVersions.updateOne({ _id: 'schema' }, { $setOnInsert: { version: 0 } }, { upsert: true });
  const { matchedCount } = await SchemaVersions.updateOne(
    { _id: 'schema', version: to - 1 },
    [{ $set: { version: to, migratedAt: '$$NOW' } }],
    { updatePipeline: true },
  );
  return matchedCount === 1;
}
