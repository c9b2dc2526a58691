import { type StartupError, unavailable, wrongSetting } from '../../platform/startup-error.ts';
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
/** For how long a killed process keeps others waiting, in milliseconds: less than any process waits at its start. */
const LEASE_MS = 20_000;

/**
 * Runs the migrations that a database lacks, one after the other, each once. The first of the list has the number 1. One
 * process does it, under a lease. One that is killed is followed by the next, from where it stood.
 *
 * @throws {StartupError} if the database is newer than this list, or while another process holds the lease
 */
export async function runMigrations(migrations: readonly Migration[]): Promise<void> {
  if ((await missing(migrations)) === 0) return;
  const lease = await claimLease(LEASE, LEASE_MS);
  if (!lease) throw isUpgrading();
  const renewal = setInterval(() => void renewLease(lease, LEASE_MS).catch(() => undefined), LEASE_MS / 4);
  try {
    await runMissing(migrations);
  } finally {
    clearInterval(renewal);
    await freeLease(lease);
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
    // it took longer than the lease lasts, so that another process goes on
    if (!(await raiseSchemaVersion(index + 1))) throw isUpgrading();
  }
}

/** May pass at any time, so a process waits for it at its start as it does for a database that can't be reached. */
function isUpgrading(): StartupError {
  return unavailable('Another process is upgrading the database. Wait until it has finished, then start again.');
}
