import type { Shortcut } from '../../workspace/types.ts';
import type { World } from '../world.ts';

/** A suggestion for what is being typed. */
export interface Completion {
  key: string;
  label: string;
  hint: string;
  detail: string;
  /** The whole line, completed. */
  text: string;
  /** A global shortcut runs immediately instead of completing the line. */
  shortcut?: Shortcut;
}

export interface Completions {
  list: Completion[];
  /** Whether Enter accepts the first one. Otherwise Enter sends, and Tab, or Enter after an arrow, accepts one. */
  isTakenByEnter: boolean;
}

const NONE: Completions = { list: [], isTakenByEnter: false };
const MOST = 12;

/** Suggestions for a line: a command, one of its subcommands, a person, a user group or a channel. */
export function completionsOf(world: World, text: string): Completions {
  if (text.startsWith('/') && !text.includes(' ')) return { list: commands(world, text), isTakenByEnter: true };
  const mention = /(^|\s)([@#])([\w.-]*)$/.exec(text);
  if (mention) {
    const [, , sign = '', typed = ''] = mention;
    const before = text.slice(0, text.length - typed.length);
    const list = sign === '@' ? names(world, before, typed) : channels(world, before, typed);
    return { list: list.slice(0, MOST), isTakenByEnter: typed !== '' };
  }
  return text.startsWith('/') ? { list: subcommands(world, text), isTakenByEnter: false } : NONE;
}

/** The usage hint of a command that has been typed. */
export function usageOf(world: World, text: string): string | undefined {
  const [name = '', ...rest] = text.split(' ');
  const usage = world.commands.find((it) => it.command === name)?.usage_hint;
  return rest.length > 0 && usage ? `${name} ${usage}` : undefined;
}

function commands(world: World, text: string): Completion[] {
  const slash = world.commands.map(({ command, usage_hint: hint, description: detail }) => ({
    key: command,
    label: command,
    hint,
    detail,
    text: `${command} `,
  }));
  const wanted = text.slice(1).toLowerCase();
  const shortcuts = world.shortcuts
    .filter((it) => it.type === 'global' && it.name.toLowerCase().includes(wanted))
    .map((shortcut) => ({
      key: shortcut.callback_id,
      label: `⚡ ${shortcut.name}`,
      hint: '',
      detail: shortcut.description,
      text: '',
      shortcut,
    }));
  return [...slash.filter((it) => it.label.startsWith(text)), ...shortcuts];
}

/** The subcommands listed in a usage hint such as `groups | group NAME | help`. */
function subcommands(world: World, text: string): Completion[] {
  const [, name = '', typed = ''] = /^(\/\S+) (\S*)$/.exec(text) ?? [];
  const usage = world.commands.find((it) => it.command === name)?.usage_hint ?? '';
  if (!usage.includes('|')) return [];
  return usage
    .split('|')
    .map((part) => part.trim())
    .filter((part) => /^[a-z]/.test(part) && part.startsWith(typed) && part !== typed)
    .map((part) => {
      const [word = '', ...rest] = part.split(' ');
      const whole = `${name} ${word}`;
      return { key: part, label: whole, hint: rest.join(' '), detail: '', text: rest.length > 0 ? `${whole} ` : whole };
    });
}

function names(world: World, before: string, typed: string): Completion[] {
  const people = world.people.map(({ name, real_name, title }) => ({
    name,
    label: real_name,
    detail: title ?? '',
  }));
  const groups = world.user_groups.map(({ handle, name }) => ({ name: handle, label: name, detail: 'user group' }));
  return [...people, ...groups]
    .filter(({ name, label }) => `${name} ${label}`.toLowerCase().includes(typed.toLowerCase()))
    .map(({ name, label, detail }) => ({
      key: name,
      label: `@${name}`,
      hint: label,
      detail,
      text: `${before}${name} `,
    }));
}

function channels(world: World, before: string, typed: string): Completion[] {
  return world.channels
    .filter((channel) => !channel.is_im && channel.name.includes(typed))
    .map(({ id, name }) => ({ key: id, label: `#${name}`, hint: '', detail: '', text: `${before}${name} ` }));
}
