import type { Decimal } from '../billing/money.ts';
import type { CsvRecord } from './csv.ts';
import { billedCost, billingCurrency, instant, type RowRemark, remark, UnreadableRow } from './focus-cells.ts';
import { cloudName, type FocusLineType, lineType, type RowCells } from './focus-charge.ts';
import type { FocusHeader, KnownColumn } from './focus-columns.ts';
import { rowHash } from './focus-hash.ts';
import { parseTags } from './focus-tags.ts';
import { isNull } from './focus-values.ts';

/** A cost, as one row of a FOCUS file states it. */
export interface FocusRow {
  readonly kind: 'row';
  /** The 1-based line of the file on which the row starts. */
  readonly line: number;
  /** Who gave it: `focus:` and the billing account, unless the caller named a source. */
  readonly source: string;
  /** The provider's billing period, like `2024-09`: a month in UTC, not a period of the account. */
  readonly billingMonth: string;
  /** The identity of its content, see `rowHash`. */
  readonly hash: string;
  readonly subAccountId: string;
  readonly subAccountName: string | null;
  readonly serviceName: string;
  readonly serviceType: string | null;
  /** Always null: FOCUS knows SKUs, but no plans, and a line for each SKU would make invoices unreadable. */
  readonly plan: string | null;
  /** Like `aws-us-west-2`. */
  readonly cloudName: string | null;
  readonly lineType: FocusLineType;
  readonly description: string;
  readonly begin: Date;
  readonly end: Date;
  readonly amount: Decimal;
  /** A code of ISO 4217. */
  readonly currency: string;
  readonly tags: Record<string, string>;
  /** Every cell that is not null, just as the file has it, by column name. */
  readonly columns: Record<string, string>;
  /** What is wrong with the row's labels: the cost is good without them. */
  readonly warnings?: readonly RowRemark[];
}

/** A row that cannot be booked as it stands, and why. */
export interface RejectedRow extends RowRemark {
  readonly kind: 'rejected';
  /** The 1-based line of the file on which the row starts. */
  readonly line: number;
}

/** Stands for a service without a name: a cost is never lost for a label. */
export const UNKNOWN_SERVICE = 'Unknown service';

const WHOLE_ROW = '(row)';
const CATEGORIES = 'Usage, Purchase, Tax, Credit or Adjustment';

/**
 * Reads one record below the header. Nothing is guessed about amount, time or who pays: such a row is rejected. A label
 * that cannot be read (tags, a service's name) leaves a warning and the cost.
 * @returns null for a row without a single value
 */
export function readRow(header: FocusHeader, record: CsvRecord, source?: string): FocusRow | RejectedRow | null {
  if (record.fault === undefined && record.fields.every(isNull)) return null;
  try {
    checkShape(header, record);
    return costOf(header, record, source);
  } catch (error) {
    if (error instanceof UnreadableRow) return { kind: 'rejected', line: record.line, ...error.remark };
    throw error;
  }
}

function costOf(header: FocusHeader, record: CsvRecord, givenSource: string | undefined): FocusRow {
  // null in one form from here on: each cell is asked three times
  const cells = record.fields.map((cell) => (isNull(cell) ? '' : cell));
  const row = new Cells(header, cells);
  const warnings: RowRemark[] = [];
  const { source, subAccountId, subAccountName } = payerOf(row);
  const { serviceName, lineType, description } = chargeOf(row, warnings);
  const { billingMonth, begin, end } = timeOf(row);
  const cost: FocusRow = {
    kind: 'row',
    line: record.line,
    source: givenSource ?? source,
    billingMonth,
    hash: rowHash(header, cells),
    subAccountId,
    subAccountName,
    serviceName,
    serviceType: row.text('ServiceCategory'),
    plan: null,
    cloudName: cloudName(row),
    lineType,
    description,
    begin,
    end,
    amount: billedCost(row.text('BilledCost')),
    currency: billingCurrency(row.text('BillingCurrency')),
    tags: tagsOf(row.text('Tags'), warnings),
    columns: columnsOf(header, cells),
  };
  return warnings.length === 0 ? cost : { ...cost, warnings };
}

class Cells implements RowCells {
  readonly #header: FocusHeader;
  readonly #cells: readonly string[];

  constructor(header: FocusHeader, cells: readonly string[]) {
    this.#header = header;
    this.#cells = cells;
  }

