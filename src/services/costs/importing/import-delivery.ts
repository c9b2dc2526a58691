import type { ImportDelivery, ImportDoc } from '../../../store/costs/imports.ts';
import { bookedPeriods, loadInPlaceOf, loadsStagedBy, stagedLoad, touchLoad } from '../../../store/costs/loads.ts';
import { issuedCounts } from '../../../store/invoicing/issued-counts.ts';
import { fenceLease } from '../../../store/kit/leases.ts';
import { inChange } from '../../kit/account-change.ts';
import type { Ctx } from '../../kit/context.ts';
import type { Change } from '../../kit/transaction.ts';
import { type BatchRun, importTakenOver } from '../cost-batch.ts';

/** When a person has to confirm a replacement; see `ImportInput`. */
export type Confirmation = 'if_complete' | 'ask' | 'ask_if_doubtful' | 'given';

/** A load by its identity. */
export interface LoadIdentity {
  readonly source: string;
  readonly billingMonth: string;
}

/** How the import of a delivery has ended. */
export type DeliveryEnd = Pick<ImportDoc, 'state' | 'counts' | 'changes' | 'changeCount' | 'doubts'> & {
  /** The import's ID. */
  readonly id: string;
  readonly loads: readonly LoadIdentity[];
};

/** What the import of a source's files adds to an import of files by a person. */
export interface DeliveryRun {
  readonly of: ImportDelivery;
  /** What it is called, instead of the names of its files. */
  readonly title: string;
  /** Why its files may be incomplete, in sentences. A person is asked then if costs would change. */
  readonly doubts: readonly string[];
  /**
   * Called once all rows are staged. @param staged the loads that the files contain @param rows how many rows were read
   * @returns the loads that it delivered before, which are replaced even if the files have no rows of them any longer
   * @throws {Refusal} for files that can't be booked
   */
  check(staged: readonly LoadIdentity[], rows: number): Promise<readonly LoadIdentity[]>;
  /** Part of the transaction in which the import ends. */
  ended(tx: Change, end: DeliveryEnd): Promise<void>;
}

/** Stages nothing for what was delivered before and isn't any longer, so that the delivery is replaced as a whole. */
export async function stageRest(ctx: Ctx, run: BatchRun, delivery: DeliveryRun, rows: number): Promise<void> {
  const { accountId, lease } = run;
  const staged = await loadsStagedBy(accountId, lease.token);
  const before = await delivery.check(staged, rows);
  const isStaged = ({ source, billingMonth }: LoadIdentity) =>
    staged.some((load) => load.source === source && load.billingMonth === billingMonth);
  const gone = before.filter((load) => !isStaged(load));
  if (gone.length === 0) return;
  await inChange(ctx, accountId, 'issue', async (tx) => {
    if (!(await fenceLease(tx, lease))) throw importTakenOver();
    for (const { source, billingMonth } of gone) {
      const load = await stagedLoad(tx, accountId, source, billingMonth, lease.token);
      if (!(await touchLoad(tx, load, lease.token, []))) throw importTakenOver();
    }
  });
}

/**
 * Counts the invoices of the periods of the costs that a delivery will replace, so that it is noticed if these costs
 * are invoiced between now and the replacement. Otherwise they would be dropped without a reversal.
 */
export async function countReplaced({ accountId, lease, issued }: BatchRun): Promise<void> {
  for (const staged of await loadsStagedBy(accountId, lease.token)) {
    const active = staged.over && (await loadInPlaceOf(staged));
    if (!active) continue;
    const news = (await bookedPeriods(active)).filter((period) => !issued.has(period));
    const counts = await issuedCounts(accountId, news);
    for (const period of news) issued.set(period, counts[period] ?? 0);
  }
}

/** Whether a replacement has to wait for a person. */
export function isToBeAsked(
  confirmation: Confirmation,
  { changeCount, doubts }: { readonly changeCount: number; readonly doubts: readonly string[] },
): boolean {
  if (confirmation === 'ask') return changeCount > 0 || doubts.length > 0;
  return confirmation === 'ask_if_doubtful' && doubts.length > 0;
}
