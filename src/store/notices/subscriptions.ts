import mongoose from 'mongoose';
import type { EventKind } from '../../billing/event/event.ts';
import { type Bundle, type Rhythm, USUAL_KINDS } from '../../billing/event/notice.ts';
import { newId } from '../kit/ids.ts';
import type { Tx } from '../kit/transaction.ts';

/** Who is mentioned in the messages of a subscription, and for which kinds; for all where none is named. */
export interface MentionDoc {
  /** A Slack user's id, or a user group's. */
  readonly id: string;
  readonly kinds: readonly EventKind[];
}

/** That a channel is told of an account's news, which of them, and how far in the log it has been told. */
export interface SubscriptionDoc {
  readonly _id: string;
  readonly accountId: string;
  /** Of a public or private channel, or of a person's direct messages with the app. */
  readonly channelId: string;
  /** Whose it is: who made it, and is told when it breaks; null for the one that the set-up made. */
  readonly madeBy: string | null;
  /** Whether it is somebody's own, told by direct message. */
  readonly isPersonal: boolean;
  /** Groups and projects that it is about; all where none is named. */
  readonly groupIds: readonly string[];
  readonly projectIds: readonly string[];
  /** Kinds of events; all that make news where none is named. */
  readonly kinds: readonly EventKind[];
  readonly rhythm: Rhythm;
  readonly mentions: readonly MentionDoc[];
  /** `broken`: Slack takes nothing for the channel any more; its place is kept. */
  readonly state: 'active' | 'paused' | 'broken';
  /** Why Slack takes nothing, in Slack's word. */
  readonly brokenBy: string | null;
  /** Whether those who can mend it know. */
  readonly brokenTold: boolean;
  readonly brokenAt: Date | null;
  /** The last log entry that was dealt with; the next to look at is the one after it. */
  readonly position: number;
  /** Set before a message is sent and cleared after: these entries may have been told already, as one message. */
  readonly sending: SendingNote | null;
  /** Not before this instant: after Slack asked to wait, or a failure. */
  readonly notBefore: Date | null;
  /** Of the lease under which it was last told: anyone who held an earlier one writes nothing any more. */
  readonly token: number;
  readonly failures: number;
  readonly lastError: string | null;
}

/** The first and the last log entry of a message that is being sent, and since when. */
export interface SendingNote {
  readonly from: number;
  readonly to: number;
  readonly form: Bundle['form'];
  /** Since when it may stand in the channel; null when Slack has certainly not taken it. */
  readonly since: Date | null;
  /** From when Slack has taken it, or never will: only then it can be looked for. */
  readonly settledAt?: Date;
  /** The same span by the clock on the wall, by which Slack dates messages. */
  readonly sentFrom?: Date;
  readonly sentUntil?: Date;
  /** Up to where the channel was looked through for it. */
  readonly cursor?: string;
  /** The message itself, once it is known to stand there. */
  readonly sent?: { readonly ts: string; readonly isReply: boolean };
}

/** The message in a channel that further ones about the same thing answer. */
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
  .index({ state: 1, notBefore: 1 }, { name: 'subscriptions_by_state' });

const threadSchema = new Schema<ThreadDoc>({ _id: text, ts: text }, { collection: 'threads', versionKey: false });

export const Subscriptions = mongoose.model('Subscription', subscriptionSchema);
export const Threads = mongoose.model('Thread', threadSchema);

/** A channel that is to be told the usual news after a number of the log. */
export async function beginSubscription(
  _tx: Tx,
  of: { accountId: string; channelId: string; position: number },
): Promise<void> {
  await Subscriptions.create([{ _id: newId('sub'), ...of, kinds: USUAL_KINDS }]);
}

/** Ends the one that the account itself made for a channel; what people made there stays. */
export async function endSubscription(_tx: Tx, of: { accountId: string; channelId: string }): Promise<void> {
  await Subscriptions.deleteMany({ ...of, madeBy: null });
}

/** Has a person's subscriptions in an account wait no longer: what was put off while they couldn't be reached goes out. */
export async function resumeSubscriptionsOf(_tx: Tx, accountId: string, madeBy: string): Promise<void> {
  await Subscriptions.updateMany({ accountId, madeBy }, { $set: { notBefore: null } });
}
