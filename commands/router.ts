import { distance } from 'fastest-levenshtein';
import type { Role } from '../src/billing/account/role.ts';
import type { CommandContext } from '../src/slack/app/listeners.ts';
import type { Word } from './parse/words.ts';

export interface Subcommand {
  /** The word after `/billing`, in lower case. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name, such as `NAME [PERIOD]`; empty if nothing does. */
  readonly usage: string;
  /** Whole commands to copy, without `/billing`. */
  readonly examples: readonly string[];
  /** Its heading in help. */
  readonly topic: string;
  /** Whether help shows it to this role (undefined: not a member). The service checks the permission itself. */
  allowed?(role: Role | undefined): boolean;
  /** @param words the words after the subcommand's name @throws Refusal */
  run(context: CommandContext, words: readonly Word[]): Promise<void>;
}

/** What the words request. */
export type Route =
  | { readonly kind: 'run'; readonly subcommand: Subcommand; readonly words: readonly Word[] }
  | { readonly kind: 'empty' }
  | { readonly kind: 'ambiguous'; readonly typed: string; readonly names: readonly string[] }
  /** `near` are similar names, the nearest first. */
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
  return { kind: 'unknown', typed: first.text, near: nearest([...byName.keys()], typed) };
}

function startingWith(byName: ReadonlyMap<string, Subcommand>, typed: string): readonly Subcommand[] {
  if (typed === '') return [];
  const found = [...byName].filter(([name]) => name.startsWith(typed)).map(([, subcommand]) => subcommand);
  return [...new Set(found)];
}

/**
 * The candidates that may be meant by a typo: at most a third of the letters wrong, with two exchanged neighbors
 * counting as one. Only those equally near.
 */
export function nearest(candidates: readonly string[], typed: string): readonly string[] {
  const scored = candidates
    .map((name) => ({ name, steps: slips(typed, name) }))
    .filter(({ name, steps }) => steps <= Math.max(1, Math.floor(Math.max(name.length, typed.length) / 3)))
    .sort((a, b) => a.steps - b.steps || a.name.localeCompare(b.name, 'en'));
  const least = scored[0]?.steps;
  return scored
    .filter(({ steps }) => steps === least)
    .slice(0, MOST_SUGGESTIONS)
    .map(({ name }) => name);
}

/** Levenshtein distance in which exchanging two neighboring letters costs one step instead of two. */
function slips(typed: string, name: string): number {
  let least = distance(typed, name);
  for (let i = 0; i + 1 < typed.length; i += 1) {
    const exchanged = typed.slice(0, i) + typed.charAt(i + 1) + typed.charAt(i) + typed.slice(i + 2);
    least = Math.min(least, distance(exchanged, name) + 1);
  }
  return least;
}

function namesOf(subcommand: Subcommand): readonly string[] {
  return [subcommand.name, ...(subcommand.aliases ?? [])];
}
