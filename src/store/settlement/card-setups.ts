import mongoose from 'mongoose';

/** A page at the card provider's on which somebody enters a card. */
export interface CardSetupDoc {
  /** The provider's id of it. */
  readonly _id: string;
  readonly accountId: string;
  readonly state: 'open' | 'done' | 'expired';
  /** Slack user id; null for the operator. */
  readonly askedBy: string | null;
  readonly teamId: string;
  readonly askedAt: Date;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;

const setupSchema = new Schema<CardSetupDoc>(
  {
    _id: text,
    accountId: text,
    state: text,
    askedBy: { type: String, default: null },
    teamId: text,
    askedAt: { type: Date, required: true },
  },
  { collection: 'card_setups', versionKey: false },
).index({ state: 1, askedAt: 1 }, { name: 'setups_by_state' });

export const CardSetups = mongoose.model('CardSetup', setupSchema);
