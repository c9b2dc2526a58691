import type { KnownBlock } from '@slack/types';
import { capitalized } from '../../src/billing/normalized.ts';
import { dayName } from '../../src/billing/period/day.ts';
import { periodName, toPeriod } from '../../src/billing/period/period.ts';
import type { BudgetSummary } from '../../src/services/budgets/budget-spending.ts';
import type { Compared, CostDigest, DigestFigures, Mover } from '../../src/services/notices/digest-figures.ts';
import { context, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { money, percentText } from '../kit/figures.ts';

const FOOTNOTES = {
  weekly: 'Usage imported so far, in the currencies of the cost files, before adjustments, credits and tax.',
  monthly: 'Costs imported so far, before adjustments, credits and tax.',
} as const;

/** A cost digest: the total and its change, the largest changes by project and service, and the budgets. */
export function costDigestMessage(digest: CostDigest): Message {
  const { figures, budgets, rhythm } = digest;
  const span = spanName(digest);
  const totals = figures.map((one) => money(one.now, one.currency)).join(' and ') || 'none';
  const text = `Costs ${rhythm === 'monthly' ? 'of' : 'from'} ${span}: ${totals}`;
  const blocks: KnownBlock[] = [
    section(`*${text}*${figures.map((one) => `\n${changeText(one, one.currency, rhythm)}`).join('')}`),
    ...figures.flatMap((one) => moversBlocks(one, figures.length > 1 ? ` in ${one.currency}` : '')),
    ...(budgets.length === 0 ? [] : [section(`*Budgets*\n${budgets.map(budgetLine).join('\n')}`)]),
    context(FOOTNOTES[rhythm]),
  ];
  return { text, blocks };
}

function spanName({ rhythm, from, until }: CostDigest): string {
  if (rhythm === 'monthly') return periodName(toPeriod(from.slice(0, 7)));
  return `${dayName(from)} to ${dayName(until)}`;
}

/** `Up USD 12.00 (8.1%) from USD 148.00 the week before` */
function changeText({ change, before }: Compared, currency: string, rhythm: CostDigest['rhythm']): string {
  const span = rhythm === 'weekly' ? 'the week before' : 'the month before';
  if (change.isZero()) return `Unchanged from ${span}`;
  const direction = change.isPositive() ? 'Up' : 'Down';
  return `${direction} ${money(change.abs(), currency)}${percentText(change, before)} from ${money(before, currency)} ${span}`;
}

/** @param where the currency, if there are several */
function moversBlocks({ currency, projects, services }: DigestFigures, where: string): KnownBlock[] {
  const part = (title: string, movers: readonly Mover[]) =>
    movers.length === 0
      ? []
      : [section(`*${title}${where}*\n${movers.map((mover) => moverLine(mover, currency)).join('\n')}`)];
  return [...part('Largest changes by project', projects), ...part('Largest changes by service', services)];
}

function moverLine({ name, now, change }: Mover, currency: string): string {
  const direction = change.isPositive() ? 'up' : 'down';
  return `${escapeMrkdwn(name)}: ${direction} ${money(change.abs(), currency)} to ${money(now, currency)}`;
}

function budgetLine({ name, percent, spent, amount, currency }: BudgetSummary): string {
  return `${escapeMrkdwn(capitalized(name))}: ${money(spent, currency)} of ${money(amount, currency)}, ${percent}%`;
}
