import type { KnownBlock } from '@slack/types';
import { Decimal, formatMoney } from '../../src/billing/money/money.ts';
import { periodName, toPeriod } from '../../src/billing/period/period.ts';
import type { ImportReport } from '../../src/services/costs/import-queue.ts';
import { actions, button, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { target } from '../kit/action-target.ts';
import { count, listText } from '../kit/figures.ts';
import { cut, listPart, remarkLine } from './import-parts.ts';

export const CONFIRM = 'import.confirm';
export const CANCEL = 'import.cancel';
export const UNDO = 'import.undo';
const NAMED = 10;

/** The result of an import, or what it would change if it needs confirmation first. */
export function importReportMessage(report: ImportReport): Message {
  const file = escapeMrkdwn(report.fileName);
  if (report.state === 'unconfirmed') return questionMessage(report);
  if (report.state === 'refused') {
    const text = `${file} was not imported: ${escapeMrkdwn(report.failure ?? '')}`;
    return { text, blocks: [section(text)] };
  }
  const { read, added, repeated, rejected } = report;
  const sums = Object.entries(report.sums).map(([currency, amount]) => formatMoney(new Decimal(amount), currency));
  const title = `Imported ${file}: ${count(read, 'row')} read, ${added} new, ${repeated} already imported, ${rejected} rejected`;
  const blocks: KnownBlock[] = [
    section(`*${title}*\nTotal: ${sums.join(', ') || 'nothing'}`),
    ...rejectedBlocks(report),
  ];
  if (report.summary && added > 0) blocks.push(...summaryBlocks(report.summary));
  if (report.notes && report.notes.count > 0) blocks.push(section(notesText(report.notes)));
  if (report.replace) blocks.push(section(`*Changes by project, largest decrease first*\n${changeLines(report)}`));
  if (report.undo && !report.undoneAt) blocks.push(actions([undoButton(report)]));
  return { text: title, blocks };
}

/** The total of the new rows by month and by who pays, and the projects that they brought. */
function summaryBlocks({
  months,
  payers,
  newProjects,
  newProjectCount,
}: NonNullable<ImportReport['summary']>): KnownBlock[] {
  const amountOf = (of: { readonly amount: string; readonly currency: string }) =>
    formatMoney(new Decimal(of.amount), of.currency);
  const monthLines = months.map((one) => `${periodName(toPeriod(one.billingMonth))}: ${amountOf(one)}`);
  const payerLines = payers.map((one) => `${cut(one.group)}: ${amountOf(one)}`);
  return [
    ...listPart('New costs by month', monthLines, NAMED),
    ...listPart('New costs by billing group', payerLines, NAMED),
    ...listPart(
      count(newProjectCount, 'new project'),
      newProjects.map((title) => cut(title)),
      NAMED,
      newProjectCount,
    ),
  ];
}

/** Asks whether to carry out a prepared replacement; twice if it may be a mistake. */
function questionMessage(report: ImportReport): Message {
  const { accountId: account, id, actor, doubts = [] } = report;
  const file = escapeMrkdwn(report.fileName);
  const title = `${mention(actor)} wants to replace costs with ${file}. Nothing has changed yet.`;
  const value = target({ account, import: id });
  const confirm = {
    title: 'Replace costs anyway?',
    text: `${doubts.join(' ')}`.slice(0, 300),
    confirm: 'Replace costs',
    danger: true,
  };
  const isDoubtful = doubts.length > 0;
  return {
    text: title,
    blocks: [
      section(title),
      ...rejectedBlocks(report),
      ...(isDoubtful
        ? [section(`*Check this first*\n${doubts.map((doubt) => `• ${escapeMrkdwn(doubt)}`).join('\n')}`)]
        : []),
      section(`*Changes by project, largest decrease first*\n${changeLines(report)}`),
      actions([
        button('Replace costs', CONFIRM, {
          value,
          ...(isDoubtful ? { style: 'danger', confirm } : { style: 'primary' }),
        }),
        button('Keep current costs', CANCEL, { value }),
      ]),
    ],
  };
}

function rejectedBlocks({ rejected, rejections }: ImportReport): KnownBlock[] {
  return rejected === 0 ? [] : listPart('Rejected', rejections.map(remarkLine), NAMED, rejected);
}

function notesText({ count: found, first }: NonNullable<ImportReport['notes']>): string {
  return `*${count(found, 'note')}*\n${listText(first.map(remarkLine), NAMED, found)}`;
}

function changeLines({ changes, changeCount = changes.length }: ImportReport): string {
  return listText(changes.map(escapeMrkdwn), NAMED, changeCount) || 'No changes.';
}

function undoButton({ accountId: account, id }: ImportReport) {
  return button('Undo replacement', UNDO, {
    value: target({ account, import: id }),
    confirm: {
      title: 'Undo replacement?',
      text: 'The costs that were replaced count again, and the costs of this file are removed.',
      confirm: 'Undo replacement',
      danger: true,
    },
  });
}
