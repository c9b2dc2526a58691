import { Refusal } from '../src/billing/refusal.ts';
import type { Role } from '../src/billing/role.ts';
import { currentAccount } from '../src/services/accounts.ts';
import type { SlackApp } from '../src/slack/app.ts';
import type { Deps } from '../src/slack/caller.ts';
import type { CommandContext } from '../src/slack/register.ts';
import { openSetUp } from '../views/set-up.ts';
import { account } from './account.ts';
import { costs } from './costs.ts';
import { group, groups } from './groups.ts';
import { importHelp } from './import.ts';
import { registerCommands } from './index.ts';
import { invoice, invoices } from './invoices.ts';
import { issue } from './issue.ts';
import { projects } from './projects.ts';

/** Registers `/billing` with all that can be typed behind it. Whoever types it first in a workspace is led through the set-up. */
export function registerBilling(app: SlackApp, deps: Deps): void {
  const subcommands = [groups, group, projects, costs, invoices, invoice, issue, account].map((make) => make(deps));
  registerCommands(app, [...subcommands, importHelp()], { roleOf, before: setUpFirst });
}

async function roleOf({ teamId, userId }: CommandContext): Promise<Role | undefined> {
  return (await current(teamId, userId))?.role;
}

async function setUpFirst(context: CommandContext): Promise<boolean> {
  try {
    await currentAccount(context.teamId, context.userId);
    return false;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'set_up_needed') return false;
    await openSetUp(context);
    return true;
  }
}

async function current(teamId: string, userId: string) {
  try {
    return await currentAccount(teamId, userId);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
