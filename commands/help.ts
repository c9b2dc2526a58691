import type { types } from '@slack/bolt';
import type { Role } from '../src/billing/account/role.ts';
import { context, divider, header, section } from '../src/slack/blocks/blocks.ts';
import { code, escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { LIMITS } from '../src/slack/limits/limits.ts';
import type { Reply } from '../src/slack/requests/reply.ts';
import type { Subcommand } from './router.ts';

/** Header, introduction, foot, and room to spare. */
const MOST_BLOCKS = LIMITS.message.blocks - 5;

/** What a person with this role can type, by topic in the order of the list. */
export function helpFor(command: string, subcommands: readonly Subcommand[], role: Role | undefined): Reply {
  const shown = subcommands.filter((subcommand) => subcommand.allowed?.(role) ?? true);
  const topics = [...new Set(shown.map(({ topic }) => topic))];
  const blocks = topics.flatMap((topic) => {
    const lines = shown.filter((subcommand) => subcommand.topic === topic).map((one) => lineOf(command, one));
    return paragraphs(`*${escapeMrkdwn(topic)}*`, lines);
  });
  return {
    text: `Commands: ${shown.map(({ name }) => `${command} ${name}`).join(', ')}`,
    blocks: [
      header(`Commands for ${command}`),
      ...blocks.slice(0, MOST_BLOCKS),
      divider(),
      context(
        `For details and examples, type ${code(`${command} help NAME`)}. Put names with spaces in "quotation marks".`,
      ),
    ],
  };
}

/** One subcommand: how it is written, and examples to copy. */
export function helpOn(command: string, subcommand: Subcommand): Reply {
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

/** Each line with its first example beneath, as that is what people copy. */
function lineOf(command: string, subcommand: Subcommand): string {
  const [example] = subcommand.examples;
  const shown = example === undefined ? '' : ` – for example ${code(`${command} ${example}`)}`;
  return `${code(usageOf(command, subcommand))} ${escapeMrkdwn(subcommand.summary)}${shown}`;
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
