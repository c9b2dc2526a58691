import { count } from '../../billing/money/count.ts';
import type { Decimal } from '../../billing/money/money.ts';
import type { CsvRecord } from '../file/csv.ts';
import { chargeTime, type TimeLimits } from './charge-time.ts';
import { billedCost, billingCurrency, type RowRemark, remark, UnreadableRow } from './focus-cells.ts';
import { cloudName, type FocusLineType, lineType, type RowCells } from './focus-charge.ts';
import type { ColumnKind, FocusHeader, KnownColumn } from './focus-columns.ts';
import { formerHashes, markedHashes, rowHash } from './focus-hash.ts';
import { parseTags } from './focus-tags.ts';
import { isNull, isPlaceholder, parseInstant } from './focus-values.ts';
import { parseLooseTags } from './loose-tags.ts';
import { type Measured, measuredOf } from './measured.ts';
import { assertReadable, assertWholeId } from './payer-id.ts';

export interface RowOptions extends TimeLimits {
  /** The source of all rows; by default `focus:` and the row's billing account. */
  readonly source?: string;
  /** Whether an earlier version may have read a byte order mark before this row as part of its first cell. */
  readonly mayBeMarked?: boolean;
  /** How many digits an amount can have after its decimal point; 18 by default. */
  readonly maxDecimals?: number;
}

/** A cost, as stated by one row of a FOCUS file. */
export interface FocusRow {
  readonly kind: 'row';
  /** The 1-based line of the file on which the row starts. */
  readonly line: number;
  /** Its source: `focus:` and the billing account, unless the caller named another. */
  readonly source: string;
  /**
   * The provider's billing period, such as `2024-09`: a month in the provider's time zone, not a period of the account.
   */
  readonly billingMonth: string;
  /** The identity of its content; see `rowHash`. */
  readonly hash: string;
  /** The hashes that earlier versions gave it; see `formerHashes`. Absent if there are none. */
  readonly formerHashes?: readonly string[];
  /** The hashes of the earliest version if a byte order mark came before it; see `markedHashes`. */
  readonly markedHashes?: readonly string[];
  /**
   * The source names that earlier versions used for the same source: they took a word for null as a billing account's
   * name.
   */
  readonly formerSources?: readonly string[];
  readonly subAccountId: string;
  readonly subAccountName: string | null;
  readonly serviceName: string;
  readonly serviceType: string | null;
  /** Always null: FOCUS has SKUs but no plans, and one line per SKU would make invoices unreadable. */
  readonly plan: string | null;
  /** Such as `aws-us-west-2`. */
  readonly cloudName: string | null;
  readonly lineType: FocusLineType;
  readonly description: string;
  readonly begin: Date;
  readonly end: Date;
  readonly amount: Decimal;
  /** A code of ISO 4217. */
  readonly currency: string;
  /** How much of what was used; absent without a quantity. */
  readonly measured?: Measured;
  readonly tags: Record<string, string>;
  /** Every cell that isn't null, exactly as in the file, by column name. */
  readonly columns: Record<string, string>;
  /** Problems with the row's labels, which don't affect the cost. */
  readonly warnings?: readonly RowRemark[];
}

/** A row that can't be booked, and why. */
export interface RejectedRow extends RowRemark {
  readonly kind: 'rejected';
  /** The 1-based line of the file on which the row starts. */
  readonly line: number;
  /** The file ends within this row. */
  readonly cutOff?: true;
}

/** Used for a service without a name: a cost is never rejected because of a label. */
export const UNKNOWN_SERVICE = 'Unknown service';

const WHOLE_ROW = '(row)';
/** The limits of Decimal128. */
const STORED_DIGITS = 34;
const CATEGORIES = 'Usage, Purchase, Tax, Credit or Adjustment';

/** Thrown inside the import if the file ends in the middle of a row. */
class CutOffRow extends UnreadableRow {}

/**
 * Reads one record below the header. Amount, time and payer are never guessed: a row without them is rejected. A label
 * that can't be read (tags, a service's name) results in a warning, and the cost is kept.
 * @returns null for a row without any values
 */
export function readRow(
  header: FocusHeader,
  record: CsvRecord,
  options: RowOptions = {},
): FocusRow | RejectedRow | null {
  if (record.fault === undefined && record.fields.every(isNull)) return null;
  try {
    checkShape(header, record);
    return costOf(header, record, options);
  } catch (error) {
    if (!(error instanceof UnreadableRow)) throw error;
    const rejected = { kind: 'rejected', line: record.line, ...error.remark } as const;
    return error instanceof CutOffRow ? { ...rejected, cutOff: true } : rejected;
  }
}

function costOf(header: FocusHeader, record: CsvRecord, options: RowOptions): FocusRow {
  // normalize null here, because each cell is read three times
  const cells = record.fields.map((cell, at) => (isNothing(header, cell, at) ? '' : cell));
  const row = new Cells(header, cells);
  const warnings: RowRemark[] = [];
  const { source, subAccountId, subAccountName } = payerOf(row);
  assertReadable(header, cells);
  const { serviceName, lineType, description } = chargeOf(row, warnings);
  const { billingMonth, begin, end } = chargeTime(row, options);
  const cost: FocusRow = {
    kind: 'row',
    line: record.line,
    source: options.source ?? source,
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
    amount: amountOf(row, warnings, options),
    currency: billingCurrency(row.text('BillingCurrency')),
    tags: tagsOf(row.text('Tags'), warnings),
    columns: columnsOf(header, cells),
  };
  const measured = measuredOf(row);
  const marked = options.mayBeMarked ? markedHashes(header, record.fields).filter((one) => one !== cost.hash) : [];
  const former = formerHashes(header, cost.hash, cells, record.fields);
  const word = record.fields[header.index.BillingAccountId]?.trim() ?? '';
  const isWord =
    options.source === undefined && word !== '' && word !== 'NULL' && row.text('BillingAccountId') === null;
  return {
    ...cost,
    ...(measured && { measured }),
    ...(former.length > 0 && { formerHashes: former }),
    ...(marked.length > 0 && { markedHashes: marked }),
    ...(isWord && { formerSources: [`focus:${word}`] }),
    ...(warnings.length > 0 && { warnings }),
  };
}

