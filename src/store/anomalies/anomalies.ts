import mongoose from 'mongoose';
import type { AnomalySide } from '../../billing/insight/anomalies.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import { anyText, instant, maybeInstant, maybeText, money, text } from '../kit/schema-fields.ts';

/**
 * `costs`: those of a service of a project left their expected range. `missing_export`: a source of costs delivered
 * nothing for some days, which looks like savings and isn't.
 */
export const ANOMALY_KINDS = ['costs', 'missing_export'] as const;
export type AnomalyKind = (typeof ANOMALY_KINDS)[number];
/** `expected`: a person has said why, and the costs may stay at that level. */
export const ANOMALY_STATES = ['open', 'expected', 'ended'] as const;
export type AnomalyState = (typeof ANOMALY_STATES)[number];

/** What a part of the costs was before, on an average day, and on the day furthest from what was expected. */
export interface ChangedPartDoc {
  readonly kind: ChangedPartKind;
  readonly name: string;
  readonly before: Decimal128;
  readonly now: Decimal128;
}

/** What the data says about a record, in the order in which it is shown. */
export const CHANGED_PART_KINDS = ['usage_type', 'region', 'resource'] as const;
export type ChangedPartKind = (typeof CHANGED_PART_KINDS)[number];

/** Unusual costs of a service of a project, or a source that delivers no costs (domain.md, Anomalies). */
export interface AnomalyDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly kind: AnomalyKind;
  /** The project, and the group that held it when the anomaly was found; null for a missing export. */
  readonly projectId: string | null;
  readonly billingGroupId: string | null;
  /** All groups that held the project in the days that decided: who doesn't see one of them doesn't see the anomaly. */
  readonly billingGroupIds: readonly string[];
  /** The service, or the source of a missing export. */
  readonly service: string;
  /** Empty for a missing export. */
  readonly currency: string;
  readonly side: AnomalySide;
  /** The first and, so far, the last unusual day, YYYY-MM-DD in the account's time zone. */
  readonly since: string;
  readonly until: string;
  /** The day's cost that was furthest from the expected one, and which day's. */
  readonly amount: Decimal128;
  readonly peak: string;
  /** What the first day was expected to cost. All amounts are rounded to the currency. */
  readonly low: Decimal128;
  readonly high: Decimal128;
  readonly parts: readonly ChangedPartDoc[];
  readonly state: AnomalyState;
  /** Why it is expected, and who said so. Costs up to its amount aren't reported again, even after it has ended. */
  readonly reason: string | null;
  readonly acceptedBy: string | null;
  readonly acceptedAt: Date | null;
  /** Who is investigating it: a Slack user ID. */
  readonly assignee: string | null;
  /** The project's leads who were asked about it. Those who weren't sent the question yet are also in `toAsk`. */
  readonly asked: readonly string[];
  readonly toAsk: readonly string[];
  readonly askedBy: string | null;
  /** The picture of its days in Slack, once there is one. Absent until then. */
  readonly chartFileId?: string;
  readonly foundAt: Date;
  readonly endedAt: Date | null;
}

/** Up to where an account's costs were checked. */
export interface AnomalyCheckDoc {
  /** The account's ID. */
  readonly _id: string;
  readonly accountId: string;
  /** The day of the check in the account's time zone, and what identifies the costs that it saw. */
  readonly on: string;
  readonly data: string;
  /** Whether the account's first check wasn't completed: what was over before it isn't reported. */
  readonly isFirst?: true;
  /** Projects that couldn’t be checked. */
  readonly left: readonly string[];
  readonly sources: readonly SourceStateDoc[];
}

/** How far a source of costs has delivered. */
export interface SourceStateDoc {
  readonly source: string;
  /** The newest day with costs, YYYY-MM-DD. */
  readonly newest: string;
  /** For how many days nothing newer came, each time before something did; the latest last. */
  readonly waits: readonly number[];
}

const { Schema } = mongoose;

const anomalySchema = new Schema<AnomalyDoc>(
  {
    _id: text,
    accountId: text,
    kind: text,
    projectId: maybeText,
    billingGroupId: maybeText,
    billingGroupIds: { type: [String], default: [] },
    service: anyText,
    currency: anyText,
    side: text,
    since: text,
    until: text,
    amount: money,
    peak: text,
    low: money,
    high: money,
    parts: { type: Schema.Types.Mixed, default: () => [] },
    state: text,
    reason: maybeText,
    acceptedBy: maybeText,
    acceptedAt: maybeInstant,
    assignee: maybeText,
    asked: { type: [String], default: [] },
    toAsk: { type: [String], default: [] },
    askedBy: maybeText,
    chartFileId: { type: String },
    foundAt: instant,
    endedAt: maybeInstant,
  },
  { collection: 'anomalies', versionKey: false },
)
  // each is found once, whichever process is first
  .index(
    { accountId: 1, projectId: 1, service: 1, currency: 1, side: 1, since: 1 },
    { unique: true, name: 'anomaly_once' },
  )
  .index(
    { accountId: 1, projectId: 1, service: 1, currency: 1 },
    { unique: true, name: 'one_open_anomaly', partialFilterExpression: { kind: 'costs', state: 'open' } },
  )
  .index({ accountId: 1, state: 1, foundAt: -1 }, { name: 'anomalies_by_state' })
  .index({ 'toAsk.0': 1 }, { name: 'anomalies_to_ask', partialFilterExpression: { 'toAsk.0': { $exists: true } } });

const checkSchema = new Schema<AnomalyCheckDoc>(
  {
    _id: text,
    accountId: text,
    on: text,
    data: anyText,
    isFirst: Boolean,
    left: { type: [String], default: [] },
    sources: { type: Schema.Types.Mixed, default: () => [] },
  },
  { collection: 'anomaly_checks', versionKey: false },
).index({ accountId: 1 }, { name: 'anomaly_check_of_account' });

export const Anomalies = mongoose.model('Anomaly', anomalySchema);
export const AnomalyChecks = mongoose.model('AnomalyCheck', checkSchema);
