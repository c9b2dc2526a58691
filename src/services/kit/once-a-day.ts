import { createHash } from 'node:crypto';
import { claimOnce, unclaimOnce, wasClaimed } from '../../store/kit/done-once.ts';
import type { Ctx } from './context.ts';

/**
 * Does something at most once for a key within a day, over all processes: for what Slack has no idempotency key, such as
 * an upload, and may ask for twice. What fails may be asked for again; a process that is killed on the way is not made up
 * for, since a person is there to ask again.
 *
 * @returns undefined when it was done before, or is being done
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
 * Does something until it has worked for a key, and then no more within a day. What nobody would ask for again: it is
 * done once more rather than never when a process is killed in between, or when nobody can tell whether it has worked.
 * To be called in one process at a time.
 */
export async function untilDone(ctx: Pick<Ctx, 'clock'>, key: string, work: () => Promise<unknown>): Promise<void> {
  const id = idOf(key);
  if (await wasClaimed(id)) return;
  await work();
  await claimOnce(id, ctx.clock.now());
}

/** A trigger is a secret for as long as it lives. */
function idOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
