import mongoose from 'mongoose';
import type { EventType, NewEvent } from '../../billing/event/event.ts';
import { instant, maybeText, text } from '../kit/schema-fields.ts';
import { isDuplicateKey, type Tx } from '../kit/transaction.ts';

/** An event as stored: written with its change, numbered and chained right after the commit. */
export interface EventDoc {
  readonly _id: mongoose.Types.ObjectId;
  readonly accountId: string;
  readonly logEntryId?: number;
  readonly type: EventType;
  readonly description: string;
  readonly actor: string;
  readonly createTime: Date;
  readonly billingGroupId: string | null;
  readonly projectId: string | null;
  readonly invoiceId: string | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly previousHash?: string;
  readonly hash?: string;
  /** Present until the entry has its number. A small index finds such entries. */
  readonly waiting?: true;
}

const { Schema } = mongoose;
const anything = { type: Schema.Types.Mixed, default: null } as const;

const eventSchema = new Schema<EventDoc>(
  {
    accountId: text,
    logEntryId: { type: Number },
    type: text,
    description: text,
    actor: text,
    createTime: instant,
    billingGroupId: maybeText,
    projectId: maybeText,
    invoiceId: maybeText,
    before: anything,
    after: anything,
    previousHash: { type: String },
    hash: { type: String },
    waiting: { type: Boolean },
  },
  { collection: 'events', versionKey: false, minimize: false },
)
  .index(
    { accountId: 1, logEntryId: 1 },
    { unique: true, name: 'log_entry_id', partialFilterExpression: { logEntryId: { $exists: true } } },
  )
  .index({ accountId: 1, createTime: 1 }, { name: 'events_waiting', partialFilterExpression: { waiting: true } })
  .index({ accountId: 1, billingGroupId: 1, logEntryId: -1 }, { name: 'events_by_group' })
  .index({ accountId: 1, projectId: 1, logEntryId: -1 }, { name: 'events_by_project' })
  .index({ accountId: 1, actor: 1, logEntryId: -1 }, { name: 'events_by_actor' })
  .index({ accountId: 1, type: 1, logEntryId: -1 }, { name: 'events_by_type' })
  .index({ accountId: 1, createTime: -1, logEntryId: -1 }, { name: 'events_by_time' });

export const Events = mongoose.model('Event', eventSchema);

/** Writes the events of a change in order. They are numbered later. */
export async function insertEvents(
  _tx: Tx,
  events: readonly (NewEvent & { readonly createTime: Date })[],
): Promise<void> {
  await Events.insertMany(events.map((event) => ({ ...event, waiting: true })));
}

/** The number of an account's last entry; 0 if the log is empty. */
export async function lastEntryNumber(accountId: string): Promise<number> {
  const [last] = await Events.find({ accountId, logEntryId: { $exists: true } }, { logEntryId: 1 })
    .sort({ logEntryId: -1 })
    .limit(1)
    .lean();
  return last?.logEntryId ?? 0;
}

/** An event's position in the log. */
export interface EventPlace extends Required<Pick<EventDoc, 'logEntryId' | 'previousHash' | 'hash'>> {
  readonly _id: EventDoc['_id'];
}

/**
 * Numbers pending events of an account's log, in this order. Each is a separate atomic step: of two concurrent writers,
 * the unique index on the number lets only one succeed.
 *
 * @returns how many were numbered; 0 if another writer was quicker, in which case the rest is numbered next time
 */
export async function placeEvents(accountId: string, places: readonly EventPlace[]): Promise<number> {
  if (places.length === 0) return 0;
  const writes = places.map(({ _id, ...place }) => ({
    updateOne: {
      filter: { _id, accountId, waiting: true as const },
      update: { $set: place, $unset: { waiting: 1 } } as const,
    },
  }));
  try {
    const { modifiedCount } = await Events.bulkWrite(writes, { ordered: true });
    return modifiedCount;
  } catch (error) {
    if (isDuplicateKey(error)) return 0;
    throw error;
  }
}
