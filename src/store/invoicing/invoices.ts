import mongoose from 'mongoose';
import type { Seller } from '../../billing/account/seller.ts';
import type { BillingInformation } from '../../billing/group/billing-information.ts';
import type { PaymentMethod } from '../../billing/group/payment-method.ts';
import type { Breakdown, LeftOut } from '../../billing/invoice/breakdown.ts';
import type { InvoiceState, LineType } from '../../billing/invoice/invoice.ts';
import type { TrailEntry } from '../../billing/invoice/trail-entry.ts';
import type { Period } from '../../billing/period/period.ts';
import type { TaxCategory } from '../../billing/tax/tax.ts';
import type { Decimal128 } from '../kit/decimal.ts';

/** An invoice as it is stored: an estimate until its period is closed, then frozen but for its state. */
export interface InvoiceDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly period: Period;
  readonly periodBegin: Date;
  readonly periodEnd: Date;
  readonly state: InvoiceState;
  readonly currency: string;
  readonly exact: Decimal128;
  readonly net: Decimal128;
  readonly tax: Decimal128;
  readonly total: Decimal128;
  readonly amountDue: Decimal128;
  /** What the net is made of; absent on invoices of old, whose lines say it. */
  readonly breakdown?: Readonly<Record<keyof Breakdown, Decimal128>>;
  /** What the net and its credits would be without what is missing to a commitment; absent where nothing is. */
  readonly beforeCommitments?: { readonly net: Decimal128; readonly credits: Decimal128 } | null;
  /** What is in no figure, since there is no rate. */
  readonly leftOut?: readonly (Pick<LeftOut, 'kind' | 'currency'> & { readonly amount: Decimal128 })[];
  /** Tax by category and rate; absent on invoices of old, which have none. */
  readonly taxes?: readonly InvoiceTax[];
  /** What purchased credits pay; absent for nothing. */
  readonly prepaid?: readonly InvoicePrepayment[];
  /** Of a total below zero, once issued: the credit that keeps it; absent on invoices from before there were any. */
  readonly balance?: InvoicePrepayment;
  /** The rates by which costs in other currencies were converted. */
  readonly conversions?: readonly InvoiceConversion[];
  readonly lineCount: number;
  /** How many usage records stand behind it. */
  readonly recordCount: number;
  /** When the figures were computed: of an issued invoice, when they were frozen. Null before the first time. */
  readonly computedAt: Date | null;
  /** Of an estimate: since when something it rests on has changed; null when the figures are up to date. */
  readonly touchedAt: Date | null;
  /** Rises with every touch, so that a close and whatever touches the estimate can't both succeed unseen. */
  readonly touches: number;
  /** Why the close had to leave it an estimate, for a person; null when nothing stands in the way. */
  readonly heldBack: string | null;
  /** Of an estimate: characters of its lines that no font has, in words; absent where it was computed before there was a check. */
  readonly undrawable?: readonly string[];
  /** The close freezes these; an estimate has none. */
  readonly snapshot: InvoiceSnapshot | null;
  readonly seq?: number;
  readonly series?: string;
  readonly number?: string;
  readonly issuedAt?: Date;
  readonly dueAt?: Date;
  /** What has become of it since it was issued; absent: nothing. */
  readonly life?: InvoiceLife;
}

/** What moves on while an issued invoice's figures stay; amounts are in its currency, and what is absent is nothing. */
export interface InvoiceLife {
  /** Payments received, less what was given back. */
  readonly paid?: Decimal128;
  /** By what credit memos have lowered what is to be paid. */
  readonly offset?: Decimal128;
  /** What credit memos have given back to purchased credits. */
  readonly returned?: Decimal128;
  /** All that credit memos came to. */
  readonly credited?: Decimal128;
  /** A later day to pay by than the invoice says: it was asked for by bank transfer after a card had failed. */
  readonly payBy?: Date;
  /** The reminders sent, as days from the due date. */
  readonly reminded?: readonly number[];
  /** Why the last charge failed, in the provider's words for the card's holder. */
  readonly failure?: string;
  /** Why the amount can't be charged to a card, and what happens instead: a sentence. It has not failed. */
  readonly notCharged?: string;
  /** The largest charge that the provider has refused as too small. */
  readonly refusedAsTooSmall?: Decimal128;
  /** What the invoice was before it was paid, for a payment that is reversed. */
  readonly beforePaid?: { readonly state: InvoiceState; readonly failure: string | null };
  /** Rises with every step, so that two at once can't both rest on the same balance. */
  readonly steps?: number;
}

