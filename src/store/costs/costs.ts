import mongoose from 'mongoose';
import type { LineType } from '../../billing/invoice/invoice.ts';
import type { Period } from '../../billing/period/period.ts';
import type { Decimal128 } from '../kit/decimal.ts';

/**
 * What one source gave for one of its billing months. A load is replaced as a whole by another one in one step: the
 * records of every load that is not `active` count as not there.
 */
export interface LoadDoc {
  readonly _id: mongoose.Types.ObjectId;
  readonly accountId: string;
  readonly source: string;
  /** The provider's own billing month, in UTC: `2026-10`. */
  readonly billingMonth: string;
  readonly state: LoadState;
  /** Of a staged load: the import that stages it, by its lease's token. */
  readonly stagedBy: number | null;
  /** The periods, in the account's time zone, that its records' dates lie in. */
  readonly periods: readonly Period[];
  /** The latest import that has written it, by its lease's token; absent in loads of earlier versions. */
  readonly writer?: number;
  /** Of a staged load: the active load that it is to replace, as it was when staging began. */
  readonly over?: { readonly loadId: mongoose.Types.ObjectId; readonly writer: number | null } | null;
  /** The replacing import that made it active. */
  readonly placedBy?: string | null;
  /** Of a replaced load: the import that replaced it, and can be undone. */
  readonly replacedBy?: string | null;
}

/** `replaced` can become active again when the replacement is undone; `dropped` never counts again and is swept. */
export type LoadState = 'active' | 'staged' | 'replaced' | 'dropped';

/** A dated cost as it is stored (domain.md, Entities): a usage record. */
export interface CostDoc {
  readonly _id: mongoose.Types.ObjectId;
  readonly accountId: string;
  readonly loadId: mongoose.Types.ObjectId;
  /** With the load and the ordinal: the record's identity. */
  readonly hash: string;
  /** Which of its equals in the load it is, from 1. */
  readonly ordinal: number;
  /** The latest import that came across it; rises. */
  readonly seenBy: number;
  readonly projectId: string;
  /** The period on whose invoice it is: that of its own time, or the next open one of its group when it came late. */
  readonly period: Period;
  /** Set when it came after its own period was invoiced; then `billingGroupId` says who pays. */
  readonly late?: true;
  readonly billingGroupId?: string;
  readonly ownPeriod?: Period;
  readonly serviceName: string;
  readonly serviceType: string | null;
  readonly servicePlan: string | null;
  readonly cloudName: string | null;
  readonly lineType: LineType;
  readonly description: string;
  readonly begin: Date;
  readonly end: Date;
  readonly amount: Decimal128;
  readonly currency: string;
  /** A list, since a tag's key may hold what a field's name may not. */
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  /** Every column that had a value, as the source gave it: a JSON object. */
  readonly columns: string;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;

const loadSchema = new Schema<LoadDoc>(
  {
    accountId: text,
    source: text,
    billingMonth: text,
    state: text,
    stagedBy: { type: Number, default: null },
    periods: { type: [String], required: true },
    writer: { type: Number },
    over: { type: Schema.Types.Mixed, default: undefined },
    placedBy: { type: String },
    replacedBy: { type: String },
  },
  { collection: 'cost_loads', versionKey: false },
)
  .index(
    { accountId: 1, source: 1, billingMonth: 1 },
    { unique: true, name: 'one_active_load', partialFilterExpression: { state: 'active' } },
  )
  .index({ accountId: 1, state: 1 }, { name: 'loads_by_state' });

const costSchema = new Schema<CostDoc>(
  {
    accountId: text,
    loadId: { type: Schema.Types.ObjectId, required: true },
    hash: text,
    ordinal: { type: Number, required: true },
    seenBy: { type: Number, required: true },
    projectId: text,
    period: text,
    late: { type: Boolean },
    billingGroupId: { type: String },
    ownPeriod: { type: String },
    serviceName: text,
    serviceType: { type: String, default: null },
    servicePlan: { type: String, default: null },
    cloudName: { type: String, default: null },
    lineType: text,
    description: { type: String, default: '' },
    begin: { type: Date, required: true },
    end: { type: Date, required: true },
    amount: { type: Schema.Types.Decimal128, required: true, set: refuseNumber },
    currency: text,
    tags: { type: Schema.Types.Mixed, required: true },
    columns: { type: String, required: true },
  },
  { collection: 'usage_records', versionKey: false, minimize: false },
)
  .index({ loadId: 1, hash: 1, ordinal: 1 }, { unique: true, name: 'usage_record_identity' })
  .index({ projectId: 1, period: 1 }, { name: 'usage_of_project' })
  .index({ billingGroupId: 1, period: 1 }, { name: 'late_usage', partialFilterExpression: { late: true } });

/** A JavaScript number in a Decimal128 path would be stored with its float error, without a word. */
function refuseNumber(value: unknown): unknown {
  if (typeof value === 'number') throw new TypeError('Money is never a JavaScript number');
  return value;
}

export const Loads = mongoose.model('CostLoad', loadSchema);
export const Costs = mongoose.model('UsageRecord', costSchema);
