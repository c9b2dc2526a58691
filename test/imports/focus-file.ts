import { stringify } from 'csv-stringify/sync';
import { type FocusOptions, type FocusRow, type RejectedRow, readFocus } from '../../src/imports/focus/focus.ts';

export type Cells = Record<string, string>;

/** A row with every column that the import requires, and some more. */
export const ROW: Readonly<Cells> = {
  BilledCost: '1.25',
  BillingAccountId: 'payer-1',
  BillingAccountName: 'Payer',
  BillingCurrency: 'USD',
  BillingPeriodStart: '2024-09-01 00:00:00',
  ChargeCategory: 'Usage',
  ChargeDescription: 'Hours of a machine',
  ChargePeriodEnd: '2024-09-02 00:00:00',
  ChargePeriodStart: '2024-09-01 00:00:00',
  ProviderName: 'AWS',
  RegionId: 'us-west-2',
  ServiceCategory: 'Compute',
  ServiceName: 'Machines',
  SubAccountId: 'account-1',
  SubAccountName: 'Team A',
  Tags: '{"env": "dev"}',
};

/** A file of these rows; its columns are those of the first. */
export function csv(...rows: readonly Cells[]): string {
  const columns = Object.keys(rows[0] ?? ROW);
  return stringify([columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]);
}

/** `ROW` with other cells; undefined leaves the column out. */
export function row(changes: Record<string, string | undefined> = {}): Cells {
  const cells = Object.entries({ ...ROW, ...changes });
  return Object.fromEntries(cells.filter((cell): cell is [string, string] => cell[1] !== undefined));
}

export async function readAll(text: string | Buffer, options?: FocusOptions): Promise<(FocusRow | RejectedRow)[]> {
  const rows: (FocusRow | RejectedRow)[] = [];
  for await (const found of readFocus(chunks(Buffer.from(text)), options)) rows.push(found);
  return rows;
}

/** The only row of a file, which must not be rejected. */
export async function readOne(cells: Cells, options?: FocusOptions): Promise<FocusRow> {
  const [found] = await readAll(csv(cells), options);
  if (found?.kind !== 'row') throw new Error(`No row, but ${JSON.stringify(found)}`);
  return found;
}

/** The only row of a file, which must be rejected. */
export async function rejected(cells: Cells): Promise<RejectedRow> {
  const [found] = await readAll(csv(cells));
  if (found?.kind !== 'rejected') throw new Error(`Not rejected: ${JSON.stringify(found)}`);
  return found;
}

export async function* chunks(bytes: Buffer, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
