import { refusalText } from '../api/refusal-texts.ts';
import { Refusal } from '../billing/refusal.ts';
import { createLogger } from '../platform/logger.ts';
import { runProcess } from '../platform/startup.ts';
import { systemClock } from '../platform/system-clock.ts';
import { makeOwner } from '../services/access/members.ts';
import { accountByName } from '../services/accounts/accounts.ts';
import { numberEvents } from '../services/events/event-log.ts';
import type { Ctx } from '../services/kit/context.ts';
import { disconnectStore } from '../store/kit/connect.ts';
import { connect, EXIT_USAGE } from './terminal.ts';

const USAGE = `Usage: npm run admin -- owner ACCOUNT USER

  Makes a person an owner of an account, such as one that has no active owner anymore.

  ACCOUNT  the account's name, in quotation marks if it has spaces
  USER     the person's Slack member ID, such as U012ABCDEF (in Slack: profile, More, Copy member ID)
`;

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
