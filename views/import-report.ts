import type { KnownBlock } from '@slack/types';
import type { ImportReport } from '../src/services/imports.ts';
import { section } from '../src/slack/blocks.ts';
import type { Message } from '../src/slack/messenger.ts';
import { code, escapeMrkdwn } from '../src/slack/mrkdwn.ts';
import { count } from './shared.ts';

const NAMED = 10;

/** How an import went, for the one who dropped the file. */
export function importReportMessage(report: ImportReport): Message {
  const file = escapeMrkdwn(report.fileName);
  if (report.state === 'refused') {
    const text = `${file} was not imported: ${escapeMrkdwn(report.failure ?? '')}`;
    return { text, blocks: [section(text)] };
  }
  const { read, added, repeated, rejected, rejections, changes } = report;
  const sums = Object.entries(report.sums).map(([currency, amount]) => `${currency} ${amount}`);
  const title = `Imported ${file}: ${count(read, 'row')} read, ${added} new, ${repeated} repeated, ${rejected} rejected`;
  const blocks: KnownBlock[] = [section(`*${title}*\nSum: ${sums.join(', ') || 'nothing'}`)];
  if (rejected > 0) {
    const lines = rejections
      .slice(0, NAMED)
      .map((one) => `Line ${one.line}, ${code(one.column)}: ${escapeMrkdwn(one.reason)}`);
    if (rejected > lines.length) lines.push(`… and ${rejected - lines.length} more`);
    blocks.push(section(`*Rejected*\n${lines.join('\n')}`));
  }
  if (report.notes && report.notes.count > 0) blocks.push(section(notesText(report.notes)));
  if (report.replace) {
    const lines = changes.slice(0, NAMED).map(escapeMrkdwn);
    if (changes.length > lines.length) lines.push(`… and ${changes.length - lines.length} more`);
    blocks.push(section(`*Changed*\n${lines.join('\n') || 'Nothing.'}`));
  }
  return { text: title, blocks };
}

function notesText({ count: found, first }: NonNullable<ImportReport['notes']>): string {
  const lines = first
    .slice(0, NAMED)
    .map((one) => `Line ${one.line}, ${code(one.column)}: ${escapeMrkdwn(one.reason)}`);
  if (found > lines.length) lines.push(`… and ${found - lines.length} more`);
  return `*${count(found, 'note')}*\n${lines.join('\n')}`;
}
