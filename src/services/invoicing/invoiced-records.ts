import type { Period } from '../../billing/period/period.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { eachBookedIn, insertCosts } from '../../store/costs/cost-records.ts';
import type { CostDoc, LoadDoc } from '../../store/costs/costs.ts';
import { bookedPeriods, bookingsLike, loadsStagedBy, recordsLike, touchLoad } from '../../store/costs/loads.ts';
import { latestNextPeriod } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { issuedCounts } from '../../store/invoicing/issued-counts.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { fenceLease } from '../../store/kit/leases.ts';
import { type BatchRun, importTakenOver } from '../costs/cost-batch.ts';
import { bookingOf, earliestStart, groupsOf, isInvoiced, type Payer, payersOf } from '../costs/cost-booking.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import { touchEstimates } from './estimates.ts';

/** How many records one transaction reads. */
const BATCH = 1000;
/** The prefix of the hash of a reversal record. No row of a file has such a hash. */
const TAKEN_BACK = '-';

/**
 * Adds reversals to staged costs for records that are on issued invoices and that the new file no longer contains.
 * Issued invoices never change, so such a record stays, and a second record reverses it on the paying group's next
 * invoice.
 */
export async function keepInvoicedRecords(ctx: Ctx, run: BatchRun): Promise<void> {
  const { accountId } = run;
  const latest = await latestNextPeriod(accountId);
  if (latest === undefined) return;
  for (const staged of await loadsStagedBy(accountId, run.lease.token)) {
    if (!staged.over) continue;
    const { loadId } = staged.over;
    const closed = (await bookedPeriods({ _id: loadId, accountId })).filter((period) => period < latest);
    if (closed.length === 0) continue;
    let batch: CostDoc[] = [];
    for await (const record of eachBookedIn(accountId, loadId, closed)) {
      if (batch.push(record) < BATCH) continue;
      await keepBatch(ctx, run, staged, batch);
      batch = [];
    }
    await keepBatch(ctx, run, staged, batch);
  }
}

async function keepBatch(ctx: Ctx, run: BatchRun, staged: LoadDoc, records: readonly CostDoc[]): Promise<void> {
  if (records.length === 0) return;
  const issued = await inChange(ctx, run.accountId, 'issue', async (tx, { account }) => {
    if (!(await fenceLease(tx, run.lease))) throw importTakenOver();
    const inFile = await rowsOfFile(run, staged, records);
    const gone = records.filter((record) => !inFile.has(identity(record)));
    if (gone.length === 0) return {};
    const projectIds = [...new Set(gone.map(({ projectId }) => projectId))];
    const payers = await payersOf(tx, account._id, projectIds, earliestStart(account, tx.clock.now()));
    const groups = await groupsOf(account._id, gone);
    const kept = gone
      .map((record) => ({ record, payer: payers(record.projectId, record.begin, record.ownPeriod ?? record.period) }))
      .filter(({ record, payer }) => isInvoiced(record, payer.holder, groups));
    if (kept.length === 0) return {};
    const news = await touchPayers(tx, run, account, kept);
    const taken = await takenBackBefore(staged, gone);
    const isSettled = ({ hash, ordinal }: CostDoc) =>
      hash.startsWith(TAKEN_BACK)
        ? !inFile.has(identity({ hash: hash.slice(1), ordinal }))
        : taken.has(identity({ hash, ordinal }));
    await insertCosts(
      tx,
      kept.flatMap(({ record, payer }) =>
        isSettled(record) ? [copyOf(record, staged)] : [copyOf(record, staged), takingBack(record, payer, staged)],
      ),
    );
    if (!(await touchLoad(tx, staged, run.lease.token, []))) throw importTakenOver();
    return news;
  });
  for (const [period, count] of Object.entries(issued)) run.issued.set(period as Period, count);
}

/** @returns how many invoices each period had, for periods in which nothing was staged before */
async function touchPayers(tx: Change, run: BatchRun, account: AccountDoc, kept: readonly { readonly payer: Payer }[]) {
  const touched = new Map<Period, Map<string, GroupDoc>>();
  for (const { payer } of kept) {
    const groups = touched.get(payer.group.nextPeriod) ?? new Map<string, GroupDoc>();
    touched.set(payer.group.nextPeriod, groups.set(payer.group._id, payer.group));
  }
  for (const [period, groups] of touched) await touchEstimates(tx, account, period, [...groups.values()]);
  return issuedCounts(
    run.accountId,
    [...touched.keys()].filter((period) => !run.issued.has(period)),
  );
}

/** Which of the records, or of the records they reverse, are in the new file. */
async function rowsOfFile(run: BatchRun, staged: LoadDoc, records: readonly CostDoc[]): Promise<Set<string>> {
  const hashes = records.flatMap(({ hash }) => (hash.startsWith(TAKEN_BACK) ? [hash, hash.slice(1)] : [hash]));
  const there = await recordsLike(staged, [...new Set(hashes)]);
  return new Set(there.filter(({ seenBy }) => seenBy === run.lease.token).map(identity));
}

/** Which of the records are already reversed on an issued invoice. */
async function takenBackBefore({ accountId, over }: LoadDoc, gone: readonly CostDoc[]): Promise<Set<string>> {
  if (!over) return new Set();
  const records = await bookingsLike({ _id: over.loadId, accountId }, [
    ...new Set(gone.map(({ hash }) => `${TAKEN_BACK}${hash}`)),
  ]);
  const groups = await groupsOf(accountId, records);
  const issued = records.filter(
    ({ billingGroupId = '', period }) => period < (groups.get(billingGroupId)?.nextPeriod ?? ''),
  );
  return new Set(issued.map(({ hash, ordinal }) => identity({ hash: hash.slice(1), ordinal })));
}

/** The record as it is on its invoice, marked as not seen by any import, because the new file doesn't contain it. */
function copyOf({ _id, ...record }: CostDoc, staged: LoadDoc): Omit<CostDoc, '_id'> {
  return { ...record, loadId: staged._id, seenBy: 0 };
}

function takingBack(record: CostDoc, payer: Payer, staged: LoadDoc): Omit<CostDoc, '_id'> {
  return {
    ...copyOf(record, staged),
    ...bookingOf({ ...payer, late: true }, record.ownPeriod ?? record.period),
    hash: `${TAKEN_BACK}${record.hash}`,
    amount: toDecimal128(fromDecimal128(record.amount).negated()),
    description: `Taken back: ${record.description}`,
  };
}

function identity({ hash, ordinal }: Pick<CostDoc, 'hash' | 'ordinal'>): string {
  return `${hash} ${ordinal}`;
}
