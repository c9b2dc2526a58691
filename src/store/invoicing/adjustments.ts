import mongoose from 'mongoose';
import type { Sight } from '../../billing/account/sight.ts';
import type { AdjustmentKind } from '../../billing/invoice/adjustment.ts';
import type { Period } from '../../billing/period/period.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import type { Source } from '../kit/read-together.ts';
import { instant, maybeText, text } from '../kit/schema-fields.ts';
import { seenBy } from '../kit/seen-by.ts';
import type { Tx } from '../kit/transaction.ts';

/** A discount, an extra charge or a commitment of a billing group. */
export interface AdjustmentDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly kind: AdjustmentKind;
  readonly description: string;
  /** For discounts and charges: limited to a project. */
  readonly projectId: string | null;
  readonly projectName: string | null;
  /** For discounts: limited to a service. */
  readonly serviceName: string | null;
  /** For a discount in percent; null if it is an amount. */
  readonly percentage: Decimal128 | null;
  readonly amount: Decimal128 | null;
  /** ISO 4217, of the amount. */
  readonly currency: string | null;
  /** For charges: monthly, or once in the first month. */
  readonly isMonthly: boolean;
  readonly from: Period;
  /** The last month; null if it applies until further notice. */
  readonly until: Period | null;
  readonly createdAt: Date;
}

const { Schema } = mongoose;

const adjustmentSchema = new Schema<AdjustmentDoc>(
  {
    _id: text,
    accountId: text,
    billingGroupId: text,
    kind: text,
    description: text,
    projectId: maybeText,
    projectName: maybeText,
    serviceName: maybeText,
    percentage: { type: Schema.Types.Decimal128, default: null },
    amount: { type: Schema.Types.Decimal128, default: null },
    currency: maybeText,
    isMonthly: { type: Boolean, default: false },
    from: text,
    until: maybeText,
    createdAt: instant,
  },
  { collection: 'adjustments', versionKey: false },
)
  .index({ accountId: 1, billingGroupId: 1, from: -1, _id: 1 }, { name: 'adjustments_by_group' })
  .index({ accountId: 1, kind: 1, from: -1, _id: 1 }, { name: 'adjustments_of_account' });

export const Adjustments = mongoose.model('Adjustment', adjustmentSchema);

/** Selects adjustments of one kind that a reader sees in an account, or in one of its groups. */
export interface AdjustmentsOf {
  readonly accountId: string;
  readonly kind: AdjustmentKind;
  readonly sight: Sight;
  readonly billingGroupId?: string | undefined;
}

/** An adjustment of an account; null if there is none. */
export async function adjustmentById(accountId: string, id: string): Promise<AdjustmentDoc | null> {
  return Adjustments.findOne({ _id: id, accountId }).lean();
}

export async function countAdjustments(of: AdjustmentsOf): Promise<number> {
  return Adjustments.countDocuments(filterOf(of));
}

/** A page of adjustments, latest start first. */
export async function adjustmentPage(
  of: AdjustmentsOf,
  page: { readonly skip: number; readonly size: number },
): Promise<AdjustmentDoc[]> {
  return Adjustments.find(filterOf(of)).sort({ from: -1, _id: 1 }).skip(page.skip).limit(page.size).lean();
}

/** The adjustments of groups that apply to a period. */
export function adjustmentsIn(
  accountId: string,
  billingGroupIds: readonly string[],
  period: Period,
): Source<AdjustmentDoc> {
  const applies = { from: { $lte: period }, $or: [{ until: null }, { until: { $gte: period } }] };
  return { from: Adjustments, where: { accountId, billingGroupId: { $in: [...billingGroupIds] }, ...applies } };
}

/** Whether there is, or was, a discount or charge for a project. */
export async function hasAdjustmentOfProject(accountId: string, projectId: string): Promise<boolean> {
  return (await Adjustments.exists({ accountId, projectId })) !== null;
}

export async function insertAdjustment(_tx: Tx, adjustment: AdjustmentDoc): Promise<void> {
  await Adjustments.create([adjustment]);
}

/** Sets the last month to which an adjustment applies. */
export async function setLastMonth(_tx: Tx, accountId: string, id: string, until: Period): Promise<void> {
  await Adjustments.updateOne({ _id: id, accountId }, { $set: { until } });
}

function filterOf({ accountId, kind, billingGroupId, sight }: AdjustmentsOf) {
  return { accountId, kind, ...(billingGroupId === undefined ? seenBy(sight) : { billingGroupId }) };
}
