import type { Role } from '../src/billing/account/role.ts';
import { nearestNames } from '../src/billing/group/similar-names.ts';
import type { CommandContext } from '../src/slack/app/listeners.ts';
import type { Word } from './parse/words.ts';

/** What help says about a subcommand. */
export interface HelpText {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name, such as `NAME [PERIOD]`; empty if nothing does. */
  readonly usage: string;
  /** Whole commands to copy, without `/billing`. */
  readonly examples: readonly string[];
}

export interface Subcommand extends HelpText {
  /** The word after `/billing`, in lower case. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Its heading in help. */
  readonly topic: string;
  /** Whether help shows it to this role (undefined: not a member). The service checks the permission itself. */
  allowed?(role: Role | undefined): boolean;
  /** What help says to a role that may do only a part of it; undefined for the others. */
  partFor?(role: Role | undefined): HelpText | undefined;
  /** @param words the words after the subcommand's name @throws Refusal */
  run(context: CommandContext, words: readonly Word[]): Promise<void>;
}

/** What the words request. */
export type Route =
  | { readonly kind: 'run'; readonly subcommand: Subcommand; readonly words: readonly Word[] }
  | { readonly kind: 'empty' }
  | { readonly kind: 'ambiguous'; readonly typed: string; readonly names: readonly string[] }
  /** `near` are the most similar names. */
  | { readonly kind: 'unknown'; readonly typed: string; readonly near: readonly string[] };

export interface Router {
  readonly subcommands: readonly Subcommand[];
  /** Every name and alias, in lower case. */
  readonly names: readonly string[];
  route(words: readonly Word[]): Route;
}

const MOST_SUGGESTIONS = 3;

/** @throws Error when two subcommands share a name or alias */
export function createRouter(subcommands: readonly Subcommand[]): Router {
  const byName = new Map<string, Subcommand>();
  for (const subcommand of subcommands) {
    for (const name of namesOf(subcommand)) {
      if (byName.has(name)) throw new Error(`two subcommands are named ${name}`);
      byName.set(name, subcommand);
    }
  }
  return { subcommands, names: [...byName.keys()], route: (words) => route(byName, words) };
}

function route(byName: ReadonlyMap<string, Subcommand>, words: readonly Word[]): Route {
  const [first, ...rest] = words;
  if (!first) return { kind: 'empty' };
  const typed = first.text.toLowerCase();
  const exact = byName.get(typed);
  if (exact) return { kind: 'run', subcommand: exact, words: rest };
  const begun = startingWith(byName, typed);
  const [only] = begun;
  if (only && begun.length === 1) return { kind: 'run', subcommand: only, words: rest };
  if (begun.length > 1) return { kind: 'ambiguous', typed: first.text, names: begun.map(({ name }) => name) };
  return { kind: 'unknown', typed: first.text, near: similarTo(typed, [...byName.keys()]) };
}

function startingWith(byName: ReadonlyMap<string, Subcommand>, typed: string): readonly Subcommand[] {
  if (typed === '') return [];
  const found = [...byName].filter(([name]) => name.startsWith(typed)).map(([, subcommand]) => subcommand);
  return [...new Set(found)];
}

/** The names that may be meant by a typo. */
function similarTo(typed: string, names: readonly string[]): readonly string[] {
  const near = nearestNames(typed, names, (name) => name);
  return near.sort((a, b) => a.localeCompare(b, 'en')).slice(0, MOST_SUGGESTIONS);
}

function namesOf(subcommand: Subcommand): readonly string[] {
  return [subcommand.name, ...(subcommand.aliases ?? [])];
}
