import type { Effect } from '../src/billing/move.ts';
import type { AskResult } from '../src/services/move-ask.ts';
import type { EffectPreview, EstimateChange } from '../src/services/move-read.ts';
import { escapeMrkdwn } from '../src/slack/mrkdwn.ts';
import { count, money, projectTitle } from './shared.ts';

/** How many projects a text names. */
const MOST_NAMED = 10;

/** An instant as a person of the account reads it, for texts that cannot follow each reader's own time zone. */
export function instantIn(zone: string, instant: Date, withTime = false): string {
  const style = { day: 'numeric', month: 'short', year: 'numeric', timeZone: zone } as const;
  const time = withTime ? ({ hour: '2-digit', minute: '2-digit' } as const) : {};
  return new Intl.DateTimeFormat('en-GB', { ...style, ...time }).format(instant);
}

/** From when on, as a choice says it. */
export function effectName(effect: Effect, at: Date, zone: string): string {
  if (effect === 'now') return `Now (${instantIn(zone, at, true)})`;
  return effect === 'period_start'
    ? `Start of this month (${instantIn(zone, at)})`
    : `Start of next month (${instantIn(zone, at)})`;
}

/** How much of the costs so far goes along. */
export function alongInWords({ effect, along }: EffectPreview): string {
  if (effect === 'next_period') return 'The costs of this month stay';
  if (along.length === 0) return 'No costs so far go along';
  return `${along.map(({ amount, currency }) => `${currency} ${amount.toFixed()}`).join(' and ')} so far go along`;
}

/** A group's estimate before and after, in a line. */
export function changeInWords({ name, currency, before, after }: EstimateChange): string {
  return `*${escapeMrkdwn(name)}* ${money(before, currency)} → ${money(after, currency)}`;
}

/** Projects by their names, the first few of many. */
export function projectsInWords(projects: readonly { name: string; label: string | null }[]): string {
  const named = projects.slice(0, MOST_NAMED).map((project) => `• ${projectTitle(project)}`);
  const more = projects.length - named.length;
  return [...named, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

/** What came of asking for a move: moved, or waiting for approval, or there already. */
export function askedInWords(result: AskResult): string {
  const to = `*${escapeMrkdwn(result.to.name)}*`;
  const [first] = result.projects;
  const what =
    result.projects.length === 1 && first ? `*${projectTitle(first)}*` : count(result.projects.length, 'project');
  const there =
    result.there.length === 0
      ? ''
      : ` ${count(result.there.length, 'project')} ${result.there.length === 1 ? 'is' : 'are'} in it already.`;
  if (result.kind === 'nothing') return `Nothing to do:${there}`;
  const is = result.projects.length === 1 ? 'is' : 'are';
  if (result.kind === 'moved') return `${what} ${is} in ${to} now.${there}`;
  return `Asked for approval to move ${what} to ${to}; you will be told what comes of it.${there}`;
}
