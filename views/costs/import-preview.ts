import type { KnownBlock } from '@slack/types';
import { periodName, toPeriod } from '../../src/billing/period/period.ts';
import type { ImportPreview } from '../../src/services/costs/preview/import-preview.ts';
import { section } from '../../src/slack/blocks/blocks.ts';
import { count, money } from '../kit/figures.ts';
import { cut, listPart, remarkLine } from './import-parts.ts';

/** How many lines each part of a preview shows. */
const SHOWN = 6;

/** Whether importing the file would store anything; false also for a replacement by a file without a valid row. */
export function hasRows({ read, rejected }: ImportPreview): boolean {
  return read > rejected;
}

/** What importing a file would do, before anything is stored. */
export function previewBlocks(preview: ImportPreview): KnownBlock[] {
  const { read, added, repeated, rejected } = preview;
  const rows = `*Preview* · nothing has been stored yet\n${count(read, 'row')}: ${added} new, ${repeated} already imported, ${rejected} rejected`;
  return [
    section(read > rejected && added === 0 ? `${rows}\nImporting this file again would change nothing.` : rows),
    ...listPart('By month', preview.months.map(monthLine), SHOWN),
    ...listPart(
      count(preview.newProjectCount, 'new project'),
      preview.newProjects.map((title) => cut(title)),
      SHOWN,
      preview.newProjectCount,
    ),
    ...listPart('New costs by billing group', preview.payers.map(payerLine), SHOWN),
    ...listPart('Rejected', preview.rejections.map(remarkLine), SHOWN, rejected),
    ...listPart(count(preview.notes.count, 'note'), preview.notes.first.map(remarkLine), SHOWN, preview.notes.count),
  ];
}

function monthLine(of: ImportPreview['months'][number]): string {
  const { billingMonth, currency, inFile, added, stored, late, isInvoiced } = of;
  const month = periodName(toPeriod(billingMonth));
  const [file, before, after] = [inFile, stored, stored.plus(added)].map((amount) => money(amount, currency));
  const sentences = stored.isZero()
    ? [`${month}: ${file} in this file, nothing imported from this source yet.`]
    : [
        `${month}: ${file} in this file, ${before} already imported from this source.`,
        isInvoiced
          ? `*Import* brings it to ${after}.`
          : `*Import* brings it to ${after}, *Replace earlier costs* to ${file}.`,
      ];
  if (!late.isZero()) sentences.push(`New rows of ${money(late, currency)} will be late costs on a later invoice.`);
  if (isInvoiced) sentences.push('The month has been invoiced, so its earlier costs can’t be replaced.');
  return sentences.join(' ');
}

function payerLine({ group, currency, amount }: ImportPreview['payers'][number]): string {
  return `${group === null ? 'A new billing group' : cut(group)}: ${money(amount, currency)}`;
}