/** Tax once for a category and rate. The rate is a percentage; the reason says why there is none, null where there is. */
export interface InvoiceTax {
  readonly category: TaxCategory;
  readonly rate: Decimal128;
  readonly base: Decimal128;
  readonly amount: Decimal128;
  readonly reason: string | null;
}

export interface InvoicePrepayment {
  readonly code: string;
  readonly amount: Decimal128;
}

/** By what an amount in `from` was multiplied; the date is a day, YYYY-MM-DD. */
export interface InvoiceConversion {
  readonly from: string;
  readonly rate: Decimal128;
  readonly date: string;
  readonly source: string;
}

/** Who billed whom, as it was at the close. */
export interface InvoiceSnapshot {
  readonly accountName: string;
  readonly sellerName: string;
  readonly timeZone: string;
  readonly billingGroupName: string;
  readonly paymentMethod: PaymentMethod;
  /** Why the amount is not charged to the group's card, and what happens instead: a sentence for the customer. */
  readonly notCharged?: string | undefined;
  /** Absent on invoices of old. */
  readonly seller?: Required<Seller>;
  readonly buyer?: BillingInformation;
  /** The tax in the seller's own currency, where the invoice is in another; by which rate, absent on invoices of old. */
  readonly taxAtHome?:
    | {
        readonly currency: string;
        readonly amount: Decimal128;
        readonly rate?: Decimal128;
        /** YYYY-MM-DD */
        readonly date?: string;
        readonly source?: string;
      }
    | undefined;
}

/** How an invoice's figures came about, step by step: apart from the invoice, which lists are made of. */
export interface InvoiceTrailDoc {
  /** The invoice's id. */
  readonly _id: string;
  readonly entries: readonly TrailEntry[];
}

