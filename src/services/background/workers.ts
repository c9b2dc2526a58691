/**
 * Processes items in parallel, up to a number of them. Items with the same key are processed one at a time, in their
 * order. They don't take up the places of others while they wait: a worker that has one takes those behind it as well.
 *
 * @param keyOf undefined for an item that can be processed together with any other
 * @throws the first error, once the items in progress are done; no more are begun
 */
export async function workers<T extends object>(
  count: number,
  items: AsyncGenerator<T>,
  keyOf: (item: T) => string | undefined,
  work: (item: T) => Promise<void>,
): Promise<void> {
  /** The items behind those in progress, by key. */
  const behind = new Map<string, T[]>();
  let isStopped = false;
  const through = async (key: string | undefined, first: T) => {
    const queue: T[] = [];
    if (key !== undefined) behind.set(key, queue);
    for (let item: T | undefined = first; item !== undefined && !isStopped; item = queue.shift()) await work(item);
    // at once, before another worker can put an item there
    if (key !== undefined) behind.delete(key);
  };
  const one = async () => {
    for (;;) {
      const { done, value } = await items.next();
      if (done || isStopped) return;
      const key = keyOf(value);
      const waiting = key === undefined ? undefined : behind.get(key);
      if (waiting) {
        waiting.push(value);
        continue;
      }
      try {
        await through(key, value);
      } catch (error) {
        isStopped = true;
        await items.return(undefined);
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: count }, one));
  const fault = ended.find((end) => end.status === 'rejected');
  if (fault) throw fault.reason;
}
