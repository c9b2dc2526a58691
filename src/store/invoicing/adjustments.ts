import mongoose from 'mongoose';
import type { AdjustmentKind } from '../../billing/invoice/adjustment.ts';
import type { Period } from '../../billing/period/period.ts';
import type { Decimal128 } from '../kit/decimal.ts';

/** A discount, an extra charge or a commitment of a billing group. */
export interface AdjustmentDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly kind: AdjustmentKind;
  readonly description: string;
  /** Of discounts and charges: for a project alone. */
  readonly projectId: string | null;
  readonly projectName: string | null;
  /** Of discounts: for a service alone. */
  readonly serviceName: string | null;
  /** Of a discount in per cent; null for what has an amount. */
  readonly percentage: Decimal128 | null;
  readonly amount: Decimal128 | null;
  /** ISO 4217, of the amount. */
  readonly currency: string | null;
  /** Of charges: every month, or once in the first. */
  readonly isMonthly: boolean;
  readonly from: Period;
  /** The last month; null until further notice. */
  readonly until: Period | null;
  readonly createdAt: Date;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;
const maybe = { type: String, default: null } as const;

const adjustmentSchema = new Schema<AdjustmentDoc>(
  {
    _id: text,
    accountId: text,
    billingGroupId: text,
    kind: text,
    description: text,
    projectId: maybe,
    projectName: maybe,
    serviceName: maybe,
    percentage: { type: Schema.Types.Decimal128, default: null },
    amount: { type: Schema.Types.Decimal128, default: null },
    currency: maybe,
    isMonthly: { type: Boolean, default: false },
    from: text,
    until: maybe,
    createdAt: { type: Date, required: true },
  },
  { collection: 'adjustments', versionKey: false },
)
  .index({ billingGroupId: 1, from: -1, _id: 1 }, { name: 'adjustments_of_group' })
  .index({ accountId: 1, kind: 1, from: -1, _id: 1 }, { name: 'adjustments_of_account' });

export const Adjustments = mongoose.model('Adjustment', adjustmentSchema);