/** Whether a cell has no value. Custom columns keep placeholders, and so do amounts. */
function isNothing({ kinds }: FocusHeader, cell: string, at: number): boolean {
  if (isNull(cell)) return true;
  const kind = kinds[at];
  return kind !== undefined && kind !== 'number' && isPlaceholder(cell);
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
  if (fault?.kind === 'cut' || (open && (fault?.kind === 'endless' || fields.length < names.length))) {
    throw new CutOffRow(WHOLE_ROW, `The file is cut off in this row, after ${lastWhole(fields, fault)}.`);
  }
  if (fault?.kind === 'endless') {
    throw new UnreadableRow(WHOLE_ROW, 'The row has a quotation mark that is never closed.');
  }
  if (fault !== undefined) {
    const column = names[fault.field] ?? WHOLE_ROW;
    throw new UnreadableRow(column, 'A quotation mark closes before the end of the cell.', fields[fault.field]);
  }
  if (fields.length < names.length || !fields.slice(names.length).every(isNull)) {
    throw new UnreadableRow(WHOLE_ROW, `The row has ${count(fields.length, 'cell')}, the header ${names.length}.`);
  }
  if (open) checkLastCell(header, fields);
}

function lastWhole(fields: readonly string[], fault: CsvRecord['fault']): string {
  const whole = fault === undefined ? fields.length - 1 : fault.field;
  return count(whole, 'complete cell');
}

/**
 * A last row without a line break counts if it has all its cells. It was cut off if its last cell is incomplete: half a
 * date, half of the tags, or an empty cell in a row that writes NULL for no value.
 */
function checkLastCell(header: FocusHeader, fields: readonly string[]): void {
  const cell = fields.at(-1) ?? '';
  const kind = header.identity.find(({ index }) => index === fields.length - 1)?.kind;
  if (kind === undefined) return;
  const isWhole =
    cell === ''
      ? fields.slice(0, -1).includes('') || !fields.some((other) => isNull(other) && other.trim() !== '')
      : isNothing(header, cell, fields.length - 1) || canBeWhole(kind, cell);
  if (isWhole) return;
  const column = header.names[fields.length - 1] ?? WHOLE_ROW;
  throw new CutOffRow(column, 'The file is cut off in this cell.', cell);
}

function canBeWhole(kind: ColumnKind, cell: string): boolean {
  if (kind === 'json') return parseTags(cell) !== null || parseLooseTags(cell) !== null;
  return kind !== 'instant' || parseInstant(cell) !== null;
}

/** FOCUS leaves SubAccountId empty for charges to the billing account itself. */
function payerOf(row: RowCells): Pick<FocusRow, 'source' | 'subAccountId' | 'subAccountName'> {
  const billingAccount = row.text('BillingAccountId');
  const subAccount = row.text('SubAccountId');
  assertWholeId('SubAccountId', subAccount);
  assertWholeId('BillingAccountId', billingAccount);
  const subAccountId = subAccount ?? billingAccount;
  if (subAccountId === null) {
    const reason = 'The row has neither a sub-account nor a billing account, so it can’t be assigned.';
    throw new UnreadableRow('SubAccountId', reason);
  }
  return {
    source: billingAccount === null ? `focus:sub-account:${subAccountId}` : `focus:${billingAccount}`,
    subAccountId,
    subAccountName: row.text(subAccount === null ? 'BillingAccountName' : 'SubAccountName'),
  };
}

type Charge = Pick<FocusRow, 'serviceName' | 'lineType' | 'description'>;

function chargeOf(row: RowCells, warnings: RowRemark[]): Charge {
  const category = row.text('ChargeCategory');
  const type = category === null ? null : lineType(category, row);
  if (type === null) throw new UnreadableRow('ChargeCategory', `The category must be ${CATEGORIES}.`, category);
  const service = row.text('ServiceName');
  if (service === null)
    warnings.push(remark('ServiceName', `The row has no service. It was imported as “${UNKNOWN_SERVICE}”.`));
  const serviceName = service ?? UNKNOWN_SERVICE;
  return { serviceName, lineType: type, description: row.text('ChargeDescription') ?? `${category}: ${serviceName}` };
}

/** Stored amounts have at most 34 digits. */
function amountOf(row: RowCells, warnings: RowRemark[], { maxDecimals }: RowOptions): Decimal {
  const cell = row.text('BilledCost');
  const amount = billedCost(cell, maxDecimals);
  if (amount.precision() > STORED_DIGITS) {
    warnings.push(remark('BilledCost', `The amount was rounded to ${STORED_DIGITS} digits.`, cell));
  }
  return amount.toSignificantDigits(STORED_DIGITS);
}

function tagsOf(cell: string | null, warnings: RowRemark[]): Record<string, string> {
  if (cell === null) return {};
  const tags = parseTags(cell)?.tags ?? parseLooseTags(cell);
  if (tags === null) {
    warnings.push(remark('Tags', 'The tags aren’t a JSON object. The cost was imported without tags.', cell));
  }
  return { ...tags };
}

function columnsOf(header: FocusHeader, cells: readonly string[]): Record<string, string> {
  const columns: Record<string, string> = {};
  for (let n = 0; n < header.names.length; n++) {
    const cell = cells[n] as string;
    if (cell !== '') columns[header.names[n] as string] = cell;
  }
  return columns;
}
