import { isDiscountNote } from '../../billing/invoice/line.ts';
import { sum } from '../../billing/money/money.ts';
import type { BillingDocument, DocumentLine } from '../document.ts';
import { figure, percent, spanName } from '../document-words.ts';
import type { Block, Part } from './flow.ts';
import type { Kit } from './kit.ts';
import { BODY, COLORS, SMALL, STRONG } from './look.ts';
import { type Cell, type Column, headingOf, rowOf, tableElement } from './table.ts';

interface Group {
  /** The project's name, or what the lines have in common. */
  readonly name: string;
  readonly label: string | null;
  readonly lines: readonly DocumentLine[];
}

/** The lines grouped by project, each with a subtotal. Lines without a project come last, credits at the very end. */
export function linesOf(kit: Kit, document: BillingDocument): Part[] {
  const columns = columnsOf(kit, document);
  const table = tableElement(kit, 'Lines');
  const row = (cells: readonly Cell[], look: Parameters<typeof rowOf>[5]) =>
    rowOf(kit, table, kit.left, kit.width, cells, look);
  const blocks = groupsOf(document.lines).flatMap((group): Block[] => [
    row(groupCells(columns, group, document.currency), {
      padding: 4,
      background: COLORS.band,
      keepsNext: group.lines.length > 0,
    }),
    ...group.lines.map((line, at) => row(lineCells(columns, line, document.currency), { padding: 3, hasRule: at > 0 })),
  ]);
  const empty = document.lines.length === 0 ? [row(emptyCells(columns), { padding: 5 })] : [];
  const heading = headingOf(kit, table, kit.left, kit.width, [
    columns.what,
    columns.when,
    ...(columns.rate ? [columns.rate] : []),
    columns.amount,
  ]);
  return [{ space: 16, heading, blocks: [...blocks, ...empty] }];
}

interface Columns {
  readonly what: Column;
  readonly when: Column;
  /** Shown if there is more than one rate. */
  readonly rate: Column | null;
  readonly amount: Column;
}

const AMOUNT = 110;
const RATE = 52;
const WHEN = 112;

function columnsOf(kit: Kit, { currency, lines }: BillingDocument): Columns {
  const hasRates = new Set(lines.map((line) => `${line.taxCategory} ${line.taxRate}`)).size > 1;
  const rate = hasRates ? RATE : 0;
  const what = kit.width - 6 - AMOUNT - rate - WHEN - 12;
  return {
    what: { title: 'Description', x: 6, width: what, align: 'left' },
    when: { title: 'Period', x: 6 + what + 12, width: WHEN, align: 'left' },
    rate: hasRates ? { title: 'Tax', x: 6 + what + 12 + WHEN, width: rate, align: 'right' } : null,
    amount: { title: `Amount (${currency})`, x: kit.width - AMOUNT - 6, width: AMOUNT, align: 'right' },
  };
}

function groupsOf(lines: readonly DocumentLine[]): Group[] {
  const groups = new Map<string, DocumentLine[]>();
  for (const line of lines) {
    const key = line.lineType === 'credit_consumption' ? 'credits' : `project ${line.projectName}`;
    const same = groups.get(key);
    if (same) same.push(line);
    else groups.set(key, [line]);
  }
  const last = (key: string) => (key === 'credits' ? 2 : key === 'project ' ? 1 : 0);
  return [...groups]
    .sort(([a], [b]) => last(a) - last(b))
    .map(([key, own]) => ({
      name: nameOf(key, own),
      isProject: last(key) === 0,
      label: own[0]?.projectLabel ?? null,
      lines: own,
    }));
}

function nameOf(key: string, [first]: readonly DocumentLine[]): string {
  if (key === 'credits') return 'Credits';
  return first?.projectName || 'For all projects';
}

function groupCells({ what, when, amount }: Columns, { name, label, lines }: Group, currency: string): Cell[] {
  const labels = label && label !== name ? [{ text: label, style: SMALL }] : [];
  const subtotal = figure(sum(lines.map((line) => line.total)), currency);
  return [
    { column: what, texts: [{ text: name, style: STRONG }, ...labels], heads: 'Row' },
    { column: when, texts: [{ text: 'Subtotal', style: { ...BODY, color: COLORS.soft } }] },
    { column: amount, texts: [{ text: subtotal, style: STRONG }] },
  ];
}

function lineCells({ what, when, rate, amount }: Columns, line: DocumentLine, currency: string): Cell[] {
  const { preDiscount, total } = line;
  const isNote = isDiscountNote(line);
  const about = [line.serviceType, line.cloudName].filter((text) => text !== null && text !== '').join(' · ');
  const before = preDiscount.equals(total) ? '' : `before discount ${figure(preDiscount, currency)}`;
  return [
    {
      column: what,
      texts: [
        { text: line.description || line.serviceName, style: BODY },
        ...(about === '' ? [] : [{ text: about, style: SMALL }]),
      ],
    },
    { column: when, texts: [{ text: spanName(line.begin, line.end), style: { ...BODY, color: COLORS.soft } }] },
    ...(rate ? [{ column: rate, texts: isNote ? [] : [{ text: percent(line.taxRate), style: BODY }] }] : []),
    {
      column: amount,
      texts: [
        ...(isNote ? [] : [{ text: figure(total, currency), style: BODY }]),
        ...(before === '' ? [] : [{ text: before, style: SMALL }]),
      ],
    },
  ];
}

function emptyCells({ what, amount }: Columns): Cell[] {
  return [
    { column: what, texts: [{ text: 'No costs in this period', style: BODY }] },
    { column: amount, texts: [] },
  ];
}
