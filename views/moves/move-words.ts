import { cutName } from '../../src/billing/group/names.ts';
import { Decimal } from '../../src/billing/money/money.ts';
import { effectiveDateText, effectiveFrom } from '../../src/billing/move/effective-date.ts';
import type { Effect } from '../../src/billing/move/move.ts';
import { dayNameIn } from '../../src/billing/period/day.ts';
import type { AskResult } from '../../src/services/moves/move-ask.ts';
import type { EstimateChange } from '../../src/services/moves/move-preview.ts';
import type { MoveSummary } from '../../src/services/moves/move-read.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { count, listText, money, projectTitle } from '../kit/figures.ts';

/** How many projects and how many groups a text names. */
const MOST_NAMED = 10;
const HANDFUL = 5;
const MOST_CHANGES = 6;

/** The label of an effective date in a menu. */
export function effectName(effect: Effect, at: Date, zone: string): string {
  const start = { period_start: 'Start of this month', next_period: 'Start of next month', now: 'Now' }[effect];
  const effective = effectiveFrom(effect, at, zone);
  return effect === 'now' ? `${start}: ${effective}` : `${start} (${effective})`;
}

/** How much of the costs so far the move includes. */
export function includedCostsText(
  effect: Effect,
  along: readonly { currency: string; amount: Decimal | string }[],
): string {
  if (effect === 'next_period' && along.length === 0) return 'This month’s costs stay';
  if (along.length === 0) return 'Includes no costs so far';
  const amounts = along.map(({ amount, currency }) => money(new Decimal(amount), currency));
  return `Includes ${amounts.join(' and ')} of costs so far`;
}

/** A group's estimate before and after, on one line. */
export function estimateChangeText({ name, currency, ...change }: Omit<EstimateChange, 'billingGroupId'>): string {
  const { before, after, commitments, leftOut = [] } = change;
  const to = (from: Decimal, until: Decimal) => `${money(from, currency)} → ${money(until, currency)}`;
  const missing = commitments ? ` · short of the minimum commitment: ${to(commitments.before, commitments.after)}` : '';
  const rest = leftOut.map((one) => `${money(one.amount, one.currency)} (${one.kind})`).join(', ');
  const without = rest === '' ? '' : ` · not included without an exchange rate: ${rest}`;
  return `*${escapeMrkdwn(name)}* ${to(before, after)}${missing}${without}`;
}

/** The same for the first of many groups. */
export function estimateChangesText(changes: readonly Omit<EstimateChange, 'billingGroupId'>[]): string {
  const lines = changes.slice(0, MOST_CHANGES).map(estimateChangeText);
  const more = changes.length - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${count(more, 'more group')}`] : [])].join('\n');
}

type MoveFacts = NonNullable<MoveSummary['facts']>;

/** The cost impact of a request: with current costs if it is open, otherwise as of its decision. */
export function costImpactText(
  { effect: wanted, wantedAt }: Pick<MoveSummary, 'effect' | 'wantedAt'>,
  { along, estimates }: MoveFacts,
): string {
  const changes = estimateChangesText(estimates.map(toChange));
  // a later date is the start of a month, whatever was requested
  const effect = wantedAt ? 'period_start' : wanted;
  return `${includedCostsText(effect, along)}\nThis month’s estimates before and after the move, excluding tax:\n${changes}`;
}

/** The same for a line of a list. */
export function costImpactSummary({ estimates }: MoveFacts): string {
  return estimateChangesText(estimates.map(toChange));
}

function toChange({ before, after, commitments, leftOut, ...rest }: MoveFacts['estimates'][number]) {
  const pair = (one: { readonly before: string; readonly after: string }) => ({
    before: new Decimal(one.before),
    after: new Decimal(one.after),
  });
  return {
    ...rest,
    ...pair({ before, after }),
    ...(commitments && { commitments: pair(commitments) }),
    ...(leftOut && { leftOut: leftOut.map((one) => ({ ...one, amount: new Decimal(one.amount) })) }),
  };
}

/** Projects in a sentence: the first few by name; several with their number, `7 projects (web-shop, …, web-api and 2 more)`. */
export function projectNamesText(
  projects: readonly { name: string; label: string | null }[],
  title: (project: { name: string; label: string | null }) => string = projectTitle,
): string {
  const [first] = projects;
  if (projects.length === 1 && first) return title(first);
  const names = projects.slice(0, HANDFUL).map(title).join(', ');
  const more = projects.length - HANDFUL;
  return `${count(projects.length, 'project')} (${names}${more > 0 ? ` and ${more} more` : ''})`;
}

/** What an approver confirms, in plain text that is short enough for Slack's dialog, whatever the names. */
export function confirmationText({ projects, toGroupName, timeZone, ...date }: MoveSummary): string {
  return `Move ${namesToConfirm(projects)} to ${cutName(toGroupName, 50)}, effective ${effectiveDateText(date, timeZone)}.`;
}

/** What a requester confirms before a request is withdrawn, as short. */
export function withdrawalText({ projects, toGroupName }: MoveSummary): string {
  return `${namesToConfirm(projects)} won’t be moved to ${cutName(toGroupName, 50)}. You can send a new request later.`;
}

function namesToConfirm(projects: MoveSummary['projects']): string {
  return projectNamesText(projects, ({ name, label }) => cutName(label ?? name, 27));
}

/** Project names, the first few of many. */
export function projectListText(projects: readonly { name: string; label: string | null }[]): string {
  return listText(
    projects.map((project) => `• ${projectTitle(project)}`),
    MOST_NAMED,
  );
}

/** The result of a move: done, pending approval, or already in the group. */
export function moveResultText(result: AskResult): string {
  const to = `*${escapeMrkdwn(result.to.name)}*`;
  const [first] = result.projects;
  const what =
    result.projects.length === 1 && first ? `*${projectTitle(first)}*` : count(result.projects.length, 'project');
  const there =
    result.there.length === 0
      ? ''
      : ` ${count(result.there.length, 'project')} ${result.there.length === 1 ? 'is' : 'are'} already in this group.`;
  if (result.kind === 'nothing') return `Nothing to move.${there}`;
  const is = result.projects.length === 1 ? 'is' : 'are';
  if (result.kind === 'moved') {
    const effective = dayNameIn(result.at, result.timeZone);
    return result.isLater
      ? `${what} will be in ${to}, effective ${effective}.${there}`
      : `${what} ${is} now in ${to}, effective ${effective}.${there}`;
  }
  return `Requested approval to move ${what} to ${to}. You’ll get a message with the decision.${there}`;
}
