import { connectFound } from '../imports/command-line/database-uri.ts';
import { readSettings } from '../platform/settings.ts';
import { whenAvailable } from '../platform/startup.ts';

/** EX_USAGE of sysexits.h. */
export const EXIT_USAGE = 64;
/** How long to wait for the database unless STARTUP_TIMEOUT_SECONDS is set. Short, since a person is watching. */
const STARTUP_SECONDS = '30';

/** Connects a terminal command to the database, once it is available. @throws {StartupError} when it isn't in time */
export async function connect(): Promise<void> {
  const { MONGODB_URI, DATA_DIR } = process.env;
  const STARTUP_TIMEOUT_SECONDS = process.env.STARTUP_TIMEOUT_SECONDS || STARTUP_SECONDS;
  const { startupTimeoutMs } = readSettings({ MONGODB_URI, DATA_DIR, STARTUP_TIMEOUT_SECONDS });
  const tell = (sentence: string) => process.stderr.write(`${sentence}\n`);
  await whenAvailable(() => connectFound(process.env), { limitMs: startupTimeoutMs, tell });
}
