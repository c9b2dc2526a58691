import { type StartupError, unavailable, wrongSetting } from '../../platform/startup-error.ts';
import { claimLease, freeLease, renewLease } from '../kit/leases.ts';
import { raiseSchemaVersion, readSchemaVersion } from './schema-version.ts';

/** A change to stored data. It is never edited after a release: later changes are separate migrations. */
export interface Migration {
  /** What it does, in a few words. */
  readonly name: string;
  /**
   * Must be safe to run again, because a process can be killed before the run is recorded. Earlier versions may still
   * be running.
   */
  run(): Promise<void>;
}

const LEASE = 'migrations';
/** How long a killed process keeps others waiting, in milliseconds. Shorter than any process waits at startup. */
const LEASE_MS = 20_000;

/**
 * Runs a database's pending migrations in order, each once. The first in the list has the number 1. One process runs
 * them under a lease. If it is killed, the next process continues.
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

/** Changes nothing. @throws {StartupError} if a database has had more migrations than this version knows */
export async function refuseNewer(migrations: readonly Migration[]): Promise<void> {
  await missing(migrations);
}

/** How many migrations are pending. @throws {StartupError} if the database has had more than this version knows */
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
    // it took longer than the lease lasts, so another process continues
    if (!(await raiseSchemaVersion(index + 1))) throw isUpgrading();
  }
}

/** May be temporary, so a process waits for it at startup, as it does for an unreachable database. */
function isUpgrading(): StartupError {
  return unavailable('Another process is upgrading the database. Wait until it has finished, then start again.');
}
