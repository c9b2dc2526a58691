import type { KnownBlock } from '@slack/types';
import { Decimal, formatMoney } from '../../src/billing/money/money.ts';
import type { ImportReport } from '../../src/services/costs/import-queue.ts';
import { actions, button, section } from '../../src/slack/blocks/blocks.ts';
import { code, escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { target } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';

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
  const title = `Imported ${file}: ${count(read, 'row')} read, ${added} new, ${repeated} repeated, ${rejected} rejected`;
  const blocks: KnownBlock[] = [section(`*${title}*\nSum: ${sums.join(', ') || 'nothing'}`), ...rejectedBlocks(report)];
  if (report.notes && report.notes.count > 0) blocks.push(section(notesText(report.notes)));
  if (report.replace) blocks.push(section(`*Changed*\n${changeLines(report)}`));
  if (report.undo && !report.undoneAt) blocks.push(actions([undoButton(report)]));
  return { text: title, blocks };
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
  if (rejected === 0) return [];
  const lines = rejections.slice(0, NAMED).map(({ file, line, column, reason }) => {
    const place = file === undefined ? `Line ${line}` : `${escapeMrkdwn(file)}, line ${line}`;
    return `${place}, ${code(column)}: ${escapeMrkdwn(reason)}`;
  });
  if (rejected > lines.length) lines.push(`… and ${rejected - lines.length} more`);
  return [section(`*Rejected*\n${lines.join('\n')}`)];
}

function notesText({ count: found, first }: NonNullable<ImportReport['notes']>): string {
  const lines = first
    .slice(0, NAMED)
    .map((one) => `Line ${one.line}, ${code(one.column)}: ${escapeMrkdwn(one.reason)}`);
  if (found > lines.length) lines.push(`… and ${found - lines.length} more`);
  return `*${count(found, 'note')}*\n${lines.join('\n')}`;
}

function changeLines({ changes, changeCount = changes.length }: ImportReport): string {
  const lines = changes.slice(0, NAMED).map(escapeMrkdwn);
  if (changeCount > lines.length) lines.push(`… and ${changeCount - lines.length} more`);
  return lines.join('\n') || 'Nothing.';
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
