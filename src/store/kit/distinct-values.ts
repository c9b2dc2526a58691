import type { PipelineStage } from 'mongoose';

/** The part of a model that `distinctValues` uses. */
interface Aggregates {
  aggregate<T>(pipeline: PipelineStage[]): PromiseLike<T[]>;
}

/**
 * The different values of a field, unordered. Used instead of MongoDB's `distinct` command, which isn't allowed on
 * sharded collections in transactions. The field must be present in all documents that match, and no list.
 */
export async function distinctValues<T = string>(
  model: Aggregates,
  field: string,
  filter: PipelineStage.Match['$match'],
): Promise<T[]> {
  const values = await model.aggregate<{ _id: T }>([{ $match: filter }, { $group: { _id: `$${field}` } }]);
  return values.map(({ _id }) => _id);
}
