import mongoose from 'mongoose';
import { anyText, text } from './schema-fields.ts';
import { inOneTransaction } from './transaction.ts';

/** A request that a client may send again under the same key, with what it did and how it was answered. */
interface KeyedRequestDoc {
  /** A hash of the client and its key. */
  readonly _id: string;
  /** A hash of the request. */
  readonly request: string;
  /** What its change returned, as JSON. */
  readonly result: string;
  /** The answer, as JSON; absent until the first run has answered. */
  readonly answer?: string;
  readonly at: Date;
  /** When the database deletes it. Only needed for space, so it is the machine's own time. */
  readonly until: Date;
}

/** Longer than a key is valid. */
const STORED_MS = 2 * 86_400_000;

const { Schema } = mongoose;

const keyedRequestSchema = new Schema<KeyedRequestDoc>(
  {
    _id: text,
    request: text,
    result: anyText,
    answer: { type: String },
    at: { type: Date, required: true },
    until: { type: Date, required: true },
  },
  { collection: 'keyed_requests', versionKey: false },
).index({ until: 1 }, { expireAfterSeconds: 0, name: 'keyed_requests_by_age' });

export const KeyedRequests = mongoose.model('KeyedRequest', keyedRequestSchema);

/** What is known of a request. */
export type KeyedRequest = Pick<KeyedRequestDoc, 'request' | 'result' | 'answer'>;

/** The request with a key, if it was made at or after an instant. */
export async function keyedRequest(id: string, since: Date): Promise<KeyedRequest | null> {
  return KeyedRequests.findOne({ _id: id, at: { $gte: since } }).lean();
}

/**
 * Makes a change once: in one transaction with its key and its result, which those that come later get. Any number of
 * processes may do this at once.
 *
 * @param change returns JSON. It may run several times, and may only affect the database
 * @returns what the key stands for, no matter who made the change
 */
export function changeOnce(
  of: { readonly id: string; readonly request: string; readonly at: Date; readonly since: Date },
  change: () => Promise<string>,
): Promise<KeyedRequest> {
  return inOneTransaction(async () => {
    const { id, request, at, since } = of;
    const before = await keyedRequest(id, since);
    if (before) return before;
    await KeyedRequests.deleteOne({ _id: id });
    const result = await change();
    const until = new Date(Date.now() + STORED_MS);
    await KeyedRequests.create([{ _id: id, request, result, at, until }]);
    return { request, result };
  });
}

/** Stores how a request was answered, unless another run has done so. @returns the stored answer */
export async function keepAnswer(id: string, answer: string): Promise<string> {
  await KeyedRequests.updateOne({ _id: id, answer: { $exists: false } }, { $set: { answer } });
  return (await KeyedRequests.findById(id, { answer: 1 }).lean())?.answer ?? answer;
}
