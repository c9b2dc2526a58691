/** Which mongod the embedded database runs on: the first one available, in a fixed order. */
import { fileURLToPath } from 'node:url';
import { downloadedMongod } from './download-mongod.ts';
import { canInstall, canRun, engineRoot, findOnPath, isExecutable, isInstalled } from './mongod/engine.ts';
import { ensureEngine } from './mongod/postgres/install.ts';

export type OnProgress = (line: string) => void;

export interface Mongod {
  readonly source: 'system binary' | 'mongod on PATH' | 'downloaded' | 'stand-in';
  /** Path of the executable. */
  readonly binary: string;
}

/** The two slow ways. Each returns the executable, or throws an error that says why there is none. */
export interface SlowWays {
  download(env: NodeJS.ProcessEnv, onProgress: OnProgress): Promise<string>;
  standIn(env: NodeJS.ProcessEnv, onProgress: OnProgress): Promise<string>;
}

/** The executable of the stand-in, which is part of this project. */
export const STAND_IN = fileURLToPath(new URL('./mongod/mongod', import.meta.url));

const SLOW_WAYS: SlowWays = { download: downloadedMongod, standIn: installedStandIn };

/**
 * Looks in this order: MONGOMS_SYSTEM_BINARY, `mongod` on the PATH, what mongodb-memory-server has downloaded or can
 * download, the stand-in.
 * @param onProgress called with a line for each slow step
 * @throws {Error} lists the options when there is no mongod, or names MONGOMS_SYSTEM_BINARY when it is set but can't
 * run
 */
export async function findMongod(
  env: NodeJS.ProcessEnv,
  onProgress: OnProgress,
  slowWays: SlowWays = SLOW_WAYS,
): Promise<Mongod> {
  const given = env.MONGOMS_SYSTEM_BINARY;
  if (given) {
    if (isExecutable(given)) return { source: 'system binary', binary: given };
    throw new Error(`MONGOMS_SYSTEM_BINARY is set to ${given}, which isn’t an executable file.`);
  }
  const onPath = findOnPath('mongod', env);
  if (onPath !== undefined) return { source: 'mongod on PATH', binary: onPath };
  const download = await attempt(() => slowWays.download(env, onProgress));
  if (download.binary !== undefined) return { source: 'downloaded', binary: download.binary };
  const standIn = await attempt(() => slowWays.standIn(env, onProgress));
  if (standIn.binary !== undefined) return { source: 'stand-in', binary: standIn.binary };
  throw new Error(choices(download.reason, standIn.reason));
}

/**
 * The stand-in's executable, with its engine installed.
 * @throws {Error} when it cannot run or be installed here
 */
export async function installedStandIn(env: NodeJS.ProcessEnv, onProgress: OnProgress): Promise<string> {
  const root = engineRoot(env);
  if (!canRun()) throw new Error('it needs Linux and root');
  if (!isInstalled(root) && !canInstall(env))
    throw new Error('its engine isn’t installed, and apt-get isn’t available');
  await ensureEngine(root, onProgress);
  return STAND_IN;
}

async function attempt(way: () => Promise<string>): Promise<{ binary?: string; reason: string }> {
  try {
    return { binary: await way(), reason: '' };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

function choices(downloadReason: string, standInReason: string): string {
  return [
    'MongoDB wasn’t found and couldn’t be downloaded. Do one of the following:',
    '  - set MONGODB_URI to the address of a running replica set',
    '  - set MONGOMS_SYSTEM_BINARY to the path of a mongod, or put a mongod on the PATH',
    `  - let mongodb-memory-server download one (not possible now: ${downloadReason})`,
    `  - run as root on Debian or Ubuntu, where a stand-in installs itself (not possible now: ${standInReason})`,
  ].join('\n');
}