  text(column: KnownColumn): string | null {
    const cell = this.#cells[this.#header.index[column]];
    return cell === undefined || cell === '' ? null : cell.trim();
  }
}

function checkShape(header: FocusHeader, { fields, fault, open }: CsvRecord): void {
  const { names } = header;
  if (fault?.kind === 'endless') {
    throw new UnreadableRow(WHOLE_ROW, 'The row does not end: a quotation mark in it is opened and never closed.');
  }
  if (fault !== undefined) {
    const column = names[fault.field] ?? WHOLE_ROW;
    throw new UnreadableRow(column, 'A quotation mark closes before the end of the cell.', fields[fault.field]);
  }
  if (fields.length < names.length || !fields.slice(names.length).every(isNull)) {
    const cut = open && fields.length < names.length ? ' The file seems to be cut off here.' : '';
    throw new UnreadableRow(WHOLE_ROW, `The row has ${fields.length} cells, the header ${names.length}.${cut}`);
  }
  if (open) checkLastCell(header, fields);
}

/** Half a value would make another row of it, and the whole file, later, would book the cost a second time. */
function checkLastCell({ identity }: FocusHeader, fields: readonly string[]): void {
  const cell = fields.at(-1) ?? '';
  const column = identity.find(({ index }) => index === fields.length - 1);
  if (column === undefined || cell === 'NULL' || (column.kind === 'json' && parseTags(cell) !== null)) return;
  const reason = 'The file ends here without a line break, so it may have been cut off within this cell.';
  throw new UnreadableRow(column.name, reason, cell);
}

/** FOCUS leaves SubAccountId empty for what the billing account itself is charged. */
function payerOf(row: RowCells): Pick<FocusRow, 'source' | 'subAccountId' | 'subAccountName'> {
  const billingAccount = row.text('BillingAccountId');
  const subAccount = row.text('SubAccountId');
  const subAccountId = subAccount ?? billingAccount;
  if (subAccountId === null) {
    const reason = 'Neither a sub-account nor a billing account is named, so nobody can be charged.';
    throw new UnreadableRow('SubAccountId', reason);
  }
  return {
    source: billingAccount === null ? `focus:sub-account:${subAccountId}` : `focus:${billingAccount}`,
    subAccountId,
    subAccountName: row.text(subAccount === null ? 'BillingAccountName' : 'SubAccountName'),
  };
}

function timeOf(row: RowCells): Pick<FocusRow, 'billingMonth' | 'begin' | 'end'> {
  const begin = instant('ChargePeriodStart', row.text('ChargePeriodStart'));
  const end = instant('ChargePeriodEnd', row.text('ChargePeriodEnd'));
  if (end.milliseconds < begin.milliseconds) {
    throw new UnreadableRow('ChargePeriodEnd', 'The charge ends before it begins.', row.text('ChargePeriodEnd'));
  }
  const billed = row.text('BillingPeriodStart');
  const { month } = billed === null ? begin : instant('BillingPeriodStart', billed);
  return { billingMonth: month, begin: new Date(begin.milliseconds), end: new Date(end.milliseconds) };
}

type Charge = Pick<FocusRow, 'serviceName' | 'lineType' | 'description'>;

function chargeOf(row: RowCells, warnings: RowRemark[]): Charge {
  const category = row.text('ChargeCategory');
  const type = category === null ? null : lineType(category, row);
  if (type === null) throw new UnreadableRow('ChargeCategory', `The category must be ${CATEGORIES}.`, category);
  const service = row.text('ServiceName');
  if (service === null) warnings.push(remark('ServiceName', `Booked as "${UNKNOWN_SERVICE}": the row names none.`));
  const serviceName = service ?? UNKNOWN_SERVICE;
  return { serviceName, lineType: type, description: row.text('ChargeDescription') ?? `${category}: ${serviceName}` };
}

function tagsOf(cell: string | null, warnings: RowRemark[]): Record<string, string> {
  if (cell === null) return {};
  const parsed = parseTags(cell);
  if (parsed === null) warnings.push(remark('Tags', 'Booked without tags: they are not a JSON object.', cell));
  return { ...parsed?.tags };
}

function columnsOf(header: FocusHeader, cells: readonly string[]): Record<string, string> {
  const columns: Record<string, string> = {};
  for (let n = 0; n < header.names.length; n++) {
    const cell = cells[n] as string;
    if (cell !== '') columns[header.names[n] as string] = cell;
  }
  return columns;
}
