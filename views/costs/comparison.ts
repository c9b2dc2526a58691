import type { KnownBlock } from '@slack/types';
import type { ChangeKind } from '../../src/billing/insight/change.ts';
import type { Decimal } from '../../src/billing/money/money.ts';
import { periodName } from '../../src/billing/period/period.ts';
import type { CurrencyComparison, MonthComparison, NamedChange } from '../../src/services/insight/month-comparison.ts';
import { button, context, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { target } from '../kit/action-target.ts';
import { money, percentText } from '../kit/figures.ts';
import { PROJECT_OPEN } from '../kit/open-actions.ts';
import { partialNote } from '../kit/partial.ts';

export const KIND_NAMES: Readonly<Record<ChangeKind, string>> = {
  price: 'Prices',
  volume: 'Quantities',
  usage: 'Usage and prices',
  new_projects: 'New projects',
  removed_projects: 'Projects without costs now',
  moved_in: 'Projects moved in',
  moved_out: 'Projects moved out',
  other_currency: 'Projects invoiced in another currency before or now',
  new_services: 'New services',
  removed_services: 'Services no longer used',
  exchange_rates: 'Exchange rates',
  late_costs: 'Late costs of earlier months',
  discounts: 'Discounts',
  charges: 'Charges',
  commitments: 'Commitments',
  credits: 'Credits',
  other: 'Other lines',
};

/** What is special about one change; usage without known quantities needs no words. */
const CHANGE_NAMES: Readonly<Record<ChangeKind, string | undefined>> = {
  price: 'price',
  volume: 'quantity',
  usage: undefined,
  new_projects: 'new project',
  removed_projects: 'no costs now',
  moved_in: 'moved in',
  moved_out: 'moved out',
  other_currency: 'another currency',
  new_services: 'new service',
  removed_services: 'no longer used',
  exchange_rates: 'exchange rate',
  late_costs: 'late costs',
  discounts: 'discount',
  charges: 'charge',
  commitments: 'commitment',
  credits: 'credit',
  other: 'other',
};

/** A month compared with the one before it: the totals, what the change is made of, and the largest changes. */
export function comparisonReply(accountId: string, comparison: MonthComparison): Reply {
  const { currencies, period, before, isOpen } = comparison;
  const whose = comparison.subject === null ? '' : ` for ${escapeMrkdwn(comparison.subject)}`;
  const month = `${periodName(period)}${isOpen ? ' so far' : ''}`;
  const title = `${month} compared with ${periodName(before)}${whose}`;
  if (currencies.length === 0) {
    const none = `No costs in ${periodName(period)} or ${periodName(before)}${whose}.`;
    return { text: none, blocks: [section(none), ...partialNote(comparison)] };
  }
  const totals = currencies.map((one) => changeText(one, periodName(before)));
  const blocks: KnownBlock[] = [
    section(`*${title}*\n${totals.join('\n')}`),
    ...currencies.flatMap((one) => {
      const where = currencies.length > 1 ? ` in ${one.currency}` : '';
      return [...kindBlocks(one, where), ...largestBlocks(accountId, one, where)];
    }),
    context(`Before tax and purchased credits.${isOpen ? ` ${periodName(period)} isn’t over yet.` : ''}`),
    ...partialNote(comparison),
  ];
  return { text: `${title}: ${totals.join('; ')}`, blocks };
}

/** `USD 110.00, up USD 10.00 (10%) from USD 100.00 in September 2026` */
export function changeText({ now, before, change, currency }: CurrencyComparison, month: string): string {
  if (change.isZero()) return `${money(now, currency)}, the same as in ${month}`;
  const direction = change.isPositive() ? 'up' : 'down';
  return `${money(now, currency)}, ${direction} ${money(change.abs(), currency)}${percentText(change, before)} from ${money(before, currency)} in ${month}`;
}

/** @param where the currency, if there are several */
function kindBlocks({ byKind, currency, change }: CurrencyComparison, where: string): KnownBlock[] {
  if (byKind.length === 0) return [];
  const isPriced = byKind.some(({ kind }) => kind === 'price' || kind === 'volume');
  const nameOf = (kind: ChangeKind) => (kind === 'usage' && isPriced ? 'Other usage' : KIND_NAMES[kind]);
  const lines = byKind.map(({ kind, amount }) => `${signed(amount, currency)} · ${nameOf(kind)}`);
  return [section(`*What changed${where}*\n${lines.join('\n')}\n*${signed(change, currency)}* · Change`)];
}

function largestBlocks(
  account: string,
  { largest, others, currency }: CurrencyComparison,
  where: string,
): KnownBlock[] {
  if (largest.length === 0) return [];
  const rest = others === null ? [] : [section(`${signed(others, currency)} · All others`)];
  return [section(`*Largest changes${where}*`), ...largest.map((one) => changeBlock(account, one, currency)), ...rest];
}

function changeBlock(account: string, { project, service, kind, amount }: NamedChange, currency: string): KnownBlock {
  const about = [service === null ? undefined : escapeMrkdwn(service), CHANGE_NAMES[kind]].filter(Boolean).join(', ');
  const title = project === null ? 'Whole group' : escapeMrkdwn(project.title);
  const text = `${signed(amount, currency)} · ${title}${about === '' ? '' : `: ${about}`}`;
  if (project === null) return section(text);
  const value = target({ account, project: project.id });
  return section(text, { accessory: button('View costs', PROJECT_OPEN, { value }) });
}

/** `USD +1.00` or, as everywhere, `USD -1.00`. */
export function signed(amount: Decimal, currency: string): string {
  const text = money(amount, currency);
  return amount.isPositive() ? text.replace(' ', ' +') : text;
}
