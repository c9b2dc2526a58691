import { titleOfProject } from '../../src/billing/group/names.ts';
import { CURRENCIES, currencyName } from '../../src/billing/money/currency.ts';
import type { Found } from '../../src/services/kit/search.ts';
import type { Choice } from '../../src/slack/blocks/blocks.ts';

/** A menu's limit. */
const MOST = 100;

export function currencyChoice(code: string): Choice {
  return { text: `${code} · ${currencyName(code)}`, value: code };
}

/** The currencies that match what was typed. */
export function currencyChoices(typed: string): Choice[] {
  return matching(CURRENCIES.map(currencyChoice), typed);
}

/** A search result as a menu option. */
export function foundChoice(found: Found): Choice {
  return { text: titleOfProject(found), value: found.id };
}

/** The choices that contain every typed word, with those that start with it first. */
export function matching(choices: readonly Choice[], typed: string): Choice[] {
  const words = typed
    .toLowerCase()
    .split(/[\s_]+/)
    .filter(Boolean);
  const fitting = choices.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
  const begins = ({ text }: Choice) => (text.toLowerCase().startsWith(words[0] ?? '') ? 0 : 1);
  return [...fitting].sort((a, b) => begins(a) - begins(b)).slice(0, MOST);
}
