import { setImmediate as pause } from 'node:timers/promises';

/** After this many rows, answers of the database have a turn. */
const SLICE = 50;

/** Collects items into batches. While a batch is used, the next one is collected; never more than that. */
export async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[], void> {
  const batches = collected(items, size);
  let next = batches.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = batches.next();
      // an error is reported when it is this batch's turn
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await next.catch(() => undefined);
    await batches.return();
  }
}

async function* collected<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[], void> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length % SLICE === 0) await pause();
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
