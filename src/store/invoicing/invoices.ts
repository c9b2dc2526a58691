import mongoose from 'mongoose';
import type { Seller } from '../../billing/account/seller.ts';
import type { BillingInformation } from '../../billing/group/billing-information.ts';
import type { PaymentMethod } from '../../billing/group/payment-method.ts';
import type { Breakdown, LeftOut } from '../../billing/invoice/breakdown.ts';
import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import type { InvoiceLine, LineSubject } from '../../billing/invoice/line.ts';
import type { TrailEntry } from '../../billing/invoice/trail-entry.ts';
import type { Period } from '../../billing/period/period.ts';
import type { TaxCategory } from '../../billing/tax/tax.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import { anyText, count, instant, maybeInstant, maybeText, money, text } from '../kit/schema-fields.ts';

/** An invoice as stored: an estimate until its period is closed, then frozen except for its state. */
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
  /** The breakdown of the net; absent on invoices of earlier versions, where it is calculated from the lines. */
  readonly breakdown?: Readonly<Record<keyof Breakdown, Decimal128>>;
  /** The net and its credits without commitment fees; absent if there are none. */
  readonly beforeCommitments?: { readonly net: Decimal128; readonly credits: Decimal128 } | null;
  /** Amounts that aren't included in any figure, because there is no rate. */
  readonly leftOut?: readonly (Pick<LeftOut, 'kind' | 'currency'> & { readonly amount: Decimal128 })[];
  /** Tax by category and rate; absent on invoices of earlier versions, which have no tax. */
  readonly taxes?: readonly InvoiceTax[];
  /** The amount that purchased credits pay; absent for none. */
  readonly prepaid?: readonly InvoicePrepayment[];
  /** For an issued invoice with a negative total: the credit that holds it; absent on invoices of earlier versions. */
  readonly balance?: InvoicePrepayment;
  /** The rates used to convert costs in other currencies. */
  readonly conversions?: readonly InvoiceConversion[];
  /** Which of the stored lines are on it; absent for 0 (`current-lines.ts`). */
  readonly linesVersion?: number;
  readonly lineCount: number;
  /** How many usage records it is based on. */
  readonly recordCount: number;
  /**
   * When the figures were calculated; for an issued invoice, when they were frozen. Null before the first calculation.
   */
  readonly computedAt: Date | null;
  /** For an estimate: since when its data has changed; null if the figures are up to date. */
  readonly touchedAt: Date | null;
  /**
   * Incremented whenever the estimate is marked as out of date, so that a close and a concurrent change can't both
   * succeed.
   */
  readonly touches: number;
  /** Why the close left it an estimate, for people to read; null if nothing prevents issuing it. */
  readonly heldBack: string | null;
  /**
   * For an estimate: characters in its lines that no font has, as text; absent if it was calculated before this was
   * checked.
   */
  readonly undrawable?: readonly string[];
  /** Set by the close; absent on an estimate. */
  readonly snapshot: InvoiceSnapshot | null;
  readonly seq?: number;
  readonly series?: string;
  readonly number?: string;
  readonly issuedAt?: Date;
  readonly dueAt?: Date;
  /** Changes since it was issued; absent if there are none. */
  readonly life?: InvoiceLife;
  /**
   * When it was last written, by the clock of the machine that did, so that readers find what has changed. Absent on
   * those that no later version has written.
   */
  readonly changedAt?: Date;
}

/** The parts of an issued invoice that can still change. Amounts are in its currency; absent means none. */
export interface InvoiceLife {
  /** Payments received, less refunds. */
  readonly paid?: Decimal128;
  /** The amount by which credit memos lowered the amount due. */
  readonly offset?: Decimal128;
  /** The amount that credit memos returned to purchased credits. */
  readonly returned?: Decimal128;
  /** The total of all credit memos. */
  readonly credited?: Decimal128;
  /** A later due date than the one on the invoice: a bank transfer was requested after a card charge failed. */
  readonly payBy?: Date;
  /** The reminders sent, as days from the due date. */
  readonly reminded?: readonly number[];
  /** Why the last charge failed, in the provider's words for the cardholder. */
  readonly failure?: string;
  /** Why the amount can't be charged to a card, and what happens instead, as a sentence. Not a failure. */
  readonly notCharged?: string;
  /** The largest charge that the provider rejected as too small. */
  readonly refusedAsTooSmall?: Decimal128;
  /** The invoice's state before it was paid, in case a payment is reversed. */
  readonly beforePaid?: { readonly state: InvoiceState; readonly failure: string | null };
  /** Incremented with every change, so that two concurrent ones can't use the same balance. */
  readonly steps?: number;
}

