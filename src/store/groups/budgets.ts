import mongoose from 'mongoose';
import type { Period } from '../../billing/period/period.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import type { Tx } from '../kit/transaction.ts';

/** What a billing group, or a project, is meant to cost in a month. */
export interface BudgetDoc {
  /** The project's id, else the group's: each has one budget. */
  readonly _id: string;
  readonly accountId: string;
  /** The group that it is about; of a project's, the one that the project was in when it was set. */
  readonly billingGroupId: string;
  readonly projectId: string | null;
  readonly amount: Decimal128;
  readonly currency: string;
  /** In per cent, in order. */
  readonly thresholds: readonly number[];
  /** The highest threshold that was told, and of which month; null for none yet. */
  readonly told: { readonly period: Period; readonly percent: number } | null;
  /** The same for the month before, which is looked at once more when it has been closed; absent for nothing. */
  readonly toldBefore?: BudgetDoc['told'];
  /** The open month when it was set: it says nothing about earlier ones. Absent on budgets of old. */
  readonly since?: Period;
  readonly changes: number;
  readonly createdAt: Date;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;

const budgetSchema = new Schema<BudgetDoc>(
  {
    _id: text,
    accountId: text,
    billingGroupId: text,
    projectId: { type: String, default: null },
    amount: { type: Schema.Types.Decimal128, required: true },
    currency: text,
    thresholds: { type: [Number], required: true },
    told: { type: Schema.Types.Mixed, default: null },
    toldBefore: { type: Schema.Types.Mixed, default: null },
    since: { type: String },
    changes: { type: Number, default: 0 },
    createdAt: { type: Date, required: true },
  },
  { collection: 'budgets', versionKey: false },
).index({ accountId: 1, createdAt: 1, _id: 1 }, { name: 'budgets_of_account' });

export const Budgets = mongoose.model('Budget', budgetSchema);

/** The IDs of all accounts that have a budget. */
export async function accountsWithBudgets(): Promise<string[]> {
  return Budgets.distinct('accountId');
}

/** A group's or a project's budget; null where there is none. */
export async function budgetById(accountId: string, id: string): Promise<BudgetDoc | null> {
  return Budgets.findOne({ _id: id, accountId }).lean();
}

export async function countBudgets(accountId: string): Promise<number> {
  return Budgets.countDocuments({ accountId });
}

/** All budgets of an account, in no order. */
export async function allBudgets(accountId: string): Promise<BudgetDoc[]> {
  return Budgets.find({ accountId }).lean();
}

/** A page of an account's budgets, in the order in which they were set. */
export async function budgetPage(
  accountId: string,
  page: { readonly skip: number; readonly size: number },
): Promise<BudgetDoc[]> {
  return Budgets.find({ accountId }).sort({ createdAt: 1, _id: 1 }).skip(page.skip).limit(page.size).lean();
}

/** Stores a budget in place of the one that there was. */
export async function replaceBudget(_tx: Tx, budget: BudgetDoc): Promise<void> {
  await Budgets.replaceOne({ _id: budget._id, accountId: budget.accountId }, budget, { upsert: true });
}

/** Deletes a budget. @returns it as it was; null where there was none */
export async function deleteBudget(_tx: Tx, accountId: string, id: string): Promise<BudgetDoc | null> {
  return Budgets.findOneAndDelete({ _id: id, accountId }).lean();
}

/** Notes what was told of a budget; nothing happens when the budget has changed since it was read. */
export async function markBudgetTold(
  _tx: Tx,
  { _id, accountId, changes }: Pick<BudgetDoc, '_id' | 'accountId' | 'changes'>,
  told: Required<Pick<BudgetDoc, 'told' | 'toldBefore'>>,
): Promise<void> {
  await Budgets.updateOne({ _id, accountId, changes }, { $set: told, $inc: { changes: 1 } });
}
