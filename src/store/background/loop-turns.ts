import mongoose from 'mongoose';
import { isDuplicateKey } from '../kit/transaction.ts';

/** How many times a loop has run over all processes, which decides where the next run starts. */
interface LoopTurnDoc {
  /** The kind of items, such as `estimate`. */
  readonly _id: string;
  readonly turns: number;
}

const { Schema } = mongoose;

const loopTurnSchema = new Schema<LoopTurnDoc>(
  { _id: { type: String, required: true }, turns: { type: Number, required: true } },
  { collection: 'loop_turns', versionKey: false },
);

export const LoopTurns = mongoose.model('LoopTurn', loopTurnSchema);

/** Returns the number of a loop's run: 0 for the first, and each number only once over all processes. */
export async function drawTurn(kind: string): Promise<number> {
  // the number after the step, because there is no document before the first
  const draw = async () => {
    const options = { upsert: true, returnDocument: 'after' } as const;
    const { turns } = await LoopTurns.findOneAndUpdate({ _id: kind }, { $inc: { turns: 1 } }, options)
      .orFail()
      .lean();
    return turns - 1;
  };
  try {
    return await draw();
  } catch (error) {
    // another process has just drawn the first
    if (!isDuplicateKey(error)) throw error;
    return await draw();
  }
}
