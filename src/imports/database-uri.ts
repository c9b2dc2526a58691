import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Refusal } from '../billing/refusal.ts';

/** Where local mode notes the address of its database while it runs, in its data folder. */
export const ADDRESS_FILE = 'database.uri';

/** The database of the environment, else of the local mode that runs on this machine. @throws {Refusal} when there is none */
export function databaseUri(env: NodeJS.ProcessEnv): string {
  if (env.MONGODB_URI) return env.MONGODB_URI;
  try {
    return readFileSync(path.join(env.DATA_DIR || '.data', ADDRESS_FILE), 'utf8').trim();
  } catch (cause) {
    throw new Refusal('no_database', 'There is no database to import into.', {
      wayOut: 'Set MONGODB_URI, or start local mode (npm start) in another terminal.',
      cause,
    });
  }
}
