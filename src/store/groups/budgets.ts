import mongoose from 'mongoose';
import type { Sight } from '../../billing/account/sight.ts';
import type { Period } from '../../billing/period/period.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import { type IdPart, pastId } from '../kit/ids.ts';
import { instant, maybeText, money, text } from '../kit/schema-fields.ts';
import { seenBy } from '../kit/seen-by.ts';
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
  /** The day, YYYY-MM-DD, on which its month was last forecast, and the month for which that led to a warning. */
  readonly forecast?: { readonly checkedOn: string; readonly warnedFor: Period | null };
  readonly changes: number;
  readonly createdAt: Date;
}

const { Schema } = mongoose;

const budgetSchema = new Schema<BudgetDoc>(
  {
    _id: text,
    accountId: text,
    billingGroupId: text,
    projectId: maybeText,
    amount: money,
    currency: text,
    thresholds: { type: [Number], required: true },
    told: { type: Schema.Types.Mixed, default: null },
    toldBefore: { type: Schema.Types.Mixed, default: null },
    since: { type: String },
    forecast: { type: Schema.Types.Mixed },
    changes: { type: Number, default: 0 },
    createdAt: instant,
  },
  { collection: 'budgets', versionKey: false },
)
  .index({ accountId: 1, createdAt: 1, _id: 1 }, { name: 'budgets_of_account' })
  .index({ accountId: 1, _id: 1 }, { name: 'budgets_by_id' });

export const Budgets = mongoose.model('Budget', budgetSchema);

/** Across all accounts: the IDs of those that have a budget. */
export async function accountsWithBudgets(): Promise<string[]> {
  return Budgets.distinct('accountId');
}

/** A group's or a project's budget; null if there is none. */
export async function budgetById(accountId: string, id: string): Promise<BudgetDoc | null> {
  return Budgets.findOne({ _id: id, accountId }).lean();
}

/** Selects the budgets of an account that a reader sees: those of neither hidden groups nor hidden projects. */
export interface BudgetsOf {
  readonly accountId: string;
  readonly sight: Sight;
  readonly hiddenProjectIds: readonly string[];
}

export async function countBudgets(of: BudgetsOf): Promise<number> {
  return Budgets.countDocuments(filterOf(of));
}

/** All budgets of an account, unordered. */
export async function allBudgets(accountId: string): Promise<BudgetDoc[]> {
  return Budgets.find({ accountId }).lean();
}

/** A page of the budgets that a reader sees, in the order in which they were set. */
export async function budgetPage(
  of: BudgetsOf,
  page: { readonly skip: number; readonly size: number },
): Promise<BudgetDoc[]> {
  return Budgets.find(filterOf(of)).sort({ createdAt: 1, _id: 1 }).skip(page.skip).limit(page.size).lean();
}

/** The same in the order of their IDs. */
export async function budgetsOfAccount(of: BudgetsOf, part: IdPart): Promise<BudgetDoc[]> {
  return Budgets.find({ ...filterOf(of), ...pastId(part) })
    .sort({ _id: 1 })
    .limit(part.limit)
    .lean();
}

function filterOf({ accountId, sight, hiddenProjectIds }: BudgetsOf) {
  return {
    accountId,
    ...seenBy(sight),
    ...(hiddenProjectIds.length > 0 && { projectId: { $nin: [...hiddenProjectIds] } }),
  };
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

/** Records that a budget's month was forecast. @returns false if the budget has changed, or was forecast, since it was read */
export async function markBudgetForecast(
  _tx: Tx,
  { _id, accountId, changes }: Pick<BudgetDoc, '_id' | 'accountId' | 'changes'>,
  forecast: NonNullable<BudgetDoc['forecast']>,
): Promise<boolean> {
  const { matchedCount } = await Budgets.updateOne(
    { _id, accountId, changes },
    { $set: { forecast }, $inc: { changes: 1 } },
  );
  return matchedCount > 0;
}
