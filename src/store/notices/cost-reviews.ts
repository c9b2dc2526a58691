import mongoose from 'mongoose';
import type { Period } from '../../billing/period/period.ts';
import { Invoices } from '../invoicing/invoices.ts';
import { instant, maybeInstant, maybeText, text } from '../kit/schema-fields.ts';
import { isDuplicateKey, type Tx } from '../kit/transaction.ts';

/** Someone who is asked to look at the costs on an invoice, and their answer. */
export interface ReviewerDoc {
  readonly userId: string;
  /** The projects that they lead; empty for an approver, who is asked about the whole group. */
  readonly projectIds: readonly string[];
  /** Whether the change is so large that it has to be explained. */
  readonly needsReason: boolean;
  /** When they were sent the message, or couldn't be; null if not yet. */
  readonly toldAt: Date | null;
  readonly seenAt: Date | null;
  readonly reason: string | null;
}

/** The review of an issued invoice’s costs by the group’s approvers and the leads of its projects. */
export interface CostReviewDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly invoiceId: string;
  readonly period: Period;
  readonly startedAt: Date;
  /** Empty if there is nobody to ask. */
  readonly people: readonly ReviewerDoc[];
  /** Whether somebody hasn't been sent the message yet. */
  readonly untold?: true;
}

/** A person's review. */
export interface ReviewName {
  readonly accountId: string;
  readonly reviewId: string;
  readonly userId: string;
}

const { Schema } = mongoose;

const reviewerSchema = new Schema<ReviewerDoc>(
  {
    userId: text,
    projectIds: { type: [String], required: true },
    needsReason: { type: Boolean, required: true },
    toldAt: maybeInstant,
    seenAt: maybeInstant,
    reason: maybeText,
  },
  { _id: false },
);

const costReviewSchema = new Schema<CostReviewDoc>(
  {
    _id: text,
    accountId: text,
    billingGroupId: text,
    invoiceId: text,
    period: text,
    startedAt: instant,
    people: { type: [reviewerSchema], required: true },
    untold: { type: Boolean },
  },
  { collection: 'cost_reviews', versionKey: false },
)
  .index({ accountId: 1, invoiceId: 1 }, { unique: true, name: 'one_review_of_invoice' })
  .index({ accountId: 1, period: 1 }, { name: 'reviews_by_period' })
  .index({ untold: 1 }, { name: 'reviews_to_tell', partialFilterExpression: { untold: true } });

export const CostReviews = mongoose.model('CostReview', costReviewSchema);

/** An issued invoice, as a review names it. */
export interface IssuedInvoice {
  readonly _id: string;
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly period: Period;
  readonly currency: string;
}

/** The issued invoices of a period without a review, up to a limit. Two queries. */
export async function unreviewedInvoices(accountId: string, period: Period, most: number): Promise<IssuedInvoice[]> {
  const reviews = await CostReviews.find({ accountId, period }, { invoiceId: 1 }).lean();
  const known = reviews.map(({ invoiceId }) => invoiceId);
  const fields = { accountId: 1, billingGroupId: 1, period: 1, currency: 1 } as const;
  return Invoices.find({ accountId, period, number: { $gt: '' }, _id: { $nin: known } }, fields)
    .sort({ _id: 1 })
    .limit(most)
    .lean<IssuedInvoice[]>();
}

/** Stores a review. @throws a duplicate key error if another process has done so */
export async function insertReview(_tx: Tx, review: CostReviewDoc): Promise<void> {
  await CostReviews.create([review]);
}

/** Whether an error says that another process has started the review. */
export function isReviewedElsewhere(error: unknown): boolean {
  return isDuplicateKey(error, 'one_review_of_invoice');
}

export async function reviewById(accountId: string, reviewId: string): Promise<CostReviewDoc | null> {
  return CostReviews.findOne({ _id: reviewId, accountId }).lean<CostReviewDoc>();
}

/** Identifies a review, its group and invoice. */
export type UntoldReview = Pick<CostReviewDoc, '_id' | 'accountId' | 'billingGroupId' | 'invoiceId'>;

/** Across all accounts: those with reviews whose message hasn't been sent to everybody yet. */
export async function accountsWithUntoldReviews(): Promise<string[]> {
  return CostReviews.distinct('accountId', { untold: true });
}

/** Such reviews of some accounts, the oldest first. */
export function eachUntoldReview(accountIds: readonly string[]): AsyncIterable<UntoldReview> {
  const fields = { accountId: 1, billingGroupId: 1, invoiceId: 1 } as const;
  return CostReviews.find({ untold: true, accountId: { $in: [...accountIds] } }, fields)
    .sort({ startedAt: 1 })
    .lean<UntoldReview>()
    .cursor();
}

/** Notes that a person was sent the message, or couldn't be. */
export async function noteTold({ accountId, reviewId, userId }: ReviewName, now: Date): Promise<void> {
  await CostReviews.updateOne(
    { _id: reviewId, accountId, people: { $elemMatch: { userId, toldAt: null } } },
    { $set: { 'people.$.toldAt': now } },
  );
}

/** Notes that everybody was sent the message. */
export async function noteAllTold(accountId: string, reviewId: string): Promise<void> {
  const isOver = { _id: reviewId, accountId, 'people.toldAt': { $ne: null } };
  await CostReviews.updateOne(
    { ...isOver, people: { $not: { $elemMatch: { toldAt: null } } } },
    { $unset: { untold: '' } },
  );
}

/** Stores a person's answer. @returns false if they gave the same one before */
export async function storeAnswer(
  _tx: Tx,
  { accountId, reviewId, userId }: ReviewName,
  { seenAt, reason }: { readonly seenAt: Date; readonly reason: string | null },
): Promise<boolean> {
  const isNew = reason === null ? { seenAt: null } : { reason: { $ne: reason } };
  const { modifiedCount } = await CostReviews.updateOne(
    { _id: reviewId, accountId, people: { $elemMatch: { userId, ...isNew } } },
    { $set: { 'people.$.seenAt': seenAt, ...(reason !== null && { 'people.$.reason': reason }) } },
  );
  return modifiedCount === 1;
}

/** The reviews of a period. */
export async function reviewsOfPeriod(accountId: string, period: Period): Promise<CostReviewDoc[]> {
  return CostReviews.find({ accountId, period }).lean<CostReviewDoc[]>();
}
