import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stringify } from 'csv-stringify/sync';
import { Decimal } from '../../billing/money/money.ts';
import { nextPeriod, type Period, shiftPeriod } from '../../billing/period/period.ts';
import { CsvScanner } from '../../imports/file/csv.ts';

/** A row of the sample file by its columns; null where the file says NULL. */
export type SampleRow = Readonly<Record<string, string | null>>;

/** A project in the sample file. */
export interface SampleProject {
  /** Its ID at the provider. */
  readonly externalId: string;
  readonly label: string;
  /** Unique among the projects, such as `atlas-orion`. */
  readonly name: string;
}

/** Which of the sample's costs to return, and as of when. */
export interface SampleWish {
  readonly month: Period;
  /** Only these projects. */
  readonly projects: readonly SampleProject[];
  /** A decimal number that multiplies every amount, exactly. */
  readonly factor: string;
  /** Leaves out charges that began later. */
  readonly until?: Date;
}

const FILE = fileURLToPath(new URL('./focus_sample_1000.csv', import.meta.url));
/** The month of the file's charges. */
const MONTH_OF_FILE = '2024-09' as Period;
/** Amounts of money; unit prices and quantities stay as they are. */
const AMOUNTS = new Set(['BilledCost', 'ContractedCost', 'EffectiveCost', 'ListCost']);
const DATES = new Set(['BillingPeriodStart', 'BillingPeriodEnd', 'ChargePeriodStart', 'ChargePeriodEnd']);
const NONE = 'NULL';
/** How many rows a reader gets at a time. */
const CHUNK = 200;

let known: readonly SampleRow[] | undefined;

/** The rows of the sample file, read once. */
export function sampleRows(): readonly SampleRow[] {
  known ??= readRows();
  return known;
}

/** The sample's projects, the most expensive first. */
export function sampleProjects(): SampleProject[] {
  const costs = new Map<string, { label: string; total: Decimal }>();
  for (const row of sampleRows()) {
    const id = row.SubAccountId ?? '';
    const before = costs.get(id)?.total ?? new Decimal(0);
    costs.set(id, { label: row.SubAccountName ?? id, total: before.plus(row.BilledCost ?? 0) });
  }
  const taken = new Set<string>();
  return [...costs]
    .sort(([, a], [, b]) => b.total.comparedTo(a.total))
    .map(([externalId, { label }]) => ({ externalId, label, name: freeName(label, taken) }));
}

/**
 * The sample's costs as a FOCUS file, moved to another month and scaled: the months in dates change, and so do amounts
 * of money, which stay exact. (The file's month has 30 days. Days that the other month lacks become its 28th.)
 */
export async function* sampleCosts(wish: SampleWish): AsyncGenerator<Uint8Array> {
  const wanted = new Set(wish.projects.map((project) => project.externalId));
  const rows = sampleRows()
    .filter((row) => wanted.has(row.SubAccountId ?? ''))
    .map((row) => moved(row, wish))
    .filter((row) => !wish.until || instantOf(row.ChargePeriodStart) < wish.until);
  const columns = Object.keys(sampleRows()[0] ?? {});
  yield Buffer.from(stringify([columns]));
  for (let at = 0; at < rows.length; at += CHUNK) {
    const cells = rows.slice(at, at + CHUNK).map((row) => columns.map((column) => row[column] ?? NONE));
    yield Buffer.from(stringify(cells));
  }
}

/** The current month and those before it, the earliest first. */
export function sampleMonths(present: Period, before: number): Period[] {
  return Array.from({ length: before + 1 }, (_, index) => shiftPeriod(present, index - before));
}

function moved(row: SampleRow, { month, factor }: SampleWish): SampleRow {
  const cells = Object.entries(row).map(([column, value]) => {
    if (value === null) return [column, value];
    if (AMOUNTS.has(column)) return [column, new Decimal(value).times(factor).toFixed()];
    return [column, DATES.has(column) ? dateIn(month, value) : value];
  });
  const there: SampleRow = Object.fromEntries(cells);
  const { ChargePeriodStart: start, ChargePeriodEnd: end } = there;
  // a charge that ended on a day that the month lacks ends with the month
  const isTurned = start !== null && end !== null && (end ?? '') <= (start ?? '');
  return isTurned ? { ...there, ChargePeriodEnd: `${nextPeriod(month)}-01 00:00:00` } : there;
}

/** Moves a date from the file's month, or the one after it, to the given month or the one after that. */
function dateIn(month: Period, date: string): string {
  const day = date.slice(8, 10);
  if (date.startsWith(nextPeriod(MONTH_OF_FILE))) return `${nextPeriod(month)}${date.slice(7)}`;
  const last = month.endsWith('-02') ? '28' : '30';
  return `${month}-${day > last ? '28' : day}${date.slice(10)}`;
}

function instantOf(date: string | null | undefined): Date {
  return new Date(`${date?.replace(' ', 'T')}Z`);
}

function freeName(label: string, taken: Set<string>): string {
  const base = label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base}-${number}`;
  taken.add(name);
  return name;
}

function readRows(): SampleRow[] {
  const scanner = new CsvScanner();
  const [head, ...records] = [...scanner.push(readFileSync(FILE)), ...scanner.end()];
  const columns = head?.fields ?? [];
  return records.map(({ fields }) =>
    Object.fromEntries(columns.map((column, index) => [column, cellOf(fields[index])])),
  );
}

function cellOf(cell: string | undefined): string | null {
  return cell === undefined || cell === NONE ? null : cell;
}
