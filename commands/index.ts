import type { Role } from '../src/billing/account/role.ts';
import type { SlackApp } from '../src/slack/app/app.ts';
import { type CommandContext, onCommand } from '../src/slack/app/listeners.ts';
import { section } from '../src/slack/blocks/blocks.ts';
import { code } from '../src/slack/blocks/mrkdwn.ts';
import type { Deps } from '../src/slack/requests/caller.ts';
import { onDirectMessage } from '../src/slack/requests/direct-message.ts';
import { helpFor, helpOn, helpOnTopic } from './help.ts';
import { phrase, splitWords, type Word } from './parse/words.ts';
import { createRouter, type Route, type Router, type Subcommand } from './router.ts';

export const COMMAND = '/billing';
/** The command's name at the start of a message. */
const NAMED = /^\/?billing(?=\s|$)/i;

export interface CommandOptions {
  /** The caller's role, which decides what help shows; undefined if the person isn't a member. */
  roleOf(context: CommandContext): Promise<Role | undefined>;
  /** Called before anything else; returns true if it has answered, as on first use. */
  before?(context: CommandContext, words: readonly Word[]): Promise<boolean>;
}

/** Registers `/billing` with its subcommands and `help`, and the same commands as direct messages. */
export function registerCommands(
  app: SlackApp,
  deps: Deps,
  subcommands: readonly Subcommand[],
  options: CommandOptions,
): void {
  const help: Subcommand = {
    name: 'help',
    summary: 'List all commands, or explain a topic or a command.',
    usage: '[TOPIC | COMMAND]',
    examples: subcommands.slice(0, 1).map(({ name }) => `help ${name}`),
    topic: 'Help',
    run: async (context, words) => runHelp({ router, subcommands }, context, words, options),
  };
  const router = createRouter([...subcommands, help]);
  const carryOut = async (context: CommandContext, words: readonly Word[]) => {
    if (await options.before?.(context, words)) return;
    const route = router.route(words);
    if (route.kind === 'run') await route.subcommand.run(context, route.words);
    else if (route.kind === 'empty') await runHelp({ router, subcommands }, context, [], options);
    else await sayUnknown(context, route);
  };
  onCommand(app, COMMAND, (context, { text }) => carryOut(context, splitWords(text)));
  onDirectMessage(app, deps, (context, text) => carryOut(context, meant(router, text)));
}

/**
 * The words of a message that is a command, with or without `/billing`, or an address; none for any other, which is
 * answered with help.
 */
function meant(router: Router, message: string): readonly Word[] {
  const text = message
    .trim()
    .replace(/^`+|(?<!`)`+$/g, '')
    .trim();
  const typed = text.replace(NAMED, '');
  if (typed !== text) return splitWords(typed);
  const [first = ''] = text.split(/\s+/);
  if (/^<https?:[^>]*>$/.test(text)) return splitWords(text);
  return router.names.includes(first.toLowerCase()) ? splitWords(text) : [];
}

/** @param of the subcommands, and the router that knows `help` as well */
async function runHelp(
  { router, subcommands }: { readonly router: Router; readonly subcommands: readonly Subcommand[] },
  context: CommandContext,
  words: readonly Word[],
  options: CommandOptions,
): Promise<void> {
  const role = await options.roleOf(context);
  const topic = helpOnTopic(COMMAND, subcommands, { topic: phrase(words), role });
  const route = router.route(words);
  if (topic) await context.respond(topic);
  else if (route.kind === 'run') await context.respond(helpOn(COMMAND, route.subcommand, role));
  else if (route.kind === 'empty') await context.respond(helpFor(COMMAND, subcommands, role));
  else await sayUnknown(context, route, 'help ');
}

/** @param before the text between `/billing` and the unknown word */
async function sayUnknown(
  context: CommandContext,
  route: Extract<Route, { kind: 'unknown' | 'ambiguous' }>,
  before = '',
): Promise<void> {
  const names = route.kind === 'unknown' ? route.near : route.names;
  const meant = names.map((name) => code(`${COMMAND} ${before}${name}`)).join(', ');
  const opening =
    route.kind === 'unknown'
      ? `There is no command ${code(route.typed)}.`
      : `${code(route.typed)} matches several commands.`;
  const question = meant === '' ? `Type ${code(`${COMMAND} help`)} to see all commands.` : `Did you mean ${meant}?`;
  const text = `${opening} ${question}`;
  await context.respond({ text, blocks: [section(text)] });
}
