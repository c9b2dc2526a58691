import mongoose from 'mongoose';
import { instant, text } from '../kit/schema-fields.ts';

/** An installation that was begun in a browser and may be completed once. */
interface InstallStateDoc {
  /** The hash of the state. */
  readonly _id: string;
  readonly expiresAt: Date;
}

const { Schema } = mongoose;

const stateSchema = new Schema<InstallStateDoc>(
  { _id: text, expiresAt: instant },
  { collection: 'install_states', versionKey: false },
).index({ expiresAt: 1 }, { name: 'install_states_by_age' });

export const InstallStates = mongoose.model('InstallState', stateSchema);

/** Stores a state. Deletes those that have expired. */
export async function putInstallState(id: string, expiresAt: Date, now: Date): Promise<void> {
  await InstallStates.deleteMany({ expiresAt: { $lte: now } });
  await InstallStates.create([{ _id: id, expiresAt }]);
}

/** Deletes a state. @returns whether it was there and hadn't expired: true once, in one process */
export async function takeInstallState(id: string, now: Date): Promise<boolean> {
  const taken = await InstallStates.findOneAndDelete({ _id: id }).lean();
  return taken !== null && taken.expiresAt > now;
}
