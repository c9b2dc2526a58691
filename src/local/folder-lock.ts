import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { wrongSetting } from '../platform/startup-error.ts';

/** Names the process that uses a data folder. */
const LOCK_FILE = 'local-mode.pid';

/**
 * Locks a data folder for this process: two local modes in one folder would overwrite each other's messages.
 *
 * @returns a function that releases the lock
 * @throws {StartupError} when another running local mode has the folder; a killed one doesn't count
 */
export function lockFolder(dir: string): () => void {
  mkdirSync(dir, { recursive: true });
  const file = path.join(dir, LOCK_FILE);
  const own = path.join(dir, `${LOCK_FILE}.${process.pid}`);
  writeFileSync(own, String(process.pid));
  try {
    if (!linked(own, file)) {
      const holder = holderOf(file);
      if (holder !== undefined) {
        throw wrongSetting(
          `DATA_DIR ${dir} is in use by another local mode (process ${holder}). Stop it, or set DATA_DIR to another folder.`,
        );
      }
      rmSync(file, { force: true });
      linkSync(own, file);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(file, { force: true });
}

/** Links a fully written file to a name, so that nobody reads a partial file. @returns false when the name is taken */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The running process that holds the folder. In a restarted container it may have had this process's own ID. */
function holderOf(file: string): number | undefined {
  const pid = Number(readFileSync(file, 'utf8'));
  return pid !== process.pid && isRunning(pid) ? pid : undefined;
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
