import { Refusal } from '../src/billing/refusal.ts';
import { readLink } from '../src/services/kit/links.ts';
import type { SlackApp } from '../src/slack/app/app.ts';
import type { CommandContext } from '../src/slack/app/listeners.ts';
import { type Caller, callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { openSetUp } from '../views/home/set-up.ts';
import { openLink } from '../views/links/open-link.ts';
import { account } from './account.ts';
import { charge, commitment, discount } from './adjustments.ts';
import { aging } from './aging.ts';
import { anomalies } from './anomalies.ts';
import { assign } from './assign.ts';
import { budget } from './budget.ts';
import { compare } from './compare.ts';
import { costs } from './costs.ts';
import { create } from './create.ts';
import { credit } from './credit.ts';
import { deleteCommand } from './delete.ts';
import { digest } from './digest.ts';
import { dryRun } from './dry-run.ts';
import { events } from './events.ts';
import { forecast } from './forecast.ts';
import { group, groups } from './groups.ts';
import { importHelp } from './import.ts';
import { registerCommands } from './index.ts';
import { info } from './info.ts';
import { invoice, invoices } from './invoices.ts';
import { issue } from './issue.ts';
import { jobs } from './jobs.ts';
import { mappings } from './mappings.ts';
import { members } from './members.ts';
import { move } from './move.ts';
import { notify } from './notify.ts';
import { numbers } from './numbers.ts';
import type { Word } from './parse/words.ts';
import { payments } from './payments.ts';
import { preview } from './preview.ts';
import { primary } from './primary.ts';
import { makePrivate, makePublic } from './private.ts';
import { project } from './project.ts';
import { projects } from './projects.ts';
import { rate } from './rate.ts';
import { rename } from './rename.ts';
import { requests } from './requests.ts';
import { reviews } from './reviews.ts';
import type { Subcommand } from './router.ts';
import { settings } from './settings.ts';
import { source } from './source.ts';
import { tax } from './tax.ts';
import { token } from './token.ts';
import { verify } from './verify.ts';

/** In the order of help's topics, and within each topic. */
const SUBCOMMANDS: readonly ((deps: Deps) => Subcommand)[] = [
  costs,
  compare,
  forecast,
  anomalies,
  budget,
  source,
  groups,
  group,
  create,
  rename,
  primary,
  makePrivate,
  makePublic,
  deleteCommand,
  projects,
  project,
  assign,
  move,
  requests,
  invoices,
  invoice,
  aging,
  payments,
  preview,
  dryRun,
  issue,
  discount,
  charge,
  commitment,
  rate,
  tax,
  numbers,
  info,
  credit,
  notify,
  digest,
  reviews,
  jobs,
  events,
  verify,
  account,
  members,
  settings,
  token,
  importHelp,
  mappings,
];

/** All subcommands of `/billing` except `help`, which is generated from them. */
export function subcommandsFor(deps: Deps): readonly Subcommand[] {
  return SUBCOMMANDS.map((make) => make(deps));
}

/**
 * Registers `/billing` with all its subcommands, also as direct messages. The first person to type it in a workspace is
 * guided through the setup.
 */
export function registerBilling(app: SlackApp, deps: Deps): void {
  registerCommands(app, deps, subcommandsFor(deps), {
    roleOf: async (context) => (await memberOrNot(deps, context))?.role,
    // a link names its account, which needn't be the person's current one
    before: async (context, words) => (await openTypedLink(deps, context, words)) || setUpFirst(deps, context),
  });
}

/** Opens what a link names, if it is all that was typed. @returns false for anything else */
async function openTypedLink(deps: Deps, context: CommandContext, words: readonly Word[]): Promise<boolean> {
  const [word, ...more] = words;
  const url = word?.mention?.kind === 'link' ? word.mention.url : (word?.text ?? '');
  const link = deps.linkBase === undefined ? undefined : readLink(deps.linkBase, url);
  if (link?.teamId !== context.teamId || more.length > 0) return false;
  await openLink(deps, context, link);
  return true;
}

async function memberOrNot(deps: Deps, context: CommandContext): Promise<Caller | undefined> {
  try {
    return await callerOf(deps, context);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** @returns whether the person was guided through the setup instead */
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
