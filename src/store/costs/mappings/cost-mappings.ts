import mongoose from 'mongoose';
import type { CostMapping } from '../../../billing/cost/cost-mapping.ts';
import { count, instant, text } from '../../kit/schema-fields.ts';
import type { Tx } from '../../kit/transaction.ts';

/** How a kind of cost file is read, as a person of an account has said it. */
export interface CostMappingDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly name: string;
  /** The name in the form used for comparison. */
  readonly nameKey: string;
  /** Names the source of the costs. Stays the same when the mapping is renamed. */
  readonly source: string;
  readonly reading: Omit<CostMapping, 'name' | 'source'>;
  readonly changes: number;
  readonly createdAt: Date;
}

const { Schema } = mongoose;

const costMappingSchema = new Schema<CostMappingDoc>(
  {
    ...{ _id: text, accountId: text, name: text, nameKey: text, source: text },
    reading: { type: Schema.Types.Mixed, required: true },
    changes: count,
    createdAt: instant,
  },
  { collection: 'cost_mappings', versionKey: false, minimize: false },
)
  .index({ accountId: 1, nameKey: 1 }, { unique: true, name: 'mapping_name' })
  .index({ accountId: 1, source: 1 }, { unique: true, name: 'mapping_source' });

export const CostMappings = mongoose.model('CostMapping', costMappingSchema);

/** An account's mappings in the order of their names. */
export async function mappingsByName(accountId: string): Promise<CostMappingDoc[]> {
  return CostMappings.find({ accountId }).sort({ nameKey: 1 }).lean();
}

export async function insertMapping(_tx: Tx, doc: CostMappingDoc): Promise<void> {
  await CostMappings.create([doc]);
}

/** Changes a mapping that hasn't changed since it was read. @returns whether it was still the same */
export async function updateMapping(
  _tx: Tx,
  { _id, accountId, changes }: Pick<CostMappingDoc, '_id' | 'accountId' | 'changes'>,
  to: Partial<Pick<CostMappingDoc, 'name' | 'nameKey' | 'reading'>>,
): Promise<boolean> {
  const { matchedCount } = await CostMappings.updateOne(
    { _id, accountId, changes },
    { $set: to, $inc: { changes: 1 } },
  );
  return matchedCount > 0;
}

export async function deleteMapping(_tx: Tx, accountId: string, id: string): Promise<boolean> {
  const { deletedCount } = await CostMappings.deleteOne({ _id: id, accountId });
  return deletedCount > 0;
}
