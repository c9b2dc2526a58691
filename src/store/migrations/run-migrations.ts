import { setTimeout as wait } from 'node:timers/promises';
import { unavailable, wrongSetting } from '../../platform/startup-error.ts';
import { claimLease, freeLease, renewLease } from '../kit/leases.ts';
import { raiseSchemaVersion, readSchemaVersion } from './schema-version.ts';

/** A change to stored data. It is never edited after a release: what has to be done next is another migration. */
export interface Migration {
  /** What it does, in a few words. */
  readonly name: string;
  /** Safe to run again, since a process can be killed before the run is noted. Earlier versions may still be running. */
  run(): Promise<void>;
}

const LEASE = 'migrations';
/** For how long a killed process keeps others waiting, in milliseconds. */
const LEASE_MS = 60_000;
const POLL_MS = 250;
/** Longer than a killed process keeps the lease. */
const MAX_WAIT_MS = 2 * LEASE_MS;

/**
 * Runs the migrations that a database lacks, one after the other, each once. The first of the list has the number 1. One
 * process does it, under a lease, while others wait; one that is killed is followed by the next, from where it stood.
 *
 * @throws {StartupError} if the database is newer than this list, or another process needs very long
 */
export async function runMigrations(
  migrations: readonly Migration[],
  pause: (ms: number) => Promise<unknown> = wait,
): Promise<void> {
  for (let waitedMs = 0; (await missing(migrations)) > 0; ) {
    const lease = await claimLease(LEASE, LEASE_MS);
    if (!lease) {
      if (waitedMs >= MAX_WAIT_MS) throw unavailable('Another process is still upgrading the database.');
      await pause(POLL_MS);
      waitedMs += POLL_MS;
      continue;
    }
    const renewal = setInterval(() => void renewLease(lease, LEASE_MS).catch(() => undefined), LEASE_MS / 3);
    try {
      await runMissing(migrations);
    } finally {
      clearInterval(renewal);
      await freeLease(lease);
    }
  }
}

/** Changes nothing. @throws {StartupError} if a database has more migrations than there are */
export async function refuseNewer(migrations: readonly Migration[]): Promise<void> {
  await missing(migrations);
}

/** How many migrations a database lacks. @throws {StartupError} if it has more than there are */
async function missing(migrations: readonly Migration[]): Promise<number> {
  const version = await readSchemaVersion();
  if (version <= migrations.length) return migrations.length - version;
  throw wrongSetting(
    `The database has schema version ${version}, but this version of the app knows only versions up to ${migrations.length}: run the newer version of the app, or restore a backup from before the upgrade.`,
  );
}

async function runMissing(migrations: readonly Migration[]): Promise<void> {
  const version = await readSchemaVersion();
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue;
    await migration.run();
    // another process has the lease by now, and goes on
    if (!(await raiseSchemaVersion(index + 1))) return;
  }
}
