import mongoose from 'mongoose';

type Doc = Record<string, unknown>;

/** Every document of the database, by collection. */
export type KeptState = ReadonlyMap<string, readonly Doc[]>;

/** Collections that record who works on what, and which requests were carried out. They aren't effects themselves. */
const BOOKKEEPING: readonly string[] = ['done_requests', 'once', 'holds', 'leases', 'job_runs', 'secrets'];
/** IDs, codes and hashes that differ from run to run. */
const RANDOM =
  /(?<=:)[0-9A-Z]{12}|\b[a-z]+_[0-9A-Za-z-]{8,}|[0-9a-f]{16,}|[0-9A-Z]{4}(-[0-9A-Z]{4}){2}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

export async function keepState(): Promise<KeptState> {
  const collections = (await mongoose.connection.db?.collections()) ?? [];
  const kept = await Promise.all(
    collections.map(
      async (collection) => [collection.collectionName, await collection.find({}).sort({ _id: 1 }).toArray()] as const,
    ),
  );
  return new Map(kept);
}

/** Reverts changes made since. */
export async function restoreState(to: KeptState, from: KeptState): Promise<void> {
  for (const [name, docs] of from) {
    const before = to.get(name) ?? [];
    if (JSON.stringify(before) === JSON.stringify(docs)) continue;
    const collection = mongoose.connection.collection(name);
    await collection.deleteMany({});
    if (before.length > 0) await collection.insertMany([...before]);
  }
}

/** The documents that were added, changed (`-` before, `+` after) or removed, by collection, without random values. */
export function differences(before: KeptState, after: KeptState): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [name, docs] of after) {
    if (BOOKKEEPING.includes(name)) continue;
    const [left, right] = [texts(before.get(name) ?? []), texts(docs)];
    const [gone, come] = [minus(left, right), minus(right, left)];
    if (gone.length + come.length > 0)
      found[name] = [...gone.map((text) => `- ${text}`), ...come.map((text) => `+ ${text}`)];
  }
  return found;
}

function texts(docs: readonly Doc[]): string[] {
  // dated by the machine's clock, which no test sets
  return docs.map(({ changedAt: _, ...doc }) => JSON.stringify(doc)).sort();
}

function minus(these: readonly string[], those: readonly string[]): string[] {
  const left = [...those];
  return these
    .flatMap((text) => {
      const at = left.indexOf(text);
      if (at < 0) return [text.replace(RANDOM, 'ID')];
      left.splice(at, 1);
      return [];
    })
    .sort();
}
