import mongoose from 'mongoose';

/** A channel that is told of an account's news, and how far in the log it has been told. */
export interface SubscriptionDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly channelId: string;
  /** The last log entry that was dealt with; the next to look at is the one after it. */
  readonly position: number;
  /** Set before a message is sent and cleared after: an entry found here may have been sent already. */
  readonly sending: { readonly logEntryId: number; readonly since: Date } | null;
  /** Not before this instant: after Slack asked to wait, or a failure. */
  readonly notBefore: Date | null;
  readonly failures: number;
  readonly lastError: string | null;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;

const subscriptionSchema = new Schema<SubscriptionDoc>(
  {
    _id: text,
    accountId: text,
    channelId: text,
    position: { type: Number, required: true },
    sending: { type: Schema.Types.Mixed, default: null },
    notBefore: { type: Date, default: null },
    failures: { type: Number, required: true },
    lastError: { type: String, default: null },
  },
  { collection: 'subscriptions', versionKey: false },
).index({ accountId: 1, channelId: 1 }, { unique: true, name: 'subscription_of_channel' });

export const Subscriptions = mongoose.model('Subscription', subscriptionSchema);
