import mongoose from 'mongoose';

type Doc = Record<string, unknown>;

/** Collections that record who works on what, and which requests were carried out. They aren't effects themselves. */
const BOOKKEEPING: readonly string[] = ['done_requests', 'once', 'holds', 'leases', 'job_runs', 'secrets'];
/** IDs, codes and hashes that differ from run to run. */
const RANDOM =
  /(?<=:)[0-9A-Z]{12}|\b[a-z]+_[0-9A-Za-z-]{8,}|[0-9a-f]{16,}|[0-9A-Z]{4}(-[0-9A-Z]{4}){2}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The commands that change a collection. */
const WRITES: readonly string[] = ['insert', 'update', 'delete', 'findAndModify'];

/**
 * The database as it was, to compare with and to go back to. It reads only the collections that were written to
 * meanwhile, since a test that compares all of them after each of hundreds of steps does little else.
 */
export class StoredState {
  private readonly docs = new Map<string, readonly Doc[]>();
  private readonly written = new Set<string>();

  private constructor() {
    mongoose.connection.getClient().on('commandStarted', ({ commandName, command }) => {
      if (WRITES.includes(commandName)) this.written.add(String(command[commandName]));
    });
  }

  /** Of mongoose's connection, which must be created with `monitorCommands`. */
  static async now(): Promise<StoredState> {
    const state = new StoredState();
    for (const { collectionName } of (await mongoose.connection.db?.collections()) ?? []) {
      state.docs.set(collectionName, await documentsOf(collectionName));
    }
    state.written.clear();
    return state;
  }

  /**
   * Reverts what has been written since.
   * @returns the documents that were added, changed (`-` before, `+` after) or removed, by collection, without random
   * values and bookkeeping
   */
  async revert(): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for (const name of [...this.written].sort()) {
      const [before, after] = [this.docs.get(name) ?? [], await documentsOf(name)];
      const changes = differences(before, after);
      if (changes.length > 0 && !BOOKKEEPING.includes(name)) found[name] = changes;
      await putBack(name, before, after);
    }
    this.written.clear();
    return found;
  }
}

function documentsOf(collection: string): Promise<Doc[]> {
  return mongoose.connection.collection(collection).find({}).sort({ _id: 1 }).toArray();
}

async function putBack(name: string, before: readonly Doc[], after: readonly Doc[]): Promise<void> {
  const [kept, found] = [new Set(before.map(asText)), new Set(after.map(asText))];
  const collection = mongoose.connection.collection(name);
  const wrong = after.filter((doc) => !kept.has(asText(doc)));
  const missing = before.filter((doc) => !found.has(asText(doc)));
  if (wrong.length > 0) await collection.deleteMany({ _id: { $in: wrong.map(({ _id }) => _id as never) } });
  if (missing.length > 0) await collection.insertMany([...missing]);
}

function differences(before: readonly Doc[], after: readonly Doc[]): string[] {
  const [left, right] = [texts(before), texts(after)];
  const [gone, come] = [minus(left, right), minus(right, left)];
  return [...gone.map((text) => `- ${text}`), ...come.map((text) => `+ ${text}`)];
}

function asText(doc: Doc): string {
  return JSON.stringify(doc);
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
