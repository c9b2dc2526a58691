import { collectionOf } from './connect.ts';
import { isDuplicateKey } from './transaction.ts';

/** The scheduler's collection, which the scheduler creates. */
export const ALARMS = 'jobs';

/** The fields of a document in the scheduler's collection that are used here. */
interface AlarmDoc {
  /** The job's name. */
  readonly name: string;
  readonly repeatInterval: number | string;
  readonly nextRunAt: Date | null;
  readonly lockedAt: Date | null;
  /** The process that had it last. */
  readonly lastModifiedBy: string | null;
}

const alarms = () => collectionOf<AlarmDoc>(ALARMS);

/** Releases all locks of a process. */
export async function unlockAlarmsOf(processName: string): Promise<void> {
  await alarms().updateMany({ lastModifiedBy: processName, lockedAt: { $ne: null } }, { $set: { lockedAt: null } });
}

/**
 * Moves a job's alarm that is later than `next` back to that time, and treats a lock with a later start as starting
 * now.
 */
export async function bringAlarmBack(name: string, next: Date, now: Date): Promise<void> {
  await alarms().updateOne({ name, nextRunAt: { $gt: next } }, { $set: { nextRunAt: next } });
  await alarms().updateOne({ name, lockedAt: { $gt: next } }, { $set: { lockedAt: now } });
}

/**
 * Keeps one alarm for each job, however many processes start at once. Alarms hold no data: if there are two, both are
 * recreated.
 */
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
 * Changes the interval of a job's existing alarm and leaves everything else unchanged. An alarm that was left without a
 * next run by a kill would never ring, so it is set to `soon`.
 *
 * @returns whether the alarm exists
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
