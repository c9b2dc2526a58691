import mongoose from 'mongoose';
import type { DigestRhythm } from '../../billing/event/cost-digest.ts';
import type { EventKind } from '../../billing/event/event.ts';
import { type Bundle, type Rhythm, USUAL_KINDS } from '../../billing/event/notice.ts';
import { newId } from '../kit/ids.ts';
import type { Tx } from '../kit/transaction.ts';

/** Who is mentioned in a subscription's messages, and for which topics; empty for all. */
export interface MentionDoc {
  /** The Slack ID of a user or user group. */
  readonly id: string;
  readonly kinds: readonly EventKind[];
}

/** A channel's subscription to an account's events: which ones, and up to which log entry they have been delivered. */
export interface SubscriptionDoc {
  readonly _id: string;
  readonly accountId: string;
  /** The ID of a public or private channel, or of a person's direct messages with the app. */
  readonly channelId: string;
  /** Its creator, who is notified if it breaks; null for the one created during setup. */
  readonly madeBy: string | null;
  /** Whether it is personal and delivered by direct message. */
  readonly isPersonal: boolean;
  /** The groups and projects it covers; empty for all. */
  readonly groupIds: readonly string[];
  readonly projectIds: readonly string[];
  /** Whether it covers only the projects that its creator leads, in addition to those named. Absent in older ones. */
  readonly isAboutLed?: boolean;
  /** Set if it is a cost digest: it gets no other messages, and `kinds` and `rhythm` don't apply. */
  readonly digest?: DigestRhythm;
  /** When a digest was subscribed to: spans that were due before aren't sent. */
  readonly digestsSince?: Date;
  /** The topics it covers; empty for the default ones. */
  readonly kinds: readonly EventKind[];
  readonly rhythm: Rhythm;
  readonly mentions: readonly MentionDoc[];
  /** `broken`: Slack no longer accepts messages to the channel. Its log position is kept. */
  readonly state: 'active' | 'paused' | 'broken';
  /** Slack's error code. */
  readonly brokenBy: string | null;
  /** Whether people who can fix it were notified. */
  readonly brokenTold: boolean;
  readonly brokenAt: Date | null;
  /** The last log entry that was processed. */
  readonly position: number;
  /** Set before a message is sent and cleared afterwards: these entries may already have been sent, as one message. */
  readonly sending: SendingNote | null;
  /** Postponed until this instant because Slack asked to wait, or after a failure. */
  readonly notBefore: Date | null;
  /** The token of the lease under which it was last delivered. Holders of earlier leases can't write. */
  readonly token: number;
  readonly failures: number;
  readonly lastError: string | null;
}

/** The first and last log entry of a message that is being sent, and since when. */
export interface SendingNote {
  readonly from: number;
  readonly to: number;
  readonly form: Bundle['form'];
  /** The earliest instant at which it may have been posted; null if Slack certainly hasn't accepted it. */
  readonly since: Date | null;
  /** After this instant, Slack has either accepted it or never will. Only then can it be searched for. */
  readonly settledAt?: Date;
  /** The same period by the system clock, which matches Slack's message timestamps. */
  readonly sentFrom?: Date;
  readonly sentUntil?: Date;
  /** Up to where the channel was searched for it. */
  readonly cursor?: string;
  /** The message's timestamp, once it is known to be posted. */
  readonly sent?: { readonly ts: string; readonly isReply: boolean };
}

/** The message that starts a channel's thread about one subject. */
export interface ThreadDoc {
  /** `SUBSCRIPTION:SUBJECT` */
  readonly _id: string;
  readonly ts: string;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;

const subscriptionSchema = new Schema<SubscriptionDoc>(
  {
    _id: text,
    accountId: text,
    channelId: text,
    madeBy: { type: String, default: null },
    isPersonal: { type: Boolean, default: false },
    groupIds: { type: [String], default: [] },
    projectIds: { type: [String], default: [] },
    isAboutLed: { type: Boolean },
    digest: { type: String },
    digestsSince: { type: Date },
    kinds: { type: [String], default: [] },
    rhythm: { type: String, default: 'at_once' },
    mentions: { type: Schema.Types.Mixed, default: [] },
    state: { type: String, default: 'active' },
    brokenBy: { type: String, default: null },
    brokenTold: { type: Boolean, default: false },
    brokenAt: { type: Date, default: null },
    token: { type: Number, default: 0 },
    position: { type: Number, required: true },
    sending: { type: Schema.Types.Mixed, default: null },
    notBefore: { type: Date, default: null },
    failures: { type: Number, default: 0 },
    lastError: { type: String, default: null },
  },
  { collection: 'subscriptions', versionKey: false },
)
  .index({ accountId: 1, channelId: 1 }, { name: 'subscriptions_of_channel' })
  .index({ state: 1, notBefore: 1 }, { name: 'subscriptions_by_state' })
  .index(
    { digest: 1, accountId: 1 },
    { name: 'cost_digests', partialFilterExpression: { digest: { $type: 'string' } } },
  );

const threadSchema = new Schema<ThreadDoc>({ _id: text, ts: text }, { collection: 'threads', versionKey: false });

export const Subscriptions = mongoose.model('Subscription', subscriptionSchema);
export const Threads = mongoose.model('Thread', threadSchema);

/** A channel's subscription to the default topics, starting after a log entry. */
export async function beginSubscription(
  _tx: Tx,
  of: { accountId: string; channelId: string; position: number },
): Promise<void> {
  await Subscriptions.create([{ _id: newId('sub'), ...of, kinds: USUAL_KINDS }]);
}

/** Deletes the subscription created automatically for a channel. Those created by people stay. */
export async function endSubscription(
  _tx: Tx,
  { accountId, channelId }: { accountId: string; channelId: string },
): Promise<void> {
  await Subscriptions.deleteMany({ accountId, channelId, madeBy: null });
}

/**
 * Makes a person's subscriptions in an account due, so that messages postponed while they couldn't be reached are sent.
 */
export async function resumeSubscriptionsOf(_tx: Tx, accountId: string, madeBy: string): Promise<void> {
  await Subscriptions.updateMany({ accountId, madeBy }, { $set: { notBefore: null } });
}
