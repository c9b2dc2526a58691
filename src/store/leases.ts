import mongoose from 'mongoose';
import { isDuplicateKey } from './transaction.ts';

/**
 * The right to do something alone for a while. Every claim gets a higher token than all before it, so that what the
 * last holder still writes can be told from what the present one does.
 */
export interface Lease {
  readonly name: string;
  readonly token: number;
}

interface LeaseDoc {
  readonly _id: string;
  readonly token: number;
  /** Free from this instant on. */
  readonly until: Date;
}

const { Schema } = mongoose;

const leaseSchema = new Schema<LeaseDoc>(
  {
    _id: { type: String, required: true },
    token: { type: Number, required: true },
    until: { type: Date, required: true },
  },
  { collection: 'leases', versionKey: false },
);

export const Leases = mongoose.model('Lease', leaseSchema);

/** Claims a lease if it is free; safe to try from any number of processes. @returns undefined while another holds it */
export async function claimLease(name: string, now: Date, milliseconds: number): Promise<Lease | undefined> {
  const until = new Date(now.getTime() + milliseconds);
  try {
    const claimed = await Leases.findOneAndUpdate(
      { _id: name, until: { $lte: now } },
      { $inc: { token: 1 }, $set: { until } },
      { upsert: true, returnDocument: 'after' },
    ).lean();
    return claimed ? { name, token: claimed.token } : undefined;
  } catch (error) {
    // the upsert meets the document of the holder: the lease is not free
    if (isDuplicateKey(error)) return undefined;
    throw error;
  }
}

/** Holds a lease for longer. @returns whether it was still held */
export async function renewLease(lease: Lease, now: Date, milliseconds: number): Promise<boolean> {
  const until = new Date(now.getTime() + milliseconds);
  const { matchedCount } = await Leases.updateOne({ _id: lease.name, token: lease.token }, { $max: { until } });
  return matchedCount === 1;
}

/** Gives a lease back; nothing happens when another holds it by now. */
export async function freeLease(lease: Lease, now: Date): Promise<void> {
  await Leases.updateOne({ _id: lease.name, token: lease.token }, { $set: { until: now } });
}
