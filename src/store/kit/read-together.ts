import type { Aggregate, PipelineStage } from 'mongoose';

/** Documents to be read from a collection. Filters aren't cast, so they must have the types that are stored. */
export interface Source<T> {
  readonly from: Readable;
  readonly where: PipelineStage.Match['$match'];
  /** What is done with what was found, such as a projection. */
  readonly stages?: readonly (PipelineStage.Lookup | PipelineStage.Project | PipelineStage.Group)[];
  /** Never set: the type of the documents, for the compiler. */
  readonly gives?: T;
}

/** A model, whatever its documents are. */
interface Readable {
  readonly collection: { readonly collectionName: string };
  aggregate<R>(pipeline: PipelineStage[]): Aggregate<R[]>;
}

type Sources = Readonly<Record<string, Source<unknown>>>;

/** What sources contain, each under its name. */
type Contents<S extends Sources> = {
  readonly [K in keyof S]: S[K] extends Source<infer T> ? readonly T[] : never;
};

/** How many documents the database returns at once where all are needed; fewer if they have more than 16 MB. */
export const MANY = 100_000;

/** Reads several sources with one command, as of one instant. Each is read as if alone, unordered. */
export async function readTogether<S extends Sources>(sources: S): Promise<Contents<S>> {
  const found: Record<string, unknown[]> = {};
  for (const name of Object.keys(sources)) found[name] = [];
  const [first, ...others] = Object.entries(sources);
  if (!first) throw new Error('Nothing to read');
  const rows = await first[1].from
    .aggregate<{ name: string; doc: unknown }>([
      ...named(first),
      ...others.map((other) => ({
        $unionWith: { coll: other[1].from.collection.collectionName, pipeline: named(other) },
      })),
    ])
    .option({ batchSize: MANY });
  for (const { name, doc } of rows) found[name]?.push(doc);
  return found as unknown as Contents<S>;
}

function named([name, { where, stages = [] }]: [string, Source<unknown>]) {
  return [{ $match: where }, ...stages, { $replaceRoot: { newRoot: { name: { $literal: name }, doc: '$$ROOT' } } }];
}
