import mongoose from 'mongoose';
import { isDuplicateKey } from './transaction.ts';

/** Marks a request as started or done, so that the same request has no effect when it is sent again. */
interface OnceDoc {
  readonly _id: string;
  readonly at: Date;
}

/** Slack resends a request for minutes, not for a day. */
const KEPT_MS = 86_400_000;

const { Schema } = mongoose;

const onceSchema = new Schema<OnceDoc>(
  { _id: { type: String, required: true }, at: { type: Date, required: true } },
  { collection: 'once', versionKey: false },
).index({ at: 1 }, { name: 'once_by_age' });

export const Once = mongoose.model('Once', onceSchema);

/** Whether this is the first claim of a key within a day, by any process. */
export async function claimOnce(key: string, now: Date): Promise<boolean> {
  await Once.deleteMany({ at: { $lt: new Date(now.getTime() - KEPT_MS) } });
  try {
    await Once.create([{ _id: key, at: now }]);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** Whether a key was claimed. */
export async function wasClaimed(key: string): Promise<boolean> {
  return (await Once.exists({ _id: key })) !== null;
}

/** Releases a key, so that it can be claimed again after a failure. */
export async function unclaimOnce(key: string): Promise<void> {
  await Once.deleteOne({ _id: key });
}
