import { refusalText } from '../api/refusal-texts.ts';
import { count } from '../billing/money/count.ts';
import { Refusal } from '../billing/refusal.ts';
import { createLogger } from '../platform/logger.ts';
import { runProcess } from '../platform/startup.ts';
import { systemClock } from '../platform/system-clock.ts';
import { makeOwner } from '../services/access/members.ts';
import { accountOverviews } from '../services/accounts/account-overview.ts';
import { accountByName } from '../services/accounts/accounts.ts';
import { allFailingItems } from '../services/background/job-runs.ts';
import { requeueItem } from '../services/background/requeue.ts';
import { numberEvents, verifyLog } from '../services/events/event-log.ts';
import type { Ctx } from '../services/kit/context.ts';
import { disconnectStore } from '../store/kit/connect.ts';
import { connect, EXIT_USAGE } from './terminal.ts';

const USAGE = `Usage: npm run admin -- COMMAND

Commands:
  accounts            Lists all accounts with their workspaces, owners, and numbers of billing groups and projects.
  owner ACCOUNT USER  Makes a person an owner of an account, such as one that has no active owner anymore.
  verify [ACCOUNT]    Verifies the event log of an account, or of all accounts. Exit code 1 if one is broken.
  failures            Lists the items that background jobs failed on, with the time of the next try.
  requeue KIND ID     Ends the pause of a failing item. The next run of its job tries it again.

  ACCOUNT  the account's name or ID, in quotation marks if it has spaces
  USER     the person's Slack member ID, such as U012ABCDEF (in Slack: profile, More, Copy member ID)
  KIND ID  as "failures" shows them
`;

interface Command {
  /** How many arguments it takes. */
  readonly fewest: number;
  readonly most: number;
  /** @returns the exit code */
  run(ctx: Ctx, ...args: string[]): Promise<number>;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['accounts', { fewest: 0, most: 0, run: accounts }],
  ['owner', { fewest: 2, most: 2, run: owner }],
  ['verify', { fewest: 0, most: 1, run: verify }],
  ['failures', { fewest: 0, most: 0, run: failures }],
  ['requeue', { fewest: 2, most: 2, run: requeue }],
]);

const [name = '', ...given] = process.argv.slice(2);
const command = COMMANDS.get(name);
if (!command || given.length < command.fewest || given.length > command.most || given.includes('')) {
  process.stderr.write(USAGE);
  process.exit(EXIT_USAGE);
}
await runProcess(async () => {
  process.exitCode = await main(command);
});

async function main({ run }: Command): Promise<number> {
  const log = createLogger({ level: 'warn' });
  const ctx: Ctx = { clock: systemClock, log, actor: { kind: 'operator' }, nudge: () => undefined };
  try {
    await connect();
    return await run(ctx, ...given);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`${refusalText(error)}\n`);
    return 1;
  } finally {
    await disconnectStore();
  }
}

async function accounts(ctx: Ctx): Promise<number> {
  const rows: string[][] = [];
  for await (const { id, name, teamId, owners, groups, projects } of accountOverviews(ctx)) {
    rows.push([id, name, teamId, String(groups), String(projects), owners.join(',') || 'none']);
  }
  if (rows.length === 0) print('There are no accounts.');
  else printTable([['ID', 'NAME', 'WORKSPACE', 'GROUPS', 'PROJECTS', 'OWNERS'], ...rows]);
  return 0;
}

async function owner(ctx: Ctx, account: string, user: string): Promise<number> {
  const { _id: accountId, name } = await accountByName(account);
  const isNew = await makeOwner(ctx, accountId, user);
  await numberEvents(ctx);
  print(isNew ? `${user} is now an owner of ${name}.` : `${user} is already an owner of ${name}.`);
  return 0;
}

async function verify(ctx: Ctx, account?: string): Promise<number> {
  let exitCode = 0;
  const all = account === undefined ? accountOverviews(ctx) : [await accountOf(account)];
  for await (const { id, name } of all) {
    const { entries, hash, brokenAt } = await verifyLog(ctx, id);
    if (brokenAt !== undefined) exitCode = 1;
    const valid = entries === 0 ? 'There are no valid entries before it.' : `Entries 1 to ${entries} are valid.`;
    print(
      brokenAt === undefined
        ? `${name}: The event log is intact: ${count(entries, 'entry', 'entries')}, last hash ${hash}`
        : `${name}: The event log is broken at entry ${brokenAt}. ${valid}`,
    );
  }
  return exitCode;
}

async function accountOf(account: string): Promise<{ id: string; name: string }> {
  const { _id: id, name } = await accountByName(account);
  return { id, name };
}

async function failures(ctx: Ctx): Promise<number> {
  const rows = (await allFailingItems(ctx)).map((one) => [
    ...[one.kind, one.item, one.accountId ?? 'none', String(one.failures)],
    ...[one.lastAt.toISOString(), one.notBefore.toISOString(), one.lastError.replace(/\s+/g, ' ')],
  ]);
  if (rows.length === 0) print('No items are failing.');
  else printTable([['KIND', 'ID', 'ACCOUNT', 'FAILURES', 'LAST TRY', 'NEXT TRY', 'ERROR'], ...rows]);
  return 0;
}

async function requeue(ctx: Ctx, kind: string, item: string): Promise<number> {
  if (!(await requeueItem(ctx, kind, item))) {
    process.stderr.write(`There is no failing item "${item}" of kind "${kind}". Use "failures" to list them.\n`);
    return 1;
  }
  await numberEvents(ctx);
  print('The item will be tried again at the next run of its job.');
  return 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Aligned columns, two spaces apart. */
function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
