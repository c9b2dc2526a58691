import { collectionOf } from './connect.ts';
import { isDuplicateKey } from './transaction.ts';

/** The scheduler's own collection, which it makes by itself. */
export const ALARMS = 'jobs';

/** What stands in the scheduler's collection, as far as it matters here. */
interface AlarmDoc {
  /** The job's. */
  readonly name: string;
  readonly repeatInterval: number | string;
  readonly nextRunAt: Date | null;
  readonly lockedAt: Date | null;
  /** Which process had it last. */
  readonly lastModifiedBy: string | null;
}

const alarms = () => collectionOf<AlarmDoc>(ALARMS);

/** Leaves nothing locked that a process had taken. */
export async function unlockAlarmsOf(processName: string): Promise<void> {
  await alarms().updateMany({ lastModifiedBy: processName, lockedAt: { $ne: null } }, { $set: { lockedAt: null } });
}

/** Brings back a job's alarm that is further ahead than `next`: it rings then, and a lock that began later began now. */
export async function bringAlarmBack(name: string, next: Date, now: Date): Promise<void> {
  await alarms().updateOne({ name, nextRunAt: { $gt: next } }, { $set: { nextRunAt: next } });
  await alarms().updateOne({ name, lockedAt: { $gt: next } }, { $set: { lockedAt: now } });
}

/** One alarm for each job, however many processes start at once. They hold no truth: should there be two, all begin again. */
export async function keepOneAlarmOfEach(): Promise<void> {
  const make = () => alarms().createIndex({ name: 1 }, { unique: true, name: 'one_of_each' });
  try {
    await make();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    await alarms().deleteMany({});
    await make();
  }
}

/**
 * Gives a job's alarm that is there another interval, and leaves the rest alone. One that a kill left without a next run
 * would never ring again: it rings `soon`.
 *
 * @returns whether it is there
 */
export async function setAlarmInterval(name: string, everyMs: number, soon: Date): Promise<boolean> {
  const { matchedCount } = await alarms().updateOne(
    { name },
    { $set: { repeatInterval: everyMs }, $min: { nextRunAt: soon } },
  );
  if (matchedCount === 0) return false;
  await alarms().updateOne({ name, nextRunAt: null, lockedAt: null }, { $set: { nextRunAt: soon } });
  return true;
}
