import { Refusal } from '../../billing/refusal.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import type { LoadDoc } from '../../store/costs/costs.ts';
import {
  accountsWithUnsummedLoads,
  unsummedLoads,
  unsummedLoadsOf,
  useSums,
  writeSums,
} from '../../store/costs/stored-sums.ts';
import { fenceLease, type Lease } from '../../store/kit/leases.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import type { Ctx } from '../kit/context.ts';
import { inTransaction } from '../kit/transaction.ts';
import { importTakenOver } from './cost-batch.ts';
import { aloneInAccount } from './import-queue.ts';

/** How long the account's imports are locked without a sign of life, in milliseconds. */
const LEASE_MS = 12_000;
const SUMMING: Loop<string> = {
  kind: 'sum-costs',
  whole: 'everywhere',
  name: (accountId) => ({ id: accountId, accountId }),
  most: 20,
  inTurn: true,
};

/**
 * Computes and stores the sums of the loads that an import has written. Until then, and after a kill, they are summed
 * from their records.
 *
 * @throws {Refusal} `import_running` if another import has taken over
 */
export async function sumWritten(ctx: Ctx, accountId: string, lease: Lease): Promise<void> {
  for (const load of await unsummedLoadsOf(accountId, lease.token)) await sumLoad(ctx, load, lease);
}

/** Computes what killed imports and earlier versions left undone. Skips accounts in which an import is running. */
export async function fillSums(ctx: Ctx): Promise<void> {
  await eachOfAll(ctx, SUMMING, await accountsWithUnsummedLoads(), async (accountId) => {
    try {
      await aloneInAccount(ctx, accountId, LEASE_MS, async (lease) => {
        for (const load of await unsummedLoads(accountId)) await sumLoad(ctx, load, lease);
      });
    } catch (error) {
      // it computes the sums itself at its end
      if (!(error instanceof Refusal && error.code === 'import_running')) throw error;
    }
  });
}

async function sumLoad(ctx: Ctx, load: LoadDoc, lease: Lease): Promise<void> {
  const { timeZone } = await accountOrFail(load.accountId);
  const sums = await writeSums(load, timeZone);
  await inTransaction(ctx, async (tx) => {
    // nobody has added records since they were summed
    if (!(await fenceLease(tx, lease))) throw importTakenOver();
    await useSums(tx, load, sums);
  });
}
