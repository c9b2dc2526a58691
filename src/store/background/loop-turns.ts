import mongoose from 'mongoose';
import { isDuplicateKey } from '../kit/transaction.ts';

/** How often a loop was gone through, over all processes: it says where the next run begins. */
interface LoopTurnDoc {
  /** The kind of its items, such as `estimate`. */
  readonly _id: string;
  readonly turns: number;
}

const { Schema } = mongoose;

const loopTurnSchema = new Schema<LoopTurnDoc>(
  { _id: { type: String, required: true }, turns: { type: Number, required: true } },
  { collection: 'loop_turns', versionKey: false },
);

export const LoopTurns = mongoose.model('LoopTurn', loopTurnSchema);

/** Draws the number of a run of a loop: 0 for the first, and each number once, in whichever process. */
export async function drawTurn(kind: string): Promise<number> {
  const draw = () => LoopTurns.findOneAndUpdate({ _id: kind }, { $inc: { turns: 1 } }, { upsert: true }).lean();
  try {
    return (await draw())?.turns ?? 0;
  } catch (error) {
    // another process has just drawn the first
    if (!isDuplicateKey(error)) throw error;
    return (await draw())?.turns ?? 0;
  }
}
