import type { KnownBlock } from '@slack/types';
import { AGE_NAMES, AGES, type Aging } from '../../src/billing/invoice/aging.ts';
import { dayName } from '../../src/billing/period/day.ts';
import { agingCsv } from '../../src/documents/csv/aging-csv.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { type AgingReport, agingReport, type OpenInvoice } from '../../src/services/settlement/aging.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { actions, button, context, divider, fields, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { answer } from '../kit/answer.ts';
import { count, money, openText } from '../kit/figures.ts';
import { chooseDestination, type Wanted } from '../kit/give-file.ts';
import { INVOICE_VIEW } from '../kit/open-actions.ts';
import { partialNote } from '../kit/partial.ts';

export const AGING_OPEN = 'aging.open';
const AGING_CSV = 'aging.csv';
/** Identifies a shared file, in place of an invoice's ID. */
export const AGING_FILE = 'aging';
/** How many currencies and invoices one message shows. The file has all. */
const MOST_CURRENCIES = 5;
const MOST_INVOICES = 10;

/** The open amounts by how long they are overdue, with the invoices that need attention first. */
export async function agingReply(ctx: Ctx, accountId: string): Promise<Reply> {
  const report = await agingReport(ctx, accountId);
  const title = `Open invoices on ${dayName(report.today)}`;
  if (report.invoices.length === 0) {
    return {
      text: `${title}: none`,
      blocks: [section(`*${title}*\nEvery issued invoice has been paid.`), ...partialNote(report)],
    };
  }
  const sums = report.currencies.map(({ currency, total }) => money(total, currency));
  return {
    text: `${title}: ${sums.join(', ')}`,
    blocks: [
      section(`*${title}*`),
      ...report.currencies.slice(0, MOST_CURRENCIES).flatMap(currencyBlocks),
      divider(),
      ...report.invoices.slice(0, MOST_INVOICES).map((invoice) => openInvoiceLine(accountId, invoice)),
      context(footOf(report)),
      ...partialNote(report),
      actions([button('Download CSV', AGING_CSV, { value: target({ account: accountId }) })]),
    ],
  };
}

export function registerAging(app: SlackApp, deps: Deps): void {
  onAction(app, AGING_OPEN, (request, action) =>
    answer(request, action, 'Open invoices', () =>
      agingReply(contextOf(deps, request), readTarget(action.value).account),
    ),
  );
  onAction(app, AGING_CSV, (request, action) =>
    chooseDestination(request, action, async () =>
      agingFile(contextOf(deps, request), readTarget(action.value).account),
    ),
  );
}

/** The report as a file, with every open invoice. */
export function agingFile(ctx: Ctx, account: string): Wanted {
  return {
    ctx,
    key: `${AGING_FILE} ${account}`,
    share: `csv ${account} ${AGING_FILE}`,
    make: async () => {
      const { today, invoices } = await agingReport(ctx, account);
      return {
        name: `open-invoices-${today}.csv`,
        content: Buffer.from(agingCsv(invoices)),
        comment: `Open invoices on ${dayName(today)} · ${count(invoices.length, 'invoice')}`,
      };
    },
  };
}

function currencyBlocks({ currency, invoices, byAge, total }: Aging): KnownBlock[] {
  const ages = AGES.map((age) => `*${AGE_NAMES[age]}*\n${money(byAge[age], currency)}`);
  return [section(`*${money(total, currency)}* open · ${count(invoices, 'invoice')}`), fields(ages)];
}

function openInvoiceLine(account: string, invoice: OpenInvoice): KnownBlock {
  const head = `*${escapeMrkdwn(invoice.number)}* · ${escapeMrkdwn(invoice.billingGroupName)}`;
  return section(`${head}\n${openText(invoice)}`, {
    accessory: button('View invoice', INVOICE_VIEW, {
      value: target({ account, invoice: invoice.id }),
      label: `View invoice ${invoice.number}`.slice(0, 75),
    }),
  });
}

function footOf({ currencies, invoices }: AgingReport): string {
  const more = invoices.length - MOST_INVOICES;
  const left = currencies.length - MOST_CURRENCIES;
  const rest = [
    ...(more > 0 ? [`${count(more, 'more invoice')} in the CSV file`] : []),
    ...(left > 0 ? [`${count(left, 'more currency', 'more currencies')} in the CSV file`] : []),
  ];
  return rest.length > 0 ? rest.join(' · ') : 'The longest overdue come first.';
}
