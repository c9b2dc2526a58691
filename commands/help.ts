import type { types } from '@slack/bolt';
import type { Role } from '../src/billing/account/role.ts';
import { context, divider, header, section } from '../src/slack/blocks/blocks.ts';
import { code, escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { LIMITS } from '../src/slack/limits/limits.ts';
import type { Reply } from '../src/slack/requests/reply.ts';
import type { Subcommand } from './router.ts';

/** Leaves room for the header, the introduction and the footer. */
const MOST_BLOCKS = LIMITS.message.blocks - 5;

/** The topics in the list's order, with the commands available to this role. */
export function helpFor(command: string, subcommands: readonly Subcommand[], role: Role | undefined): Reply {
  const shown = shownTo(subcommands, role);
  const blocks = topicsOf(shown).map((topic) => {
    const names = shown.filter((one) => one.topic === topic).map(({ name }) => code(name));
    return section(`*${escapeMrkdwn(topic)}* · ${code(`${command} help ${topic.toLowerCase()}`)}\n${names.join(', ')}`);
  });
  return {
    text: `Commands: ${shown.map(({ name }) => `${command} ${name}`).join(', ')}`,
    blocks: [
      header(`Commands for ${command}`),
      ...blocks.slice(0, MOST_BLOCKS),
      divider(),
      context(
        `For details and examples, type ${code(`${command} help`)} and a topic or a command. Put names with spaces in "quotation marks".`,
      ),
    ],
  };
}

/** One topic: each command available to this role, with an example; undefined if there is no such topic. */
export function helpOnTopic(
  command: string,
  subcommands: readonly Subcommand[],
  { topic: typed, role }: { readonly topic: string; readonly role: Role | undefined },
): Reply | undefined {
  const shown = shownTo(subcommands, role);
  const topic = topicsOf(shown).find((one) => one.toLowerCase() === typed.trim().toLowerCase());
  if (topic === undefined) return undefined;
  const about = shown.filter((one) => one.topic === topic).map((one) => ({ ...one, ...one.partFor?.(role) }));
  const names = about.map(({ name }) => `${command} ${name}`).join(', ');
  const blocks = [header(topic), ...about.map((one) => section(entryOf(command, one)))];
  const more = context(`For all examples of a command, type ${code(`${command} help COMMAND`)}.`);
  return { text: `${topic}: ${names}`, blocks: [...blocks.slice(0, MOST_BLOCKS), divider(), more] };
}

function shownTo(subcommands: readonly Subcommand[], role: Role | undefined): readonly Subcommand[] {
  return subcommands.filter((subcommand) => subcommand.allowed?.(role) ?? true);
}

function topicsOf(shown: readonly Subcommand[]): readonly string[] {
  return [...new Set(shown.map(({ topic }) => topic))];
}

/** One subcommand as far as this role may use it: its usage, and examples to copy. */
export function helpOn(command: string, whole: Subcommand, role: Role | undefined): Reply {
  const subcommand = { ...whole, ...whole.partFor?.(role) };
  const usage = usageOf(command, subcommand);
  const also = (subcommand.aliases ?? []).map((alias) => code(`${command} ${alias}`));
  const examples = subcommand.examples.map((example) => code(`${command} ${example}`));
  const blocks: types.KnownBlock[] = [section(`${code(usage)}\n${escapeMrkdwn(subcommand.summary)}`)];
  if (examples.length > 0) blocks.push(...paragraphs('*Examples*', examples));
  if (also.length > 0) blocks.push(context(`Also: ${also.join(', ')}`));
  const text = [`${usage}: ${subcommand.summary}`, ...subcommand.examples.map((example) => `${command} ${example}`)];
  return { text: text.map(escapeMrkdwn).join('\n'), blocks };
}

function usageOf(command: string, { name, usage }: Subcommand): string {
  return [command, name, usage].filter((part) => part !== '').join(' ');
}

/** Usage, summary, and the first example that shows more than the usage does, since people copy examples. */
function entryOf(command: string, subcommand: Subcommand): string {
  const usage = usageOf(command, subcommand);
  const example = subcommand.examples.find((one) => one !== subcommand.name);
  const shown = example === undefined ? '' : `\nExample: ${code(`${command} ${example}`)}`;
  return `${code(usage)}\n${escapeMrkdwn(subcommand.summary)}${shown}`;
}

/** The lines under their heading, in as many sections as they need. */
function paragraphs(heading: string, lines: readonly string[]): readonly types.KnownBlock[] {
  const texts: string[] = [];
  let text = heading;
  for (const line of lines) {
    if (text.length + 1 + line.length > LIMITS.section.text) {
      texts.push(text);
      text = line;
    } else text = `${text}\n${line}`;
  }
  return [...texts, text].map((paragraph) => section(paragraph));
}
