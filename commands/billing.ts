import { Refusal } from '../src/billing/refusal.ts';
import type { SlackApp } from '../src/slack/app.ts';
import { type Caller, callerOf, type Deps } from '../src/slack/caller.ts';
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
  registerCommands(app, [...subcommands, importHelp()], {
    roleOf: async (context) => (await memberOrNot(deps, context))?.role,
    before: (context) => setUpFirst(deps, context),
  });
}

async function memberOrNot(deps: Deps, context: CommandContext): Promise<Caller | undefined> {
  try {
    return await callerOf(deps, context);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** @returns whether the person was led through the set-up instead */
async function setUpFirst(deps: Deps, context: CommandContext): Promise<boolean> {
  try {
    await callerOf(deps, context);
    return false;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'set_up_needed') return false;
    await openSetUp(context);
    return true;
  }
}
