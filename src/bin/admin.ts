import { refusalText } from '../api/refusal-texts.ts';
import { Refusal } from '../billing/refusal.ts';
import { connectFound } from '../imports/command-line/database-uri.ts';
import { createLogger } from '../platform/logger.ts';
import { readSettings } from '../platform/settings.ts';
import { runProcess, whenAvailable } from '../platform/startup.ts';
import { systemClock } from '../platform/system-clock.ts';
import { makeOwner } from '../services/access/members.ts';
import { accountByName } from '../services/accounts/accounts.ts';
import { numberEvents } from '../services/events/event-log.ts';
import type { Ctx } from '../services/kit/context.ts';
import { disconnectStore } from '../store/kit/connect.ts';

const USAGE = `Usage: npm run admin -- owner ACCOUNT USER

  Makes a person an owner of an account, such as one that has no active owner anymore.

  ACCOUNT  the account's name, in quotation marks if it has spaces
  USER     the person's Slack member ID, such as U012ABCDEF (in Slack: profile, More, Copy member ID)
`;
/** EX_USAGE of sysexits.h. */
const EXIT_USAGE = 64;
/** How long the database is waited for, unless STARTUP_TIMEOUT_SECONDS is set: a person is watching. */
const STARTUP_SECONDS = '30';

const [command, accountName, userId, ...more] = process.argv.slice(2);
if (command !== 'owner' || !accountName || !userId || more.length > 0) {
  process.stderr.write(USAGE);
  process.exit(EXIT_USAGE);
}
await runProcess(async () => {
  process.exitCode = await main(accountName, userId);
});

async function main(account: string, user: string): Promise<number> {
  const log = createLogger({ level: 'warn' });
  const ctx: Ctx = { clock: systemClock, log, actor: { kind: 'operator' }, nudge: () => undefined };
  try {
    await connect();
    const { _id: accountId, name } = await accountByName(account);
    const isNew = await makeOwner(ctx, accountId, user);
    await numberEvents(ctx);
    process.stdout.write(isNew ? `${user} is now an owner of ${name}.\n` : `${user} is already an owner of ${name}.\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`${refusalText(error)}\n`);
    return 1;
  } finally {
    await disconnectStore();
  }
}

async function connect(): Promise<void> {
  const { MONGODB_URI, DATA_DIR } = process.env;
  const STARTUP_TIMEOUT_SECONDS = process.env.STARTUP_TIMEOUT_SECONDS || STARTUP_SECONDS;
  const { startupTimeoutMs } = readSettings({ MONGODB_URI, DATA_DIR, STARTUP_TIMEOUT_SECONDS });
  const tell = (sentence: string) => process.stderr.write(`${sentence}\n`);
  await whenAvailable(() => connectFound(process.env), { limitMs: startupTimeoutMs, tell });
}
