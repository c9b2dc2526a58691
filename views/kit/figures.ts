import type { KnownBlock } from '@slack/types';
import { titleOfProject } from '../../src/billing/group/names.ts';
import { type InvoiceState, stateName } from '../../src/billing/invoice/invoice.ts';
import { isDiscountNote } from '../../src/billing/invoice/line.ts';
import { count } from '../../src/billing/money/count.ts';
import { type Decimal, formatMoney, groupedDigits } from '../../src/billing/money/money.ts';
import { dayName } from '../../src/billing/period/day.ts';
import type { InvoiceSummary, LineSummary } from '../../src/services/invoicing/invoice-reading.ts';
import type { Page } from '../../src/services/kit/page.ts';
import { context, section } from '../../src/slack/blocks/blocks.ts';
import { date, escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { type PageValue, pager } from '../../src/slack/blocks/paging.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';

export { count };

/**
 * How a negative total was settled, and what is left of it: `EUR 71.40 in your favor, kept as credit BALANCE-ACME-1`.
 */
export function balanceText({ balance, currency }: Pick<InvoiceSummary, 'balance' | 'currency'>): string | undefined {
  if (balance === undefined) return undefined;
  const left = balance.left.equals(balance.amount) ? '' : ` · ${money(balance.left, currency)} left`;
  return `${money(balance.amount, currency)} in your favor, kept as credit ${escapeMrkdwn(balance.code)}${left}`;
}

/** A project's title as mrkdwn: the provider's label, with the unique name. */
export function projectTitle(project: { name: string; label: string | null }): string {
  return escapeMrkdwn(titleOfProject(project));
}

/** What figures of usage are, below them. */
export const USAGE_NOTE = 'Usage in the currencies of the cost files, before adjustments, credits and tax.';

export function money(amount: Decimal, currency: string): string {
  return formatMoney(amount, currency);
}

/** A change as a share of what was before, in brackets after a space; empty where there is nothing to compare with. */
export function percentText(change: Decimal, before: Decimal): string {
  if (!before.isPositive() || before.isZero()) return '';
  return ` (${groupedDigits(change.abs().times(100).dividedBy(before).toDecimalPlaces(1))}%)`;
}

/** A day in each reader's own time zone. */
export function day(instant: Date): string {
  return date(instant, '{date_short_pretty}', instant.toISOString().slice(0, 10));
}

export function moment(instant: Date): string {
  return date(instant, '{date_short_pretty} {time}', `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`);
}

export function state(of: InvoiceState): string {
  return stateName(of);
}

/** The project that a line is about. Fees and credits are about the whole group. */
export function lineProject(line: LineSummary): string {
  return line.projectName === '' ? 'Whole group' : projectTitle({ name: line.projectName, label: line.projectLabel });
}

/** An invoice line: its amount, its description, and its project. A discount note has no amount. */
export function lineText(line: LineSummary, currency: string): string {
  const what = `${escapeMrkdwn(line.description)} · ${lineProject(line)}`;
  return isDiscountNote(line) ? what : `${money(line.total, currency)} · ${what}`;
}

/** The due date in the account's time zone; undefined if nothing is to be paid, not yet, or not any longer. */
export function dueDay({ dueDay: day, state: of }: Pick<InvoiceSummary, 'dueDay' | 'state'>): string | undefined {
  return day !== null && of !== 'no_payment_expected' && of !== 'waived' ? dayName(day) : undefined;
}

/**
 * The open amount, the total, and the due date: `USD 4,065.92 of 6,101.42 open · 43 days overdue`. Amounts are in the
 * invoice's currency, days in the account's time zone.
 */
export function openText(of: Pick<InvoiceSummary, 'open' | 'total' | 'currency' | 'dueDay' | 'daysOverdue'>): string {
  const { open, total, currency, dueDay: due, daysOverdue: days } = of;
  const part = open.equals(total) ? '' : ` of ${money(total, currency).slice(currency.length + 1)}`;
  const when = days > 0 ? ` · *${count(days, 'day')} overdue*` : due === null ? '' : ` · due ${dayName(due)}`;
  return `${money(open, currency)}${part} open${when}`;
}

/** The first lines of a list, and how many more there are. */
export function listText(lines: readonly string[], shown: number, total = lines.length): string {
  const first = lines.slice(0, shown);
  return [...first, ...(total > first.length ? [`… and ${total - first.length} more`] : [])].join('\n');
}

/** A page of a list, with buttons for the other pages. */
export function listReply<T>(options: {
  title: string;
  page: Page<T>;
  line: (item: T) => KnownBlock;
  none: string;
  actionId: string;
  value: PageValue;
}): Reply {
  const { title, page, actionId, value } = options;
  const blocks: KnownBlock[] = [section(`*${title}*`)];
  if (page.items.length === 0) blocks.push(section(options.none));
  else blocks.push(...page.items.map(options.line));
  if (page.pages > 1) blocks.push(context(`${page.total} in total`));
  blocks.push(...pager({ page: page.page, pages: page.pages, actionId, value }));
  return { text: title, blocks };
}
