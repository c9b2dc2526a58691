import { periodName } from '../../src/billing/period/period.ts';
import type { InvoiceSummary, LineSummary } from '../../src/services/invoicing/invoice-reading.ts';
import { actions, button, context, fields, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { target } from '../kit/action-target.ts';
import { balanceText, count, dueDay, lineText, money, state } from '../kit/figures.ts';
import { INVOICE_VIEW } from '../kit/open-actions.ts';
import { sumsOf, sumsText } from '../kit/sum-rows.ts';
import { pdfButton } from './invoice-download.ts';
import { NOT_CHARGING } from './not-charging.ts';

/**
 * The message about an issued invoice: the main figures, and the next step.
 *
 * @param notElectronic why its electronic form can't be made, in sentences
 */
export function invoiceIssuedMessage(
  invoice: InvoiceSummary,
  biggest: readonly LineSummary[],
  isCharging: boolean,
  notElectronic: readonly string[] = [],
): Message {
  const number = escapeMrkdwn(invoice.number ?? '');
  const group = escapeMrkdwn(invoice.billingGroupName);
  const total = money(invoice.total, invoice.currency);
  const title = `Invoice ${number} for ${group}, ${periodName(invoice.period)}: ${total}`;
  const lines = biggest.map((line) => lineText(line, invoice.currency));
  const due = balanceText(invoice) ?? dueDay(invoice) ?? 'nothing to pay';
  return {
    text: `${title} (${state(invoice.state)})`,
    blocks: [
      section(`*${title}*`),
      fields([`*State*\n${state(invoice.state)}`, `*Due*\n${due}`]),
      section(sumsText(sumsOf(invoice), false)),
      ...(invoice.notCharged === null ? [] : [context(escapeMrkdwn(invoice.notCharged))]),
      ...(invoice.state === 'due' && !isCharging ? [context(NOT_CHARGING)] : []),
      ...(notElectronic.length === 0
        ? []
        : [context(`The electronic invoice couldn’t be generated. ${escapeMrkdwn(notElectronic.join(' '))}`)]),
      section(lines.length === 0 ? 'No costs in this period.' : `*Largest lines*\n${lines.join('\n')}`),
      actions([
        button('View invoice', INVOICE_VIEW, {
          value: target({ account: invoice.accountId, invoice: invoice.id }),
          label: `View invoice ${invoice.number ?? ''}`.slice(0, 75),
        }),
        ...(invoice.number === null ? [] : [pdfButton(invoice)]),
      ]),
      context(
        lines.length === 0
          ? 'No lines'
          : `${count(invoice.lineCount, 'line')} of ${count(invoice.recordCount, 'cost record')}. All lines are in the thread as CSV`,
      ),
    ],
  };
}