/**
 * Tax for a category and rate. The rate is a percentage; the reason says why there is no tax, and is null if there is.
 */
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

/** The factor by which an amount in `from` was multiplied; the date is YYYY-MM-DD. */
export interface InvoiceConversion {
  readonly from: string;
  readonly rate: Decimal128;
  readonly date: string;
  readonly source: string;
}

/** The seller and the buyer at the time of the close. */
export interface InvoiceSnapshot {
  readonly accountName: string;
  readonly sellerName: string;
  readonly timeZone: string;
  readonly billingGroupName: string;
  readonly paymentMethod: PaymentMethod;
  /** Why the amount isn't charged to the group's card, and what happens instead, as a sentence for the customer. */
  readonly notCharged?: string | undefined;
  /** Absent on invoices of earlier versions. */
  readonly seller?: Required<Seller>;
  readonly buyer?: BillingInformation;
  /**
   * The tax in the seller's currency, if the invoice is in another; the rate is absent on invoices of earlier versions.
   */
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

/** The steps of an invoice's calculation. Stored separately to keep invoices small for lists. */
export interface InvoiceTrailDoc {
  /** The invoice's ID. */
  readonly _id: string;
  readonly accountId: string;
  readonly entries: readonly TrailEntry[];
  /**
   * Digests of the lines, in their order, of the calculation at that time. Lines that were stored by another calculation
   * have other ones. `since`: the version for which all of them were written, which their IDs are made of.
   */
  readonly lines?: {
    readonly computedAt: Date;
    readonly digests: mongoose.mongo.Binary;
    readonly since?: number;
  };
  /** The sums of those lines by project and service; absent for very many, and on those of earlier versions. */
  readonly cells?: { readonly period: Period; readonly computedAt: Date; readonly text: string };
}

/** A line as stored. Lines are separate documents, because an invoice can have more than fit in one document. */
export interface LineDoc
  extends LineSubject,
    Pick<InvoiceLine, 'projectId' | 'currency' | 'lateFrom' | 'begin' | 'end'> {
  readonly _id: mongoose.Types.ObjectId;
  readonly accountId: string;
  readonly invoiceId: string;
  /** The invoice's period, so that a project's costs are found without reading the invoices. */
  readonly period: Period;
  /** The line's position on the invoice, from 1. */
  readonly place: number;
  /** The first of the invoice's versions that it is in, and the first that it isn't in anymore; absent for all. */
  readonly since?: number;
  readonly until?: number;
  readonly projectLabel: string | null;
  /** Before rounding; up to 34 digits. */
  readonly exact: Decimal128;
  readonly total: Decimal128;
  /** Before discounts, rounded. This and the following fields are absent on lines of earlier versions. */
  readonly preDiscount?: Decimal128;
  readonly taxCategory?: TaxCategory;
  readonly taxRate?: Decimal128;
  /** The amount in the currency in which it was booked; null if that is the invoice's currency. */
  readonly original?: { readonly currency: string; readonly amount: Decimal128 } | null;
  /** For a credit_consumption line: the credit's code. */
  readonly code?: string | null;
  /** The steps applied to this line before those of the whole invoice. */
  readonly trail?: readonly TrailEntry[];
}

const { Schema } = mongoose;

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
    linesVersion: { type: Number },
    lineCount: count,
    recordCount: count,
    computedAt: maybeInstant,
    touchedAt: maybeInstant,
    touches: count,
    heldBack: maybeText,
    undrawable: { type: Schema.Types.Mixed },
    snapshot: { type: Schema.Types.Mixed, default: null },
    seq: { type: Number },
    series: { type: String },
    number: { type: String },
    issuedAt: { type: Date },
    dueAt: { type: Date },
    life: { type: Schema.Types.Mixed },
    changedAt: { type: Date },
  },
  { collection: 'invoices', versionKey: false, timestamps: { createdAt: false, updatedAt: 'changedAt' } },
)
  .index({ accountId: 1, billingGroupId: 1, period: 1 }, { unique: true, name: 'one_invoice_of_period' })
  .index(
    { accountId: 1, series: 1, seq: 1 },
    { unique: true, name: 'place_in_series', partialFilterExpression: { seq: { $exists: true } } },
  )
  .index({ accountId: 1, period: -1, seq: -1, _id: 1 }, { name: 'invoices_by_period' })
  .index({ accountId: 1, period: 1, computedAt: -1 }, { name: 'invoices_computed' })
  .index({ accountId: 1, billingGroupId: 1, period: -1, seq: -1, _id: 1 }, { name: 'invoices_by_group' })
  .index({ accountId: 1, changedAt: 1 }, { name: 'invoices_by_change' })
  .index({ accountId: 1, _id: 1 }, { name: 'invoices_by_id' })
  .index(
    { accountId: 1, number: 1 },
    { unique: true, name: 'number_of_invoice', partialFilterExpression: { number: { $exists: true } } },
  )
  .index(
    { accountId: 1, linesVersion: 1 },
    { name: 'invoices_with_versions', partialFilterExpression: { linesVersion: { $exists: true } } },
  )
  .index({ state: 1, touchedAt: 1 }, { name: 'invoices_by_state' });

