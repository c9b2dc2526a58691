import mongoose from 'mongoose';
import { instant, maybeText, text } from '../kit/schema-fields.ts';
import type { Tx } from '../kit/transaction.ts';

/** A page of the card provider on which someone enters a card. */
export interface CardSetupDoc {
  /** The provider's ID for it. */
  readonly _id: string;
  readonly accountId: string;
  readonly state: 'open' | 'done' | 'expired';
  /** Slack user ID; null for the operator. */
  readonly askedBy: string | null;
  readonly teamId: string;
  readonly askedAt: Date;
}

const { Schema } = mongoose;

const setupSchema = new Schema<CardSetupDoc>(
  {
    _id: text,
    accountId: text,
    state: text,
    askedBy: maybeText,
    teamId: text,
    askedAt: instant,
  },
  { collection: 'card_setups', versionKey: false },
)
  .index({ accountId: 1, askedAt: 1 }, { name: 'setups_of_account' })
  .index({ state: 1, askedAt: 1 }, { name: 'setups_by_state' });

export const CardSetups = mongoose.model('CardSetup', setupSchema);

/** Across all accounts: open setups, oldest first. */
export function eachOpenSetup(): AsyncIterable<CardSetupDoc> {
  return CardSetups.find({ state: 'open' }).sort({ askedAt: 1 }).lean().cursor();
}

export async function insertSetup(setup: CardSetupDoc): Promise<void> {
  await CardSetups.create([setup]);
}

/** Ends a setup. @returns whether it was open */
export async function endSetup(_tx: Tx, accountId: string, id: string, state: 'done' | 'expired'): Promise<boolean> {
  const { modifiedCount } = await CardSetups.updateOne({ _id: id, accountId, state: 'open' }, { $set: { state } });
  return modifiedCount > 0;
}
