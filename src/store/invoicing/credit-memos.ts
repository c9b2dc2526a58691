import mongoose from 'mongoose';
import type { TaxCategory } from '../../billing/tax/tax.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import { anyText, count, instant, money, text } from '../kit/schema-fields.ts';
import type { InvoiceSnapshot, InvoiceTax } from './invoices.ts';

/** A correction of an issued invoice (domain.md, Entities). Amounts are positive where the invoice's are positive. */
export interface CreditMemoDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly invoiceId: string;
  readonly invoiceNumber: string;
  /** Its ordinal among the invoice's memos, from 1, so that two concurrent memos can't use the same remainder. */
  readonly place: number;
  /** `draft`: frozen, about to get its number; `ready`: issued; `sent`: emailed to the customer. */
  readonly state: 'draft' | 'ready' | 'sent';
  readonly isWhole: boolean;
  /** The reason, for the customer to read. */
  readonly reason: string;
  readonly currency: string;
  readonly lineCount: number;
  readonly taxes: readonly InvoiceTax[];
  readonly net: Decimal128;
  readonly tax: Decimal128;
  readonly total: Decimal128;
  /** How it was settled, once issued. */
  readonly offset: Decimal128 | null;
  readonly refund: Decimal128 | null;
  readonly returned: Decimal128 | null;
  /** The invoice's snapshot: the seller and buyer at that time. */
  readonly snapshot: InvoiceSnapshot;
  readonly seq?: number;
  readonly series?: string;
  readonly number?: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly issuedAt?: Date;
  readonly sentAt?: Date;
}

/** The amount that a memo credits for a line of its invoice. */
export interface CreditMemoLineDoc {
  readonly accountId: string;
  readonly memoId: string;
  readonly invoiceId: string;
  /** The position of the invoice's line. */
  readonly place: number;
  readonly description: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly amount: Decimal128;
  readonly taxCategory: TaxCategory;
  readonly taxRate: Decimal128;
}

const { Schema } = mongoose;
const maybeMoney = { type: Schema.Types.Decimal128, default: null } as const;

const memoSchema = new Schema<CreditMemoDoc>(
  {
    _id: text,
    accountId: text,
    billingGroupId: text,
    invoiceId: text,
    invoiceNumber: text,
    place: count,
    state: text,
    isWhole: { type: Boolean, required: true },
    reason: text,
    currency: text,
    lineCount: count,
    taxes: { type: Schema.Types.Mixed, default: () => [] },
    net: money,
    tax: money,
    total: money,
    offset: maybeMoney,
    refund: maybeMoney,
    returned: maybeMoney,
    snapshot: { type: Schema.Types.Mixed, required: true },
    seq: { type: Number },
    series: { type: String },
    number: { type: String },
    createdBy: text,
    createdAt: instant,
    issuedAt: { type: Date },
    sentAt: { type: Date },
  },
  { collection: 'credit_memos', versionKey: false },
)
  .index({ accountId: 1, invoiceId: 1, place: 1 }, { unique: true, name: 'memo_by_invoice' })
  .index(
    { accountId: 1, series: 1, seq: 1 },
    { unique: true, name: 'memo_in_series', partialFilterExpression: { seq: { $exists: true } } },
  )
  .index(
    { accountId: 1, number: 1 },
    { unique: true, name: 'number_of_memo', partialFilterExpression: { number: { $exists: true } } },
  )
  .index({ accountId: 1, createdAt: -1 }, { name: 'memos_of_account' })
  .index({ accountId: 1, _id: 1 }, { name: 'memos_by_id' })
  .index({ state: 1 }, { name: 'memos_by_state' });

const lineSchema = new Schema<CreditMemoLineDoc>(
  {
    accountId: text,
    memoId: text,
    invoiceId: text,
    place: count,
    description: anyText,
    projectId: anyText,
    projectName: anyText,
    amount: money,
    taxCategory: text,
    taxRate: money,
  },
  { collection: 'credit_memo_lines', versionKey: false },
)
  .index({ accountId: 1, memoId: 1, place: 1 }, { unique: true, name: 'line_of_memo' })
  .index({ accountId: 1, invoiceId: 1, place: 1 }, { name: 'memo_lines_by_invoice' });

export const CreditMemos = mongoose.model('CreditMemo', memoSchema);
export const CreditMemoLines = mongoose.model('CreditMemoLine', lineSchema);
