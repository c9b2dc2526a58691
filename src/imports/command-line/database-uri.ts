import { readFileSync } from 'node:fs';
import path from 'node:path';
import { wrongSetting } from '../../platform/startup-error.ts';
import { connectStore } from '../../store/kit/connect.ts';
import { UnreachableDatabase } from '../../store/kit/connect-faults.ts';

/** The file in which local mode records its database's address while it runs, in its data folder. */
export const ADDRESS_FILE = 'database.uri';

/**
 * Connects to the database from the environment, otherwise to that of local mode running on this machine.
 * @throws {StartupError} when there is none, or it can't be used
 */
export async function connectFound(env: NodeJS.ProcessEnv): Promise<void> {
  if (env.MONGODB_URI) return connectStore(env.MONGODB_URI);
  const file = path.join(env.DATA_DIR || '.data', ADDRESS_FILE);
  try {
    await connectStore(readAddress(file));
  } catch (error) {
    if (!(error instanceof UnreachableDatabase)) throw error;
    throw wrongSetting(
      `Local mode isn't running: the database named in ${file} doesn't answer. Start local mode (npm start), or set MONGODB_URI.`,
      error,
    );
  }
}

function readAddress(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw wrongSetting('MONGODB_URI is missing. Set it, or start local mode (npm start) in another terminal.', error);
  }
}
