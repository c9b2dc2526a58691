import type { PipelineStage } from 'mongoose';
import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import type { Period } from '../../billing/period/period.ts';
import type { Tx } from '../kit/transaction.ts';
import type { InvoicesOf } from './invoice-reads.ts';
import { invoicesNow } from './invoice-search.ts';
import { type InvoiceDoc, type InvoiceLife, Invoices } from './invoices.ts';

/** Stores new estimates. @throws a duplicate key error if another process was quicker */
export async function insertEstimates(_tx: Tx, estimates: readonly InvoiceDoc[]): Promise<void> {
  await Invoices.insertMany(estimates);
}

/**
 * Dates all invoices of a group as changed, because they are shown with something of the group that has changed. So
 * readers who ask for changes get them again.
 */
export async function redateInvoicesOf(_tx: Tx, accountId: string, billingGroupId: string): Promise<void> {
  const changedAt = invoicesNow();
  await Invoices.updateMany({ accountId, billingGroupId }, { $set: { changedAt } }, { timestamps: false });
}

/** Keeps the time of the first change, however often the estimate is marked. Each time writes the document. */
function touched(touchedAt: Date): PipelineStage.Set[] {
  const touches = { $add: [{ $ifNull: ['$touches', 0] }, 1] };
  return [{ $set: { touchedAt: { $ifNull: ['$touchedAt', touchedAt] }, touches } }];
}

/** Marks the estimates of groups for a period as out of date. @returns how many there are */
export async function touchEstimatesOf(
  _tx: Tx,
  accountId: string,
  groupIds: readonly string[],
  period: Period,
  touchedAt: Date,
): Promise<number> {
  const { matchedCount } = await Invoices.updateMany(
    { accountId, billingGroupId: { $in: [...groupIds] }, period, state: 'estimate' },
    touched(touchedAt),
    { updatePipeline: true },
  );
  return matchedCount;
}

/** Marks all estimates of an account or of a group as out of date. */
export async function touchAllEstimates(
  _tx: Tx,
  { accountId, billingGroupId }: InvoicesOf,
  touchedAt: Date,
): Promise<void> {
  await Invoices.updateMany(
    { accountId, ...(billingGroupId !== undefined && { billingGroupId }), state: 'estimate' },
    touched(touchedAt),
    { updatePipeline: true },
  );
}

/** Marks all estimates of an account for some periods as out of date. */
export async function touchEstimatesOfPeriods(
  _tx: Tx,
  accountId: string,
  periods: readonly Period[],
  touchedAt: Date,
): Promise<void> {
  await Invoices.updateMany({ accountId, period: { $in: [...periods] }, state: 'estimate' }, touched(touchedAt), {
    updatePipeline: true,
  });
}

/** Sets when a period begins and ends on all of an account's invoices and estimates for it. */
export async function setPeriodSpan(
  _tx: Tx,
  accountId: string,
  period: Period,
  span: Pick<InvoiceDoc, 'periodBegin' | 'periodEnd'>,
): Promise<void> {
  await Invoices.updateMany({ accountId, period }, { $set: span });
}

/** Stores an estimate's figures. */
export async function storeFigures(
  _tx: Tx,
  accountId: string,
  id: string,
  figures: Partial<InvoiceDoc>,
): Promise<void> {
  await Invoices.updateOne({ _id: id, accountId }, { $set: figures });
}

/** Turns estimates into drafts; does nothing with those that are no longer estimates. */
export async function freezeEstimates(_tx: Tx, drafts: readonly InvoiceDoc[]): Promise<void> {
  if (drafts.length === 0) return;
  await Invoices.bulkWrite(
    drafts.map(({ _id, accountId, ...draft }) => ({
      updateOne: { filter: { _id, accountId, state: 'estimate' as const }, update: { $set: draft } },
    })),
  );
}

/** Stores a complete estimate when it is held back. */
export async function replaceEstimate(_tx: Tx, estimate: InvoiceDoc): Promise<void> {
  await Invoices.replaceOne({ _id: estimate._id, accountId: estimate.accountId }, estimate);
}

/** What issuing a draft adds to it. */
export type Issued = Pick<InvoiceDoc, 'state' | 'balance'> & Required<Pick<InvoiceDoc, 'issuedAt' | 'dueAt'>>;

/** Issues drafts, by ID; does nothing with those that are no longer drafts. */
export async function issueDrafts(_tx: Tx, accountId: string, issued: ReadonlyMap<string, Issued>): Promise<void> {
  if (issued.size === 0) return;
  await Invoices.bulkWrite(
    [...issued].map(([_id, fields]) => ({
      updateOne: { filter: { _id, accountId, state: 'draft' as const }, update: { $set: fields } },
    })),
  );
}

/**
 * Applies a change to an issued invoice, if its state and step are still as they were when it was read.
 *
 * @returns whether it was applied
 */
export async function takeStep(
  _tx: Tx,
  invoice: Pick<InvoiceDoc, '_id' | 'accountId' | 'state' | 'life'>,
  to: { readonly state: InvoiceState; readonly life: InvoiceLife },
): Promise<boolean> {
  const { _id, accountId, state, life } = invoice;
  const steps = life?.steps ?? 0;
  const unchanged = steps === 0 ? { 'life.steps': { $exists: false } } : { 'life.steps': steps };
  const { matchedCount } = await Invoices.updateOne({ _id, accountId, state, ...unchanged }, { $set: to });
  return matchedCount > 0;
}

/** Makes all due invoices of an account or a group stop waiting for the next card charge. */
export async function endWaitingForCharge(_tx: Tx, { accountId, billingGroupId }: InvoicesOf): Promise<void> {
  await Invoices.updateMany(
    {
      ...{ accountId, state: 'due', 'life.notCharged': { $exists: true } },
      ...(billingGroupId !== undefined && { billingGroupId }),
    },
    { $unset: { 'life.notCharged': '' }, $inc: { 'life.steps': 1 } },
  );
}