/** A line as it is stored. Lines are documents of their own: an invoice can have more than one document holds. */
export interface LineDoc {
  readonly _id: mongoose.Types.ObjectId;
  readonly invoiceId: string;
  /** The invoice's, so that what a project costs in it is found without the invoices. */
  readonly period: Period;
  /** The line's place on the invoice, from 1. */
  readonly place: number;
  readonly lineType: LineType;
  readonly description: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly projectLabel: string | null;
  readonly serviceName: string;
  readonly serviceType: string | null;
  readonly servicePlan: string | null;
  readonly cloudName: string | null;
  /** The invoice's. */
  readonly currency: string;
  readonly lateFrom: Period | null;
  readonly begin: Date;
  readonly end: Date;
  /** Before rounding; to 34 digits. */
  readonly exact: Decimal128;
  readonly total: Decimal128;
  readonly records: number;
  /** Before discounts, rounded; what follows is absent on lines of old. */
  readonly preDiscount?: Decimal128;
  readonly taxCategory?: TaxCategory;
  readonly taxRate?: Decimal128;
  /** What it was in the currency that it was booked in; null for what is in the invoice's. */
  readonly original?: { readonly currency: string; readonly amount: Decimal128 } | null;
  /** Of a credit_consumption line: the credit's. */
  readonly code?: string | null;
  /** What was done to this line before the invoice's own steps. */
  readonly trail?: readonly TrailEntry[];
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;
const instant = { type: Date, required: true } as const;
const money = { type: Schema.Types.Decimal128, required: true } as const;
const count = { type: Number, required: true } as const;

const invoiceSchema = new Schema<InvoiceDoc>(
  {
    _id: text,
    accountId: text,
    billingGroupId: text,
    period: text,
    periodBegin: instant,
    periodEnd: instant,
    state: text,
    currency: text,
    exact: money,
    net: money,
    tax: money,
    total: money,
    amountDue: money,
    breakdown: { type: Schema.Types.Mixed },
    beforeCommitments: { type: Schema.Types.Mixed },
    leftOut: { type: Schema.Types.Mixed },
    taxes: { type: Schema.Types.Mixed, default: () => [] },
    prepaid: { type: Schema.Types.Mixed, default: () => [] },
    balance: { type: Schema.Types.Mixed },
    conversions: { type: Schema.Types.Mixed, default: () => [] },
    lineCount: count,
    recordCount: count,
    computedAt: { type: Date, default: null },
    touchedAt: { type: Date, default: null },
    touches: count,
    heldBack: { type: String, default: null },
    undrawable: { type: Schema.Types.Mixed },
    snapshot: { type: Schema.Types.Mixed, default: null },
    seq: { type: Number },
    series: { type: String },
    number: { type: String },
    issuedAt: { type: Date },
    dueAt: { type: Date },
    life: { type: Schema.Types.Mixed },
  },
  { collection: 'invoices', versionKey: false },
)
  .index({ billingGroupId: 1, period: 1 }, { unique: true, name: 'invoice_of_group_and_period' })
  .index(
    { series: 1, seq: 1 },
    { unique: true, name: 'invoice_number', partialFilterExpression: { seq: { $exists: true } } },
  )
  .index({ accountId: 1, period: -1, seq: -1, _id: 1 }, { name: 'invoices_by_period' })
  .index({ accountId: 1, period: 1, computedAt: -1 }, { name: 'invoices_computed' })
  .index({ billingGroupId: 1, period: -1, seq: -1, _id: 1 }, { name: 'invoices_of_group' })
  .index({ accountId: 1, number: 1 }, { name: 'invoice_by_number' })
  .index(
    { number: 1, accountId: 1 },
    { unique: true, name: 'invoice_number_text', partialFilterExpression: { number: { $exists: true } } },
  )
  .index({ state: 1, touchedAt: 1 }, { name: 'invoices_by_state' });

const lineSchema = new Schema<LineDoc>(
  {
    invoiceId: text,
    period: text,
    place: count,
    lineType: text,
    description: text,
    // empty on lines of the whole group, such as a commitment fee
    projectId: { type: String, default: '' },
    projectName: { type: String, default: '' },
    projectLabel: { type: String, default: null },
    serviceName: { type: String, default: '' },
    serviceType: { type: String, default: null },
    servicePlan: { type: String, default: null },
    cloudName: { type: String, default: null },
    currency: text,
    lateFrom: { type: String, default: null },
    begin: instant,
    end: instant,
    exact: money,
    total: money,
    records: count,
    preDiscount: { type: Schema.Types.Decimal128 },
    taxCategory: { type: String },
    taxRate: { type: Schema.Types.Decimal128 },
    original: { type: Schema.Types.Mixed, default: null },
    code: { type: String, default: null },
    trail: { type: Schema.Types.Mixed, default: () => [] },
  },
  { collection: 'invoice_lines', versionKey: false },
)
  .index({ invoiceId: 1, place: 1 }, { unique: true, name: 'line_place' })
  .index({ projectId: 1, period: 1 }, { name: 'lines_of_project' });

const trailSchema = new Schema<InvoiceTrailDoc>(
  { _id: text, entries: { type: Schema.Types.Mixed, required: true } },
  { collection: 'invoice_trails', versionKey: false },
);

export const Invoices = mongoose.model('Invoice', invoiceSchema);
export const Lines = mongoose.model('InvoiceLine', lineSchema);
export const InvoiceTrails = mongoose.model('InvoiceTrail', trailSchema);

/** Matches lines that come from usage records, whose sum is what is called costs; `COST` is what one of them adds to it. */
export const ARE_COSTS = { records: { $gt: 0 } } as const;
export const COST = { $ifNull: ['$preDiscount', '$total'] };
