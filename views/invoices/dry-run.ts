import type { ActionsBlockElement, KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { may } from '../../src/billing/account/role.ts';
import type { LogEntry } from '../../src/billing/event/event.ts';
import { Decimal } from '../../src/billing/money/money.ts';
import { periodName, toPeriod } from '../../src/billing/period/period.ts';
import { entering } from '../../src/services/access/rights.ts';
import { type DryRun, type DryRunEntry, dryRun } from '../../src/services/invoicing/dry-run.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, context, divider, fields, modal, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pageOf, pager } from '../../src/slack/blocks/paging.ts';
import { heldBackText, sellerLackText } from '../../src/slack/refusal-texts/held-back-texts.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { BILLING_EDIT } from '../group/billing.ts';
import { accountOfButton, type FindAccount, onAccountPages, openAccountModal } from '../kit/account-modal.ts';
import { target } from '../kit/action-target.ts';
import { count, moment, money } from '../kit/figures.ts';
import { DRY_RUN_OPEN, INVOICE_VIEW, RATE_OPEN, SETTINGS_OPEN } from '../kit/open-actions.ts';
import { partialNote } from '../kit/partial.ts';

const TITLE = 'Dry run of the close';
/**
 * How the reason starts if an exchange rate is missing (services/invoicing/estimates.ts). Older stored reasons use the
 * second form.
 */
const EXCHANGE_RATE_MISSING = /^(?:No exchange rate|There is no rate)/;
const PAGE = 'dry_run.page';
const SIZE = 20;
/** Slack shows ten fields in a section. */
const MOST_CURRENCIES = 10;

/** A dry run event's values, as written by the services. */
const toldSchema = z.object({
  period: z.string().transform(toPeriod),
  closesAt: z.coerce.date(),
  invoices: z.number(),
  heldBack: z.number(),
  lacking: z.number(),
  totals: z.array(
    z.object({ currency: z.string(), invoices: z.number(), net: z.string(), tax: z.string(), total: z.string() }),
  ),
  seller: z.array(z.string()),
  named: z.array(
    z.object({
      billingGroupId: z.string(),
      groupName: z.string(),
      period: z.string().transform(toPeriod),
      heldBack: z.string().nullable(),
      lacks: z.array(z.string()),
    }),
  ),
});

type Named = Pick<DryRunEntry, 'billingGroupId' | 'groupName' | 'period' | 'heldBack' | 'lacks'>;
type Sum = Pick<DryRun['totals'][number], 'currency' | 'invoices'> & Record<'net' | 'tax' | 'total', Decimal>;

/** Opens the dry run. */
export function openDryRun(request: RequestContext, find: FindAccount): Promise<void> {
  return openAccountModal(request, TITLE, find, (ctx, account) => dryRunModal(ctx, account, 1));
}

export function registerDryRun(app: SlackApp, deps: Deps): void {
  onAction(app, DRY_RUN_OPEN, (request, action) => openDryRun(request, accountOfButton(deps, request, action)));
  onAccountPages(app, deps, PAGE, dryRunModal);
}

/** The message three days before a close; undefined for an event that isn't a dry run. */
export function dryRunMessage({ accountId, after, description }: LogEntry): Message | undefined {
  const told = toldSchema.safeParse(after);
  if (!told.success) return undefined;
  const { period, closesAt, invoices, heldBack, lacking, totals, seller, named } = told.data;
  const sums = totals.map(({ net, tax, total, ...one }) => ({
    ...one,
    ...{ net: new Decimal(net), tax: new Decimal(tax), total: new Decimal(total) },
  }));
  const rest = heldBack + lacking - named.length;
  return {
    text: escapeMrkdwn(description),
    blocks: [
      section(`*${periodName(period)} closes ${moment(closesAt)}*\n${summary(invoices, heldBack, lacking)}`),
      ...totalBlocks(sums, heldBack),
      ...sellerBlocks(accountId, seller),
      ...named.map((one) => namedBlock(accountId, one)),
      ...(rest > 0 ? [context(`… and ${rest} more`)] : []),
      actions([button('Show all', DRY_RUN_OPEN, { value: target({ account: accountId }), label: 'Show the dry run' })]),
    ],
  };
}

async function dryRunModal(plain: Ctx, account: string, wanted: number): Promise<ModalView> {
  const ctx = await entering(plain, account);
  const { role } = ctx.known;
  const mayMend = role === null || may(role, 'edit_groups');
  const run = await dryRun(ctx, account);
  const { items, page, pages } = pageOf(run.entries, wanted, SIZE);
  const { period, heldBack, lacking, entries } = run;
  const head = `*${periodName(period)}* closes ${moment(run.closesAt)}`;
  const blocks: KnownBlock[] = [
    section(`${head}\n${summary(entries.length - heldBack, heldBack, lacking)}`),
    ...totalBlocks(run.totals, heldBack),
    ...sellerBlocks(account, run.seller, role === null || may(role, 'administer')),
    divider(),
    ...items.map((entry) => entryBlock(account, entry, mayMend)),
    ...(entries.length === 0 ? [section('No billing groups to invoice.')] : []),
    ...(run.isMoving ? [context('Some estimates are being recalculated.')] : []),
    context('Based on current estimates. This preview changes nothing.'),
    ...partialNote(run),
    ...pager({ page, pages, actionId: PAGE, value: { account } }),
  ];
  return modal({ title: TITLE, blocks });
}

function summary(invoices: number, heldBack: number, lacking: number): string {
  return [
    `${count(invoices, 'invoice')} would be issued`,
    ...(heldBack > 0 ? [`*${heldBack} would be held back*`] : []),
    ...(lacking > 0 ? [`${lacking} would be incomplete`] : []),
  ].join(' · ');
}

function totalBlocks(totals: readonly Sum[], heldBack: number): KnownBlock[] {
  if (totals.length === 0) return [];
  const texts = totals.map(
    ({ currency, invoices, net, tax, total }) =>
      `*Total ${money(total, currency)}*\n${count(invoices, 'invoice')}: total before tax ${money(net, currency)}, tax ${money(tax, currency)}`,
  );
  const rest = texts.length - MOST_CURRENCIES;
  return [
    fields(texts.slice(0, MOST_CURRENCIES)),
    ...(rest > 0 ? [context(`… and ${count(rest, 'more currency', 'more currencies')}`)] : []),
    ...(heldBack > 0 ? [context('Invoices that would be held back aren’t included in the totals.')] : []),
  ];
}

function sellerBlocks(account: string, lacks: readonly string[], mayMend = true): KnownBlock[] {
  if (lacks.length === 0) return [];
  const text = `:warning: *Seller*: ${lacks.map(sellerLackText).join(' · ')}`;
  if (!mayMend) return [section(text)];
  return [section(text, { accessory: button('Settings', SETTINGS_OPEN, { value: target({ account }) }) })];
}

function entryBlock(account: string, entry: DryRunEntry, mayMend: boolean): KnownBlock {
  if (entry.heldBack !== null || entry.lacks.length > 0) {
    return mayMend
      ? namedBlock(account, entry, `: ${amountOf(entry)}`)
      : section(namedText(entry, `: ${amountOf(entry)}`));
  }
  const text = `${titleOf(entry)}: ${amountOf(entry)}`;
  if (entry.invoiceId === null) return section(text);
  const value = target({ account, invoice: entry.invoiceId });
  const view = button('View', INVOICE_VIEW, { value, label: `View the estimate of ${entry.groupName}`.slice(0, 75) });
  return section(text, { accessory: view });
}

/** An invoice that would be held back or incomplete, with a button for the form that fixes it. */
function namedBlock(account: string, named: Named, more = ''): KnownBlock {
  return section(namedText(named, more), { accessory: mend(account, named) });
}

function namedText(named: Named, more: string): string {
  const lacks = escapeMrkdwn(named.lacks.join(' · '));
  const held = named.heldBack === null ? [] : [`*Held back:* ${heldBackText(named.heldBack)}`];
  const why = [...held, ...(lacks === '' ? [] : [lacks])].join('\n');
  return `:warning: ${titleOf(named)}${more}\n${why}`;
}

function mend(
  account: string,
  { billingGroupId, groupName, heldBack }: Named,
): Extract<ActionsBlockElement, { type: 'button' }> {
  // without a tax rate, or with costs that can't share an invoice, there is no exchange rate to enter
  if (heldBack !== null && !EXCHANGE_RATE_MISSING.test(heldBack)) {
    return button('Open settings', SETTINGS_OPEN, { value: target({ account }) });
  }
  if (heldBack !== null) return button('Enter a rate', RATE_OPEN, { value: target({ account }) });
  return button('Add details', BILLING_EDIT, {
    value: target({ account, group: billingGroupId }),
    label: `Add billing information for ${groupName}`.slice(0, 75),
  });
}

function titleOf({ groupName, period }: Pick<DryRunEntry, 'groupName' | 'period'>): string {
  return `*${escapeMrkdwn(groupName)}* · ${periodName(period)}`;
}

function amountOf({ total, currency }: DryRunEntry): string {
  return money(total, currency);
}
