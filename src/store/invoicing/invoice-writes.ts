import type { PipelineStage } from 'mongoose';
import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import type { Period } from '../../billing/period/period.ts';
import type { Tx } from '../kit/transaction.ts';
import type { InvoicesOf } from './invoice-reads.ts';
import { type InvoiceDoc, type InvoiceLife, Invoices } from './invoices.ts';

/** Stores new estimates. @throws a duplicate key when another process was quicker */
export async function insertEstimates(_tx: Tx, estimates: readonly InvoiceDoc[]): Promise<void> {
  await Invoices.insertMany(estimates);
}

/** It waits since the first touch, however often it is touched before it has its turn. Each touch writes the document. */
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

/** Sets when a period begins and ends on all invoices and estimates of an account for it. */
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

/** Puts a draft in place of the estimate that it was; nothing happens where that is no estimate any more. */
export async function freezeEstimate(_tx: Tx, draft: InvoiceDoc): Promise<void> {
  await Invoices.replaceOne({ _id: draft._id, accountId: draft.accountId, state: 'estimate' }, draft);
}

/** Stores an estimate whole, as it is held back. */
export async function replaceEstimate(_tx: Tx, estimate: InvoiceDoc): Promise<void> {
  await Invoices.replaceOne({ _id: estimate._id, accountId: estimate.accountId }, estimate);
}

/** Issues a draft; nothing happens to what is none any more. */
export async function issueDraft(
  _tx: Tx,
  accountId: string,
  id: string,
  issued: Pick<InvoiceDoc, 'state' | 'balance'> & Required<Pick<InvoiceDoc, 'issuedAt' | 'dueAt'>>,
): Promise<void> {
  await Invoices.updateOne({ _id: id, accountId, state: 'draft' }, { $set: issued });
}

/**
 * Takes an issued invoice a step on, if it is still in the state and at the step in which it was read.
 *
 * @returns whether it was
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

/** Has all due invoices of an account or of a group that wait for the next card charge wait no longer. */
export async function endWaitingForCharge(_tx: Tx, { accountId, billingGroupId }: InvoicesOf): Promise<void> {
  await Invoices.updateMany(
    {
      ...{ accountId, state: 'due', 'life.notCharged': { $exists: true } },
      ...(billingGroupId !== undefined && { billingGroupId }),
    },
    { $unset: { 'life.notCharged': '' }, $inc: { 'life.steps': 1 } },
  );
}
