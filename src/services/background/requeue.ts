import { endItemPause } from '../../store/background/item-failures.ts';
import { assertOperator } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { inTransaction } from '../kit/transaction.ts';

/**
 * Ends the pause of an item on which background jobs fail, so that the next run retries it. Earlier failures still
 * count: after another one, it is postponed again. Written to its account's event log, or to this process's log if it
 * belongs to no account. Safe to repeat.
 *
 * @returns whether the item has failed
 * @throws {Error} for anyone but the operator
 */
export async function requeueItem(ctx: Ctx, kind: string, item: string): Promise<boolean> {
  assertOperator(ctx);
  const failure = await inTransaction(ctx, async (tx) => {
    const found = await endItemPause(tx, `${kind}:${item}`);
    if (found?.accountId) {
      await tx.record({
        accountId: found.accountId,
        type: 'background_task_requeued',
        description: 'Requested a retry of a failed background task',
        after: { kind, item },
      });
    }
    return found;
  });
  if (failure && !failure.accountId) ctx.log.warn({ kind, item }, 'a retry of a failed background task was requested');
  return failure !== null;
}
