import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import mongoose from 'mongoose';

/** That a request has changed something: so that the same request, sent again, changes nothing more. */
interface DoneDoc {
  readonly _id: string;
  /** The run of the request that did it. */
  readonly by: string;
  readonly at: Date;
}

/** Slack sends a request again for minutes; a person's double click comes within seconds. */
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

/** Thrown by the first change of a request that was carried out before. */
export class DoneBefore extends Error {
  override readonly name = 'DoneBefore';
}

interface Running {
  readonly id: string;
  /** Which run of it this is: the same request may come several times at once. */
  readonly by: string;
  /** Whether a change of this run has been committed. */
  isClaimed: boolean;
}

const running = new AsyncLocalStorage<Running>();

/**
 * Runs what a request asks for. Its first change is committed together with the request's key, so that of a request that
 * is sent several times, at once or one after the other and to whichever process, one run changes something.
 *
 * @param key the same for the same request, different for any other
 * @param by names this run
 * @returns whether it changed something
 * @throws {DoneBefore} from the first change of a run that comes too late
 */
export async function asRequest(key: string, by: string, run: () => Promise<void>): Promise<boolean> {
  // triggers are secrets as long as they are valid
  const id = createHash('sha256').update(key).digest('hex');
  const request: Running = { id, by, isClaimed: false };
  await running.run(request, run);
  return request.isClaimed;
}

/** Starts something that is no part of the request in which it was asked for. */
export function outsideRequests<T>(start: () => T): T {
  return running.exit(start);
}

/**
 * Runs a change of the present request, in its transaction, with the request's key. A change that is not of any request
 * just runs.
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

/** Notes that a change of the present request was committed: its further changes belong to it. */
export function requestClaimed(): void {
  const request = running.getStore();
  if (request) request.isClaimed = true;
}
