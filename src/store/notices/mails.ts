import mongoose from 'mongoose';

/** What an email is about. */
export type MailKind = 'invoice' | 'reminder' | 'credit_memo';

/** An email to be sent, stored with the change it reports. Its text and files are generated when it is sent. */
export interface MailDoc {
  /** Identifies its subject, so that there is only one: `invoice:INVOICE`, `reminder:INVOICE:7`. */
  readonly _id: string;
  readonly accountId: string;
  readonly kind: MailKind;
  readonly invoiceId: string;
  readonly memoId: string | null;
  /** For a reminder: days since the due date; negative before it. */
  readonly days: number | null;
  readonly to: readonly string[];
  /** The recipients for whom the server has accepted it. */
  readonly accepted: readonly string[];
  /** The recipients for whom the server will never accept it. */
  readonly rejected: readonly string[];
  /** `sent`: to all recipients that weren't rejected. */
  readonly state: 'waiting' | 'sent' | 'refused';
  readonly failures: number;
  readonly lastError: string | null;
  /** The earliest time of the next attempt. */
  readonly notBefore: Date;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;
const instant = { type: Date, required: true } as const;

const mailSchema = new Schema<MailDoc>(
  {
    _id: text,
    accountId: text,
    kind: text,
    invoiceId: text,
    memoId: { type: String, default: null },
    days: { type: Number, default: null },
    to: { type: [String], required: true },
    accepted: { type: [String], default: [] },
    rejected: { type: [String], default: [] },
    state: text,
    failures: { type: Number, default: 0 },
    lastError: { type: String, default: null },
    notBefore: instant,
    createdAt: instant,
    sentAt: { type: Date, default: null },
  },
  { collection: 'mails', versionKey: false },
)
  .index({ state: 1, notBefore: 1 }, { name: 'mails_to_send' })
  .index({ accountId: 1, invoiceId: 1 }, { name: 'mails_by_invoice' });

export const Mails = mongoose.model('Mail', mailSchema);
