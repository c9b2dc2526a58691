import mongoose from 'mongoose';
import type { Decimal128 } from '../kit/decimal.ts';
import { anyText, count, instant, maybeInstant, maybeText, money, text } from '../kit/schema-fields.ts';

/** Money received for an invoice. */
export interface PaymentDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly invoiceId: string;
  readonly way: 'transfer' | 'card';
  readonly amount: Decimal128;
  /** ISO 4217: the invoice's currency. */
  readonly currency: string;
  /** YYYY-MM-DD: the day it was received. */
  readonly date: string;
  /** The payer's or bank's reference; for a card, the provider's payment ID. */
  readonly reference: string;
  /** Prevents recording the same payment twice: the invoice, the day, the amount and the reference. */
  readonly identity: string;
  readonly recordedBy: string;
  readonly recordedAt: Date;
  /** Its ordinal among the invoice's payments, from 1; absent on those recorded by earlier versions. */
  readonly place?: number;
  /** Set if it was reversed, which means that it no longer counts. */
  readonly reversedAt?: Date;
  readonly reversedBy?: string;
}

/** An attempt to charge an invoice to a card. */
export interface ChargeDoc {
  /** `INVOICE:NUMBER`: also the provider's idempotency key for repeated calls. */
  readonly _id: string;
  readonly accountId: string;
  readonly invoiceId: string;
  /** From 1. */
  readonly number: number;
  /** The total charged. */
  readonly amount: Decimal128;
  /** The amount charged for each invoice if there are several, `invoiceId` first; absent for a single one. */
  readonly parts?: readonly ChargePart[];
  readonly currency: string;
  readonly paymentMethodId: string;
  /** `withdrawn`: the provider doesn't accept the amount, so the card wasn't tried. */
  readonly state: 'open' | 'succeeded' | 'failed' | 'withdrawn';
  /** The provider's payment ID, once known. It is used to look up whether the charge succeeded. */
  readonly providerId: string | null;
  /** For the cardholder to read. */
  readonly failure: string | null;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly endedAt: Date | null;
}

/** An invoice's share of a charge. */
export interface ChargePart {
  readonly invoiceId: string;
  readonly amount: Decimal128;
}

/** A refund: for a credit memo, a paid-out balance or an overpayment. */
export interface RefundDoc {
  /**
   * The ID of the credit memo or the balance (or `overpaid`), and the payment's ID: also the provider's idempotency key
   * for repeated calls.
   */
  readonly _id: string;
  readonly accountId: string;
  readonly invoiceId: string;
  /** Null for a paid-out balance or an overpayment. */
  readonly memoId: string | null;
  readonly way: 'transfer' | 'card';
  readonly amount: Decimal128;
  readonly currency: string;
  /** The provider's ID of the refunded payment; null for a bank transfer made by a person. */
  readonly providerPaymentId: string | null;
  readonly state: 'open' | 'made' | 'failed';
  readonly failure: string | null;
  readonly askedAt: Date;
  readonly endedAt: Date | null;
}

const { Schema } = mongoose;

const paymentSchema = new Schema<PaymentDoc>(
  {
    _id: text,
    accountId: text,
    invoiceId: text,
    way: text,
    amount: money,
    currency: text,
    date: text,
    reference: anyText,
    identity: text,
    recordedBy: text,
    recordedAt: instant,
    place: { type: Number },
    reversedAt: { type: Date },
    reversedBy: { type: String },
  },
  { collection: 'payments', versionKey: false },
)
  .index({ accountId: 1, identity: 1 }, { unique: true, name: 'payment_by_identity' })
  .index({ accountId: 1, invoiceId: 1, recordedAt: 1 }, { name: 'payments_by_invoice' })
  .index({ accountId: 1, _id: 1 }, { name: 'payments_by_id' });

const chargeSchema = new Schema<ChargeDoc>(
  {
    _id: text,
    accountId: text,
    invoiceId: text,
    number: count,
    amount: money,
    parts: { type: [{ _id: false, invoiceId: text, amount: money }], default: undefined },
    currency: text,
    paymentMethodId: text,
    state: text,
    providerId: maybeText,
    failure: maybeText,
    askedBy: text,
    askedAt: instant,
    endedAt: maybeInstant,
  },
  { collection: 'charges', versionKey: false },
)
  .index({ state: 1, askedAt: 1 }, { name: 'charges_by_state' })
  .index({ accountId: 1, invoiceId: 1, number: -1 }, { name: 'charges_by_invoice' })
  .index(
    { accountId: 1, 'parts.invoiceId': 1 },
    { name: 'charges_by_part', partialFilterExpression: { 'parts.invoiceId': { $exists: true } } },
  )
  .index({ providerId: 1 }, { name: 'charge_of_provider' });

const refundSchema = new Schema<RefundDoc>(
  {
    _id: text,
    accountId: text,
    invoiceId: text,
    memoId: maybeText,
    way: text,
    amount: money,
    currency: text,
    providerPaymentId: maybeText,
    state: text,
    failure: maybeText,
    askedAt: instant,
    endedAt: maybeInstant,
  },
  { collection: 'refunds', versionKey: false },
)
  .index({ state: 1, way: 1, askedAt: 1 }, { name: 'refunds_by_state' })
  .index({ accountId: 1, memoId: 1 }, { name: 'refunds_by_memo' })
  .index({ accountId: 1, invoiceId: 1 }, { name: 'refunds_by_invoice' });

export const Payments = mongoose.model('Payment', paymentSchema);
export const Charges = mongoose.model('Charge', chargeSchema);
export const Refunds = mongoose.model('Refund', refundSchema);
