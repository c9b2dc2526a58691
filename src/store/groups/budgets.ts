import mongoose from 'mongoose';
import type { Period } from '../../billing/period/period.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import type { Tx } from '../kit/transaction.ts';

/** The monthly budget of a billing group or a project. */
export interface BudgetDoc {
  /** The ID of the project, otherwise of the group: each has at most one budget. */
  readonly _id: string;
  readonly accountId: string;
  /** The group it is for. For a project's budget, the group the project was in when it was set. */
  readonly billingGroupId: string;
  readonly projectId: string | null;
  readonly amount: Decimal128;
  readonly currency: string;
  /** In percent, in ascending order. */
  readonly thresholds: readonly number[];
  /** The highest threshold announced, and its month; null for none yet. */
  readonly told: { readonly period: Period; readonly percent: number } | null;
  /** The same for the previous month, which is checked again once it is closed; absent if nothing was announced. */
  readonly toldBefore?: BudgetDoc['told'];
  /** The open month when it was set: it doesn't apply to earlier months. Absent on budgets of earlier versions. */
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

/** A group's or a project's budget; null if there is none. */
export async function budgetById(accountId: string, id: string): Promise<BudgetDoc | null> {
  return Budgets.findOne({ _id: id, accountId }).lean();
}

export async function countBudgets(accountId: string): Promise<number> {
  return Budgets.countDocuments({ accountId });
}

/** All budgets of an account, unordered. */
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

/** Stores a budget, replacing the previous one. */
export async function replaceBudget(_tx: Tx, budget: BudgetDoc): Promise<void> {
  await Budgets.replaceOne({ _id: budget._id, accountId: budget.accountId }, budget, { upsert: true });
}

/** Deletes a budget. @returns its last version; null if there was none */
export async function deleteBudget(_tx: Tx, accountId: string, id: string): Promise<BudgetDoc | null> {
  return Budgets.findOneAndDelete({ _id: id, accountId }).lean();
}

/** Records the announced thresholds of a budget; does nothing if the budget has changed since it was read. */
export async function markBudgetTold(
  _tx: Tx,
  { _id, accountId, changes }: Pick<BudgetDoc, '_id' | 'accountId' | 'changes'>,
  told: Required<Pick<BudgetDoc, 'told' | 'toldBefore'>>,
): Promise<void> {
  await Budgets.updateOne({ _id, accountId, changes }, { $set: told, $inc: { changes: 1 } });
}
