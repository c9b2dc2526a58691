import { count } from '../../billing/money/count.ts';
import type { StoredObject } from '../../billing/source/deliveries.ts';
import { type SourceStorage, StorageFault } from './source-storage.ts';

type Bytes = AsyncIterable<Uint8Array>;

export interface StorageLimits {
  /** The most files that are looked at. */
  readonly maxObjects: number;
  /** The largest file as it is stored, in bytes. */
  readonly maxBytes: number;
  /** The longest wait for an answer, or for the next part of one, in milliseconds. */
  readonly waitMs: number;
}

export const STORAGE_LIMITS: StorageLimits = { maxObjects: 100_000, maxBytes: 5 * 1024 ** 3, waitMs: 60_000 };

/** All files of a storage. @throws {StorageFault} also for more than the limit */
export async function listAll(storage: SourceStorage, limits = STORAGE_LIMITS): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of patiently(storage.list(), limits.waitMs)) {
    if (objects.push(object) <= limits.maxObjects) continue;
    throw new StorageFault(
      'too_large',
      `There are more than ${count(limits.maxObjects, 'file')}. Choose a longer prefix.`,
    );
  }
  return objects;
}

/**
 * A file's bytes, as long as they keep coming and aren't too many. The time that their reader takes doesn't count.
 *
 * @throws {StorageFault}
 */
export async function openGuarded(
  storage: SourceStorage,
  object: StoredObject,
  limits = STORAGE_LIMITS,
): Promise<Bytes> {
  if ((object.size ?? 0) > limits.maxBytes) throw tooLarge(object, limits);
  const bytes = await inTime(opened(storage, object), limits.waitMs);
  return counted(patiently(bytes, limits.waitMs), object, limits);
}

/** A file that was listed and isn't there any longer has changed. */
async function opened(storage: SourceStorage, object: StoredObject): Promise<Bytes> {
  try {
    return await storage.open(object);
  } catch (error) {
    if (!(error instanceof StorageFault && error.kind === 'missing')) throw error;
    throw new StorageFault('changed', `The file ${object.key} was deleted while it was being read.`, error);
  }
}

async function* counted(bytes: Bytes, object: StoredObject, limits: StorageLimits): AsyncGenerator<Uint8Array, void> {
  let read = 0;
  for await (const chunk of bytes) {
    read += chunk.length;
    if (read > limits.maxBytes) throw tooLarge(object, limits);
    yield chunk;
  }
}

function tooLarge({ key }: StoredObject, { maxBytes }: StorageLimits): StorageFault {
  const most = maxBytes >= 1024 ** 3 ? `${maxBytes / 1024 ** 3} GB` : `${Math.floor(maxBytes / 1024)} KB`;
  return new StorageFault('too_large', `The file ${key} has more than ${most}, which is the most for one file.`);
}

/** The same items, none of which may take longer than a while. */
async function* patiently<T>(items: AsyncIterable<T>, waitMs: number): AsyncGenerator<T, void> {
  const iterator = items[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const next = await inTime(iterator.next(), waitMs);
      if (next.done) {
        isOver = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // not waited for: a server that doesn't answer can't keep it open
    if (!isOver) void iterator.return?.()?.catch(() => undefined);
  }
}

async function inTime<T>(work: Promise<T>, waitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const seconds = Math.ceil(waitMs / 1000);
    const fault = new StorageFault('slow', `The server hasn’t answered for ${seconds} seconds.`);
    timer = setTimeout(() => reject(fault), waitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // its failure after the time is up is nobody's concern
    work.catch(() => undefined);
  }
}
