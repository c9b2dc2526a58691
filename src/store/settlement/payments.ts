import mongoose from 'mongoose';
import type { Decimal128 } from '../kit/decimal.ts';

/** Money received for an invoice. */
export interface PaymentDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly invoiceId: string;
  readonly way: 'transfer' | 'card';
  readonly amount: Decimal128;
  /** ISO 4217: the invoice's. */
  readonly currency: string;
  /** YYYY-MM-DD: when it was received. */
  readonly date: string;
  /** What the payer or the bank calls it; of a card the provider's id of the payment. */
  readonly reference: string;
  /** The same money can't be recorded twice: the invoice, the day, the amount and the reference. */
  readonly identity: string;
  readonly recordedBy: string;
  readonly recordedAt: Date;
  /** Its place among the invoice's payments, from 1; absent on those recorded by earlier versions. */
  readonly place?: number;
  /** Once it was reversed: it counts no longer. */
  readonly reversedAt?: Date;
  readonly reversedBy?: string;
}

/** A try to charge an invoice to a card. */
export interface ChargeDoc {
  /** `INVOICE:NUMBER`: also the key by which the provider knows a call that is repeated. */
  readonly _id: string;
  readonly accountId: string;
  readonly invoiceId: string;
  /** From 1. */
  readonly number: number;
  /** All that is charged. */
  readonly amount: Decimal128;
  /** What is charged of each invoice, `invoiceId` first, where it is several at once; absent for one alone. */
  readonly parts?: readonly ChargePart[];
  readonly currency: string;
  readonly paymentMethodId: string;
  /** `withdrawn`: the provider takes no such amount, so that the card was not tried. */
  readonly state: 'open' | 'succeeded' | 'failed' | 'withdrawn';
  /** The provider's id of the payment, once it is known: what may have been charged is looked up by it. */
  readonly providerId: string | null;
  /** In words for the card's holder. */
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

/** Money that is given back: of a credit memo, of a balance that is paid out, or of what was paid too much. */
export interface RefundDoc {
  /** The credit memo's or the balance's id (or `overpaid`), and the payment's: also the key by which the provider knows a call that is repeated. */
  readonly _id: string;
  readonly accountId: string;
  readonly invoiceId: string;
  /** Null for what is paid out of a balance or was paid too much. */
  readonly memoId: string | null;
  readonly way: 'transfer' | 'card';
  readonly amount: Decimal128;
  readonly currency: string;
  /** The provider's id of the payment that is given back; null for a transfer, which a person makes. */
  readonly providerPaymentId: string | null;
  readonly state: 'open' | 'made' | 'failed';
  readonly failure: string | null;
  readonly askedAt: Date;
  readonly endedAt: Date | null;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;
const maybeText = { type: String, default: null } as const;
const instant = { type: Date, required: true } as const;
const maybeInstant = { type: Date, default: null } as const;
const money = { type: Schema.Types.Decimal128, required: true } as const;
// a reference may be empty
const anyText = { type: String, default: '' } as const;

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
  .index({ identity: 1 }, { unique: true, name: 'payment_once' })
  .index({ invoiceId: 1, recordedAt: 1 }, { name: 'payments_of_invoice' });

const chargeSchema = new Schema<ChargeDoc>(
  {
    _id: text,
    accountId: text,
    invoiceId: text,
    number: { type: Number, required: true },
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
  .index({ invoiceId: 1, number: -1 }, { name: 'charges_of_invoice' })
  .index({ 'parts.invoiceId': 1 }, { name: 'charges_of_part', sparse: true })
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
  .index({ memoId: 1 }, { name: 'refunds_of_memo' })
  .index({ invoiceId: 1 }, { name: 'refunds_of_invoice' });

export const Payments = mongoose.model('Payment', paymentSchema);
export const Charges = mongoose.model('Charge', chargeSchema);
export const Refunds = mongoose.model('Refund', refundSchema);
