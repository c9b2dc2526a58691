import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import mongoose from 'mongoose';

/** Records that a request has changed something, so that it changes nothing more when it is sent again. */
interface DoneDoc {
  readonly _id: string;
  /** The run of the request that made the change. */
  readonly by: string;
  readonly at: Date;
}

/** Slack resends a request for minutes; a double click comes within seconds. */
const KEPT_SECONDS = 14 * 86_400;

const { Schema } = mongoose;

const doneSchema = new Schema<DoneDoc>(
  {
    _id: { type: String, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { collection: 'done_requests', versionKey: false },
).index({ at: 1 }, { expireAfterSeconds: KEPT_SECONDS, name: 'done_by_age' });

export const DoneRequests = mongoose.model('DoneRequest', doneSchema);

/** Thrown by the first change of a request that was already carried out. */
export class DoneBefore extends Error {
  override readonly name = 'DoneBefore';
}

interface Running {
  readonly id: string;
  /** Identifies this run: the same request may be running several times at once. */
  readonly by: string;
  /** Whether a change of this run has been committed. */
  isClaimed: boolean;
}

const running = new AsyncLocalStorage<Running>();

/**
 * Runs a request. Its first change is committed together with the request's key: if the same request is sent several
 * times, even concurrently and to different processes, only one run changes anything.
 *
 * @param key the same for the same request, different for any other
 * @param by identifies this run
 * @returns whether it changed something
 * @throws {DoneBefore} from the first change of a run that is too late
 */
export async function asRequest(key: string, by: string, run: () => Promise<void>): Promise<boolean> {
  const request: Running = { id: requestIdOf(key), by, isClaimed: false };
  await running.run(request, run);
  return request.isClaimed;
}

/** Starts something that isn't part of the current request. */
export function outsideRequests<T>(start: () => T): T {
  return running.exit(start);
}

/**
 * Runs a change of the current request, in its transaction, with the request's key. A change outside a request is run
 * without a key.
 */
export async function claimingRequest<T>(change: () => Promise<T>): Promise<T> {
  const request = running.getStore();
  if (!request || request.isClaimed) return change();
  const { id, by } = request;
  const before = await DoneRequests.findById(id).lean();
  if (before && before.by !== by) throw new DoneBefore('This request was carried out before');
  if (!before) await DoneRequests.create([{ _id: id, by, at: new Date() }]);
  return change();
}

/** Records that a change of the current request was committed. Its further changes are allowed. */
export function requestClaimed(): void {
  const request = running.getStore();
  if (request) request.isClaimed = true;
}

/** Whether the current request has changed something, so that other runs of it change nothing. */
export function hasChangedSomething(): boolean {
  return running.getStore()?.isClaimed ?? false;
}

/** The stored ID of a key. Hashed, because triggers are secrets as long as they are valid. */
export function requestIdOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
