import { createHash } from 'node:crypto';
import { claimOnce, unclaimOnce } from '../../store/kit/done-once.ts';
import type { Ctx } from './context.ts';

/**
 * Does something at most once for a key within a day, over all processes: for what Slack has no idempotency key, such as
 * an upload, and may ask for twice. What fails may be asked for again; a process that is killed on the way is not made up
 * for, since a person is there to ask again.
 *
 * @returns undefined when it was done before, or is being done
 */
export async function once<T>(ctx: Pick<Ctx, 'clock'>, key: string, work: () => Promise<T>): Promise<T | undefined> {
  // a trigger is a secret for as long as it lives
  const id = createHash('sha256').update(key).digest('hex');
  if (!(await claimOnce(id, ctx.clock.now()))) return undefined;
  try {
    return await work();
  } catch (error) {
    await unclaimOnce(id);
    throw error;
  }
}
