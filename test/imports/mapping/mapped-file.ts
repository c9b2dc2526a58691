import type { CostMapping } from '../../../src/billing/cost/cost-mapping.ts';
import { type CostRow, readCosts } from '../../../src/imports/costs/cost-file.ts';
import type { FileNote, FocusOptions } from '../../../src/imports/focus/focus.ts';
import { chunks } from '../focus-file.ts';

/** A bill as a German provider sends it: semicolons, decimal commas, days first. */
export const GERMAN_BILL = [
  'Datum;Projekt;Leistung;Währung;Betrag',
  '31.10.2026;Käufer;Server groß;EUR;1.234,56',
  '01.10.2026;Käufer;Speicher;EUR;-1,00',
  '02.10.2026;Shop;Speicher;EUR;1,00-',
  '03.10.2026;Shop;"Rabatt; ""groß"" €";EUR;(1,00)',
];

/** The same bytes in Windows-1252. */
export function windows1252(text: string): Buffer {
  return Buffer.from(text.replaceAll('€', '\u0080'), 'latin1');
}

export const GERMAN: CostMapping = {
  name: 'Rechenzentrum',
  source: 'Rechenzentrum',
  header: ['Datum', 'Projekt', 'Leistung', 'Währung', 'Betrag'],
  separator: ';',
  encoding: 'windows-1252',
  timeZone: 'Europe/Berlin',
  amount: 'Betrag',
  numberFormat: ',.',
  currency: 'Währung',
  fixedCurrency: null,
  date: 'Datum',
  dateFormat: 'dmy',
  lastDay: null,
  project: 'Projekt',
  projectName: null,
  service: 'Leistung',
  description: null,
  payer: null,
  tags: [],
};

export interface ReadFile {
  readonly rows: CostRow[];
  readonly notes: FileNote[];
}

export async function readMapped(
  bytes: Buffer | string,
  mappings: readonly CostMapping[],
  options: FocusOptions = {},
  size = 1000,
): Promise<ReadFile> {
  const rows: CostRow[] = [];
  const notes: FileNote[] = [];
  const all = { now: new Date('2026-11-10T00:00:00Z'), mappings, ...options };
  const source = { bytes: chunks(Buffer.from(bytes), size) };
  for await (const row of readCosts(source, { ...all, onFileNote: (note) => void notes.push(note) })) rows.push(row);
  return { rows, notes };
}

/** What was read: amounts, or the column and the reason of a rejection. */
export function shown({ rows }: ReadFile): string[] {
  return rows.map((row) => (row.kind === 'row' ? row.amount.toFixed() : `${row.line} ${row.column}: ${row.reason}`));
}
