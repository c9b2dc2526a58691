import type { ModalView } from '@slack/types';
import { MAPPING_NAME_LIMIT } from '../../../src/billing/cost/cost-mapping.ts';
import type { MappingDraft } from '../../../src/services/costs/mappings/mapping-draft.ts';
import {
  type Choice,
  externalSelect,
  input,
  multiStaticSelect,
  radioButtons,
  section,
  staticSelect,
  textInput,
} from '../../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../../src/slack/blocks/mrkdwn.ts';
import { LIMITS } from '../../../src/slack/limits/limits.ts';
import { currencyChoice } from '../../kit/choices.ts';
import { formModal } from '../../kit/form.ts';
import type { Origin } from '../../kit/origin.ts';
import type { Typed } from './mapping-fields.ts';

export const MAPPING_FORM = 'costs.map';
export const MAPPING_CURRENCY = 'costs.map.fixedCurrency';
export const MAPPING_TITLE = 'Choose columns';

/** How much of the first rows is shown above the form. */
const SHOWN = { rows: 3, columns: 30, cell: 28, name: 26, characters: 2_700 } as const;

const NUMBERS = choices({
  ',.': '1.234,56',
  '.,': '1,234.56',
  ', ': '1 234,56',
  '. ': '1 234.56',
  ".'": '1’234.56',
  ",'": '1’234,56',
});
const DATES = choices({
  dmy: 'Day, month, year (31.10.2026)',
  mdy: 'Month, day, year (10/31/2026)',
  ymd: 'Year, month, day (2026-10-31)',
  month: 'Month only (2026-10, 10/2026, Oct 2026)',
});
const CODES = choices({ 'utf-8': 'UTF-8 or UTF-16', 'windows-1252': 'Windows-1252 (Western European)' });
const MODES = choices({
  add: 'Add rows that haven’t been imported',
  replace: 'Replace earlier costs from these files for the same months',
});

/** The form in which a person says what the columns of a file are, below the file's first rows. */
export function mappingForm(
  origin: Origin,
  { header, rows }: Pick<MappingDraft, 'header' | 'rows'>,
  typed: Partial<Typed>,
  fault?: string,
): ModalView {
  const columns = header.map((name, at) => columnChoice(name, at, rows)).slice(0, LIMITS.select.options);
  const column = (id: keyof Typed, label: string, hint?: string) => {
    const initial = columns.find(({ value }) => value === typed[id]);
    const menu = staticSelect(`${MAPPING_FORM}.${id}`, columns, initial && { initial });
    return input(id, label, menu, { optional: id !== 'amount', ...(hint !== undefined && { hint }) });
  };
  const choice = (id: keyof Typed, label: string, all: readonly Choice[], optional = false) => {
    const initial = all.find(({ value }) => value === typed[id]);
    return input(id, label, staticSelect(`${MAPPING_FORM}.${id}`, all, initial && { initial }), { optional });
  };
  const fixed = typed.fixedCurrency ? { initial: currencyChoice(typed.fixedCurrency) } : {};
  const tags = columns.filter(({ value }) => typed.tags?.includes(value));
  return formModal({
    title: MAPPING_TITLE,
    callbackId: MAPPING_FORM,
    submit: 'Preview',
    close: 'Cancel',
    origin,
    fault,
    blocks: [
      section(`Choose what the columns of *${escapeMrkdwn(origin.more.name ?? '')}* hold. Its first rows:`),
      section(sampleText(header, rows)),
      input(
        'name',
        'Name of this kind of file',
        textInput(`${MAPPING_FORM}.name`, {
          initial: typed.name,
          maxLength: MAPPING_NAME_LIMIT,
          placeholder: 'Hetzner invoice',
        }),
        { hint: 'Files with the same columns will be recognized, and read the same way.' },
      ),
      column('amount', 'Amount', 'Before tax. Each row has to be a cost. Totals are skipped.'),
      choice('numberFormat', 'Amounts are written as', NUMBERS),
      column('currency', 'Currency column'),
      input('fixedCurrency', 'Currency', externalSelect(MAPPING_CURRENCY, fixed), {
        optional: true,
        hint: 'For rows without a currency in that column.',
      }),
      column('date', 'Date or period'),
      choice('dateFormat', 'Dates are written as', DATES, true),
      column('lastDay', 'Last day', 'If the dates are the first days of longer periods.'),
      input(
        'month',
        'Month',
        textInput(`${MAPPING_FORM}.month`, { initial: typed.month ?? undefined, maxLength: 7, placeholder: '2026-10' }),
        {
          optional: true,
          hint: 'For files without dates: the month of all their costs. You’ll be asked for it with each file.',
        },
      ),
      column('project', 'Project', 'Its ID, or else its name. Without it, all costs go to one project.'),
      column('projectName', 'Project name', 'If the file has both an ID and a name.'),
      column('service', 'Service'),
      column('description', 'Description'),
      column('payer', 'Customer or contract number', 'Costs of each number are replaced separately.'),
      input('tags', 'Tags', multiStaticSelect(`${MAPPING_FORM}.tags`, columns, { initial: tags }), { optional: true }),
      choice('encoding', 'Encoding', CODES),
      ...(origin.more.source === undefined ? [replaceInput(typed)] : []),
    ],
  });
}

function replaceInput(typed: Partial<Typed>) {
  return input(
    'replace',
    'If some of these costs were imported before',
    radioButtons(
      `${MAPPING_FORM}.replace`,
      MODES,
      MODES.find(({ value }) => value === (typed.replace ?? 'add')),
    ),
  );
}

/** A column with its first values, so that a person can tell which is which. */
function columnChoice(name: string, at: number, rows: MappingDraft['rows']): Choice {
  const values = [...new Set(rows.map((row) => (row[at] ?? '').trim()).filter((cell) => cell !== ''))];
  const description = values
    .slice(0, SHOWN.rows)
    .map((cell) => shortened(cell, SHOWN.cell))
    .join(' · ');
  return { text: name, value: String(at), ...(description !== '' && { description: shortened(description, 75) }) };
}

/** The first rows, one line for each column: a table with many columns is too wide for a modal. */
function sampleText(header: readonly string[], rows: MappingDraft['rows']): string {
  const width = Math.min(SHOWN.name, Math.max(...header.map((name) => [...name].length)));
  const lines: string[] = [];
  let left: number = SHOWN.characters;
  for (const [at, name] of header.slice(0, SHOWN.columns).entries()) {
    const cells = rows.slice(0, SHOWN.rows).map((row) => shortened(oneLine(row[at] ?? ''), SHOWN.cell));
    const line = escapeMrkdwn(`${shortened(oneLine(name), width).padEnd(width)}  ${cells.join(' | ')}`.trimEnd());
    left -= line.length + 1;
    if (left < 0) break;
    lines.push(line);
  }
  const more = header.length - lines.length;
  const rest = more > 0 ? `\n… and ${more} more ${more === 1 ? 'column' : 'columns'}` : '';
  return `\`\`\`${lines.join('\n')}${rest}\`\`\``;
}

/** Without what would end the code block. */
function oneLine(text: string): string {
  return text.replaceAll('`', '’').replace(/\s+/g, ' ').trim();
}

function shortened(text: string, most: number): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
}

function choices(names: Readonly<Record<string, string>>): Choice[] {
  return Object.entries(names).map(([value, text]) => ({ text, value }));
}
