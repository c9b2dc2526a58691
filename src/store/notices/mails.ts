import mongoose from 'mongoose';

/** What a mail is about. */
export type MailKind = 'invoice' | 'reminder' | 'credit_memo';

/** A mail that is to be sent, written with the change that it tells of. Its text and files are made when it is sent. */
export interface MailDoc {
  /** Names what it tells, so that it is there once: `invoice:INVOICE`, `reminder:INVOICE:7`. */
  readonly _id: string;
  readonly accountId: string;
  readonly kind: MailKind;
  readonly invoiceId: string;
  readonly memoId: string | null;
  /** Of a reminder: days since the due date; negative before it. */
  readonly days: number | null;
  readonly to: readonly string[];
  /** Those of them whom the server has taken it for. */
  readonly accepted: readonly string[];
  /** Those whom it will never take it for. */
  readonly rejected: readonly string[];
  /** `sent`: to all that were not rejected. */
  readonly state: 'waiting' | 'sent' | 'refused';
  readonly failures: number;
  readonly lastError: string | null;
  /** Not to be tried before. */
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
  .index({ invoiceId: 1 }, { name: 'mails_of_invoice' });

export const Mails = mongoose.model('Mail', mailSchema);
