import { createHash } from 'node:crypto';
import { claimOnce, unclaimOnce, wasClaimed } from '../../store/kit/done-once.ts';
import type { Ctx } from './context.ts';

/**
 * Does something at most once per key within a day, over all processes. For requests without an idempotency key that
 * Slack may send twice, such as an upload. After a failure, it can be requested again. If the process is killed, it
 * isn't retried automatically, because a person can ask again.
 *
 * @returns undefined if it was already done or is being done
 */
export async function once<T>(ctx: Pick<Ctx, 'clock'>, key: string, work: () => Promise<T>): Promise<T | undefined> {
  const id = idOf(key);
  if (!(await claimOnce(id, ctx.clock.now()))) return undefined;
  try {
    return await work();
  } catch (error) {
    await unclaimOnce(id);
    throw error;
  }
}

/**
 * Does something until it has succeeded for a key, and then not again within a day. For work that nobody would ask for
 * again: it is done twice rather than never if a process is killed, or if it is unknown whether it succeeded. Must be
 * called in one process at a time.
 */
export async function untilDone(ctx: Pick<Ctx, 'clock'>, key: string, work: () => Promise<unknown>): Promise<void> {
  const id = idOf(key);
  if (await wasClaimed(id)) return;
  await work();
  await claimOnce(id, ctx.clock.now());
}

/** A trigger is a secret as long as it is valid. */
function idOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
