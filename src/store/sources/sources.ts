import mongoose from 'mongoose';
import type { Period } from '../../billing/period/period.ts';
import type { FilesRule, RestatedRule, SourceLocation } from '../../billing/source/source.ts';
import { count, instant, maybeInstant, maybeText, text } from '../kit/schema-fields.ts';

/** A place from which an account's cost files are imported automatically. */
export interface SourceDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly name: string;
  /** For comparing names: unique in the account. */
  readonly nameKey: string;
  /** Contains no secrets. */
  readonly location: SourceLocation;
  /** Encrypted; null if it needs none. */
  readonly credentials: string | null;
  readonly everyHours: number;
  readonly restated: RestatedRule;
  readonly files: FilesRule;
  readonly silentDays: number;
  /** The only mapping for its files; null or absent if they are recognized by their columns. */
  readonly mappingId?: string | null;
  /** The Slack user who connected it. */
  readonly createdBy: string;
  readonly createdAt: Date;
  /** When it is due; null while it is paused. */
  readonly nextRunAt: Date | null;
  /** The end of the last run. */
  readonly lastRunAt: Date | null;
  /** What the last run found, in a sentence; null before it. */
  readonly outcome: string | null;
  /** The last time that something new was imported, or its connection. */
  readonly lastNewAt: Date;
  /** Runs in a row that failed. */
  readonly failures: number;
  readonly failingSince: Date | null;
  /** Why, in sentences. */
  readonly failure: string | null;
  /** When people were last notified that it fails; null if they weren't, or if it has worked since. */
  readonly failureToldAt: Date | null;
  /** When people were notified that nothing new comes; null if something has come since. */
  readonly silentToldAt: Date | null;
  /** Increases with each change, so that two changes at once are noticed. */
  readonly changes: number;
}

/** The costs of an export for a month, as a source last had them. */
export interface DeliveryDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly sourceId: string;
  /** Identifies it within its source. */
  readonly name: string;
  readonly month: Period | null;
  readonly state: DeliveryState;
  /** The version of the files that `state` is about. */
  readonly version: string;
  /** Why it waits, was refused or has to be confirmed, in sentences. */
  readonly reason: string | null;
  /** Whether it was refused because the layout of its files isn't known, so that a person can choose their columns. */
  readonly hasUnknownLayout?: boolean;
  /** The import that is to be confirmed, or was finished last. */
  readonly importId: string | null;
  /** When its costs were last imported; null if never. */
  readonly importedAt: Date | null;
  readonly rows: number;
  /** Exact decimal texts by currency. */
  readonly sums: Readonly<Record<string, string>>;
  /** The costs that count because of it, or will if they are confirmed. */
  readonly loads: readonly DeliveredLoad[];
  /** Digests of the names of the files that the loads came from; absent if a manifest names them. */
  readonly files?: readonly string[];
  /** The same as of the last import, while the loads aren't confirmed. */
  readonly imported?: Pick<DeliveryDoc, 'loads' | 'files'> | null;
  readonly updatedAt: Date;
}

/** A load by its identity. */
export interface DeliveredLoad {
  readonly source: string;
  readonly billingMonth: string;
}

/**
 * `waiting` for missing or unreadable parts; `imported`; `unconfirmed` until a person decides; `declined` by a person; `refused`
 * because of its contents.
 */
export type DeliveryState = 'waiting' | 'imported' | 'unconfirmed' | 'declined' | 'refused';

const { Schema } = mongoose;

const sourceSchema = new Schema<SourceDoc>(
  {
    _id: text,
    accountId: text,
    name: text,
    nameKey: text,
    location: { type: Schema.Types.Mixed, required: true },
    credentials: maybeText,
    everyHours: count,
    restated: text,
    files: text,
    silentDays: count,
    mappingId: { type: String, default: null },
    createdBy: text,
    createdAt: instant,
    nextRunAt: maybeInstant,
    lastRunAt: maybeInstant,
    outcome: maybeText,
    lastNewAt: instant,
    failures: count,
    failingSince: maybeInstant,
    failure: maybeText,
    failureToldAt: maybeInstant,
    silentToldAt: maybeInstant,
    changes: count,
  },
  { collection: 'sources', versionKey: false, minimize: false },
)
  .index({ accountId: 1, nameKey: 1 }, { unique: true, name: 'source_name' })
  .index({ accountId: 1, nextRunAt: 1 }, { name: 'sources_of_account' });

export const Sources = mongoose.model('Source', sourceSchema);

const deliverySchema = new Schema<DeliveryDoc>(
  {
    _id: text,
    accountId: text,
    sourceId: text,
    name: text,
    month: maybeText,
    state: text,
    version: { type: String, default: '' },
    reason: maybeText,
    hasUnknownLayout: { type: Boolean, default: false },
    importId: maybeText,
    importedAt: maybeInstant,
    rows: count,
    sums: { type: Schema.Types.Mixed, required: true },
    loads: { type: Schema.Types.Mixed, required: true },
    files: { type: [String], default: undefined },
    imported: { type: Schema.Types.Mixed, default: null },
    updatedAt: instant,
  },
  { collection: 'source_deliveries', versionKey: false, minimize: false },
).index({ accountId: 1, sourceId: 1, name: 1 }, { unique: true, name: 'delivery_once' });

export const Deliveries = mongoose.model('SourceDelivery', deliverySchema);
