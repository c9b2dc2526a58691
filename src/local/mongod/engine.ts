/** Where the engine is, and whether it is installed or can be. */
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** The folder of the engine: DOCUMENTDB_ROOT, or one in the user's cache. */
export function engineRoot(env: NodeJS.ProcessEnv): string {
  return env.DOCUMENTDB_ROOT ?? path.join(env.HOME ?? homedir(), '.cache', 'documentdb-18');
}

/** Whether the engine is completely installed there. */
export function isInstalled(root: string): boolean {
  return existsSync(path.join(root, '.complete'));
}

/** Whether this user can run the engine. It is started with its own root folder, which takes Linux and root. */
export function canRun(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/** Whether the engine can be installed here. This also needs Debian's apt-get. */
export function canInstall(env: NodeJS.ProcessEnv): boolean {
  return canRun() && findOnPath('apt-get', env) !== undefined;
}

/** The first executable file of that name in the folders of PATH. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
