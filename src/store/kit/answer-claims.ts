import { DoneRequests, hasChangedSomething, requestIdOf } from './request-keys.ts';
import { isDuplicateKey } from './transaction.ts';

/** Thrown instead of answering a request that another run has answered, or is answering. */
export class AnsweredBefore extends Error {
  override readonly name = 'AnsweredBefore';
}

/**
 * Whether a run may answer a request, so that a question delivered to several processes is answered by one: the run
 * that changed something for it, or else the first that asks. Atomic, outside of a transaction.
 *
 * @param key the same when this very request is delivered again
 * @param by identifies this run
 */
export async function claimAnswer(key: string, by: string): Promise<boolean> {
  if (hasChangedSomething()) return true;
  const _id = idOf(key);
  try {
    await DoneRequests.create([{ _id, by, at: new Date() }]);
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  return (await DoneRequests.exists({ _id, by })) !== null;
}

/** Lets another run answer, because this one failed. */
export async function releaseAnswer(key: string, by: string): Promise<void> {
  await DoneRequests.deleteOne({ _id: idOf(key), by });
}

function idOf(key: string): string {
  return requestIdOf(`answer ${key}`);
}
