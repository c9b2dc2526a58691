import mongoose from 'mongoose';
import type { PaymentMethod } from '../../billing/group/payment-method.ts';

/** A way to pay that an account's groups can use. */
export interface PaymentMethodDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly method: PaymentMethod;
  /** The provider's, of a card: never shown. */
  readonly token: string | null;
  /** The expiry that was announced, such as `2026-12`: once for a card and its expiry. */
  readonly announced: string | null;
  /** Rises when a group takes it and when it is deleted, so that the two can't miss each other. */
  readonly changes: number;
  readonly createdAt: Date;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;

const methodSchema = new Schema<PaymentMethodDoc>(
  {
    _id: text,
    accountId: text,
    method: { type: Schema.Types.Mixed, required: true },
    token: { type: String, default: null },
    announced: { type: String, default: null },
    changes: { type: Number, default: 0 },
    createdAt: { type: Date, required: true },
  },
  { collection: 'payment_methods', versionKey: false },
).index({ accountId: 1, createdAt: 1 }, { name: 'methods_of_account' });

export const PaymentMethods = mongoose.model('PaymentMethod', methodSchema);
