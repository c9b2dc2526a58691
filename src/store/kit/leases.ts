import mongoose from 'mongoose';
import { isDuplicateKey, type Tx } from './transaction.ts';

/**
 * The exclusive right to do something for a while. Each claim gets a higher token than all previous ones, so a late
 * write of a previous holder can be recognized. Only the database's clock is used: the clocks of processes may differ
 * or be set back.
 */
export interface Lease {
  readonly name: string;
  readonly token: number;
}

interface LeaseDoc {
  readonly _id: string;
  readonly token: number;
  /** Free from this instant on, by the database's clock. */
  readonly until: Date;
  /** How many of its holder's transactions have written it. */
  readonly writes?: number;
}

const { Schema } = mongoose;
/** The `until` of a free lease. */
const FREE = new Date(0);
/** Longer than any lease is claimed for at once, in milliseconds. */
const LONGEST_MS = 600_000;

const leaseSchema = new Schema<LeaseDoc>(
  {
    _id: { type: String, required: true },
    token: { type: Number, required: true },
    until: { type: Date, required: true },
    writes: { type: Number },
  },
  { collection: 'leases', versionKey: false },
);

export const Leases = mongoose.model('Lease', leaseSchema);

/** Claims a lease if it is free. Any number of processes may try. @returns undefined if another holds it */
export async function claimLease(name: string, milliseconds: number): Promise<Lease | undefined> {
  const claimed = await takeIfFree(name, milliseconds);
  if (claimed || !(await makeLease(name))) return claimed;
  return takeIfFree(name, milliseconds);
}

/** Whether somebody holds a lease. */
export async function isHeld(name: string): Promise<boolean> {
  return (await Leases.exists({ _id: name, $expr: { $gt: ['$until', '$$NOW'] } })) !== null;
}

/** Extends a lease. @returns whether it was still held */
export async function renewLease(lease: Lease, milliseconds: number): Promise<boolean> {
  const { matchedCount } = await Leases.updateOne(
    { _id: lease.name, token: lease.token },
    [{ $set: { until: inFuture(milliseconds) } }],
    { updatePipeline: true },
  );
  return matchedCount === 1;
}

/** Releases a lease immediately. Does nothing if another process holds it. */
export async function freeLease(lease: Lease): Promise<void> {
  await Leases.updateOne({ _id: lease.name, token: lease.token }, { $set: { until: FREE } });
}

async function takeIfFree(name: string, milliseconds: number): Promise<Lease | undefined> {
  // claimed for longer than possible: the database's clock has been set back since
  const longest = inFuture(Math.max(milliseconds, LONGEST_MS));
  const isFree = { $or: [{ $lte: ['$until', '$$NOW'] }, { $gt: ['$until', longest] }] };
  const claimed = await Leases.findOneAndUpdate(
    { _id: name, $expr: isFree },
    [{ $set: { token: { $add: ['$token', 1] }, until: inFuture(milliseconds) } }],
    { updatePipeline: true, returnDocument: 'after' },
  ).lean();
  return claimed ? { name, token: claimed.token } : undefined;
}

/** @returns whether the lease was created, free */
async function makeLease(name: string): Promise<boolean> {
  if (await Leases.exists({ _id: name })) return false;
  try {
    await Leases.create([{ _id: name, token: 0, until: FREE }]);
    return true;
  } catch (error) {
    // another process was quicker, and has claimed it
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** The instant this many milliseconds from now, by the database's clock. */
function inFuture(milliseconds: number) {
  return { $add: ['$$NOW', milliseconds] };
}

/**
 * Ensures that the holder still has the lease when the transaction commits: like a claim by another holder, it writes
 * the lease's document, so only one of them succeeds.
 *
 * @returns whether it is still held
 */
export async function fenceLease(_tx: Tx, lease: Lease): Promise<boolean> {
  const { matchedCount } = await Leases.updateOne({ _id: lease.name, token: lease.token }, { $inc: { writes: 1 } });
  return matchedCount === 1;
}
