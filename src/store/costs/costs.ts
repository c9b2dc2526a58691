import mongoose from 'mongoose';
import type { LineType } from '../../billing/invoice/invoice.ts';
import type { Period } from '../../billing/period/period.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import { anyText, count, instant, maybeText, text } from '../kit/schema-fields.ts';

/**
 * The costs from one source for one of its billing months. A load is replaced as a whole in one step: records of loads
 * that aren't `active` are ignored.
 */
export interface LoadDoc {
  readonly _id: mongoose.Types.ObjectId;
  readonly accountId: string;
  readonly source: string;
  /** The provider's billing month, in UTC: `2026-10`. */
  readonly billingMonth: string;
  readonly state: LoadState;
  /** For a staged load: the lease token of the import that stages it. */
  readonly stagedBy: number | null;
  /** The periods, in the account's time zone, that contain its records' dates. */
  readonly periods: readonly Period[];
  /** The lease token of the latest import that wrote it; absent in loads of earlier versions. */
  readonly writer?: number;
  /** For a staged load: the active load that it will replace, as it was when staging began. */
  readonly over?: { readonly loadId: mongoose.Types.ObjectId; readonly writer: number | null } | null;
  /** The replacing import that made it active. */
  readonly placedBy?: string | null;
  /** For a replaced load: the import that replaced it and can be undone. */
  readonly replacedBy?: string | null;
  /** Its stored sums, and the load's `writer` when they were computed. They count only as long as it is the same. */
  readonly sums?: {
    readonly id: mongoose.Types.ObjectId;
    readonly writer: number | null;
    /** Whether they are also stored by day, which an earlier version didn't do. */
    readonly hasDays?: true;
    /** How many there are in each period, and of how many projects; absent for sums of earlier versions. */
    readonly sizes?: readonly SumsSize[];
    /** Whether they are also stored by project, which an earlier version didn't do. */
    readonly hasTotals?: true;
  };
  /** Sums that don't count any longer, or not yet. */
  readonly oldSums?: readonly mongoose.Types.ObjectId[];
  /** Whether its sums have to be computed; absent if not, and on loads that a version without sums wrote. */
  readonly unsummed?: true;
}

/** How many stored sums a load has in a period, and of how many projects. */
export interface SumsSize {
  readonly period: Period;
  readonly sums: number;
  readonly projects: number;
}

/** Whether a load's stored sums are those of its records. An import of any version that writes it changes `writer`. */
export function isSummed(
  load: Pick<LoadDoc, 'sums' | 'writer'>,
): load is { readonly sums: NonNullable<LoadDoc['sums']> } {
  return load.sums !== undefined && load.sums.writer === (load.writer ?? null);
}

/** The same for its sums by day. */
export function hasDaySums(load: Pick<LoadDoc, 'sums' | 'writer'>): boolean {
  return isSummed(load) && load.sums.hasDays === true;
}

/** The same for its sums by project. */
export function hasProjectTotals(load: Pick<LoadDoc, 'sums' | 'writer'>): boolean {
  return hasDaySums(load) && load.sums?.hasTotals === true;
}

/** `replaced` becomes active again if the replacement is undone; `dropped` never counts again and is deleted later. */
export type LoadState = 'active' | 'staged' | 'replaced' | 'dropped';

/** A dated cost as stored (domain.md, Entities): a usage record. */
export interface CostDoc {
  readonly _id: mongoose.Types.ObjectId;
  readonly accountId: string;
  readonly loadId: mongoose.Types.ObjectId;
  /** Together with the load and the ordinal, the record's identity. */
  readonly hash: string;
  /** Its number among equal records in the load, from 1. */
  readonly ordinal: number;
  /** The latest import that saw it; only increases. */
  readonly seenBy: number;
  readonly projectId: string;
  /** The period of the invoice it is on: that of its time, or the group's next open one if it came late. */
  readonly period: Period;
  /** Set if it came after its own period was invoiced. In this case, `billingGroupId` is the group that pays. */
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
  /** How much of what was used; absent without a quantity, and on records of earlier versions. */
  readonly measured?: { readonly item: string; readonly unit: string; readonly quantity: Decimal128 };
  /** A list, because a tag's key may contain characters not allowed in field names. */
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  /** Every column that had a value, as provided by the source: a JSON object. */
  readonly columns: string;
}

const { Schema } = mongoose;

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
    sums: { type: Schema.Types.Mixed, default: undefined },
    oldSums: { type: [Schema.Types.ObjectId], default: undefined },
    unsummed: { type: Boolean },
  },
  { collection: 'cost_loads', versionKey: false },
)
  .index(
    { accountId: 1, source: 1, billingMonth: 1 },
    { unique: true, name: 'one_active_load', partialFilterExpression: { state: 'active' } },
  )
  .index({ accountId: 1, state: 1 }, { name: 'loads_by_state' })
  .index({ unsummed: 1 }, { name: 'loads_to_sum', partialFilterExpression: { unsummed: true } });

const costSchema = new Schema<CostDoc>(
  {
    accountId: text,
    loadId: { type: Schema.Types.ObjectId, required: true },
    hash: text,
    ordinal: count,
    seenBy: count,
    projectId: text,
    period: text,
    late: { type: Boolean },
    billingGroupId: { type: String },
    ownPeriod: { type: String },
    serviceName: text,
    serviceType: maybeText,
    servicePlan: maybeText,
    cloudName: maybeText,
    lineType: text,
    description: anyText,
    begin: instant,
    end: instant,
    amount: { type: Schema.Types.Decimal128, required: true, set: refuseNumber },
    currency: text,
    measured: { type: Schema.Types.Mixed, default: undefined },
    tags: { type: Schema.Types.Mixed, required: true },
    columns: text,
  },
  { collection: 'usage_records', versionKey: false, minimize: false },
)
  .index({ accountId: 1, loadId: 1, hash: 1, ordinal: 1 }, { unique: true, name: 'usage_record_once' })
  .index({ accountId: 1, projectId: 1, period: 1 }, { name: 'usage_by_project' })
  .index(
    { accountId: 1, billingGroupId: 1, period: 1 },
    { name: 'late_usage_by_group', partialFilterExpression: { late: true } },
  );

/** A JavaScript number in a Decimal128 path would silently be stored with its float error. */
function refuseNumber(value: unknown): unknown {
  if (typeof value === 'number') throw new TypeError('Money is never a JavaScript number');
  return value;
}

export const Loads = mongoose.model('CostLoad', loadSchema);
export const Costs = mongoose.model('UsageRecord', costSchema);