const lineSchema = new Schema<LineDoc>(
  {
    accountId: text,
    invoiceId: text,
    period: text,
    place: count,
    since: { type: Number },
    until: { type: Number },
    lineType: text,
    description: text,
    // empty on lines of the whole group, such as a commitment fee
    projectId: anyText,
    projectName: anyText,
    projectLabel: maybeText,
    serviceName: anyText,
    serviceType: maybeText,
    servicePlan: maybeText,
    cloudName: maybeText,
    currency: text,
    lateFrom: maybeText,
    begin: instant,
    end: instant,
    exact: money,
    total: money,
    records: count,
    tags: { type: Schema.Types.Mixed },
    preDiscount: { type: Schema.Types.Decimal128 },
    taxCategory: { type: String },
    taxRate: { type: Schema.Types.Decimal128 },
    original: { type: Schema.Types.Mixed, default: null },
    code: maybeText,
    trail: { type: Schema.Types.Mixed, default: () => [] },
  },
  { collection: 'invoice_lines', versionKey: false },
)
  .index({ accountId: 1, invoiceId: 1, place: 1, since: 1 }, { unique: true, name: 'line_of_version' })
  .index({ accountId: 1, projectId: 1, period: 1 }, { name: 'lines_by_project' });

const trailSchema = new Schema<InvoiceTrailDoc>(
  {
    ...{ _id: text, accountId: text },
    entries: { type: Schema.Types.Mixed, required: true },
    lines: { type: Schema.Types.Mixed },
    cells: { type: Schema.Types.Mixed },
  },
  { collection: 'invoice_trails', versionKey: false },
)
  .index({ accountId: 1, _id: 1 }, { name: 'trails_of_account' })
  .index({ accountId: 1, 'cells.period': 1 }, { name: 'cells_by_period' });

export const Invoices = mongoose.model('Invoice', invoiceSchema);
export const Lines = mongoose.model('InvoiceLine', lineSchema);
export const InvoiceTrails = mongoose.model('InvoiceTrail', trailSchema);

/** Matches lines from usage records, whose sum is called costs. `COST` is a line's share of it. */
export const ARE_COSTS = { records: { $gt: 0 } } as const;
export const COST = { $ifNull: ['$preDiscount', '$total'] };
