import type { PlainCosts } from '../../billing/insight/plain-changes.ts';
import type { InvoiceLine } from '../../billing/invoice/invoice.ts';
import type { LineType } from '../../billing/invoice/line.ts';
import { currencyUnit, Decimal, sum } from '../../billing/money/money.ts';
import type { Period } from '../../billing/period/period.ts';
import { fromDecimal128, toDecimal128 } from '../kit/decimal.ts';
import type { LineCell } from './month-cells.ts';

/** The lines of which a cell is the sum have this in common, besides project and service. */
interface CellKind {
  readonly lineType: LineType;
  readonly isCost: boolean;
  readonly isLate: boolean;
  readonly currency: string;
  /** The currency before conversion; null if there was none. */
  readonly from: string | null;
}

/** Cells of one kind in columns, which are fast to read: those of a project follow each other. */
interface CellColumns extends CellKind, Omit<PlainCosts, 'month' | 'services' | 'total' | 'cost'> {
  /** In minor units, as are the totals. */
  readonly cost: readonly number[];
  /** Absent if they are the costs. */
  readonly total?: readonly number[];
  /** Before conversion, with all digits; absent if there was none. */
  readonly original?: readonly string[];
}

/** An invoice’s cells, as they are stored. */
export interface StoredCells {
  readonly services: readonly string[];
  readonly kinds: readonly CellColumns[];
}

interface OpenCell {
  readonly kind: CellKind;
  readonly projectId: string;
  readonly service: string;
  cost: Decimal;
  total: Decimal;
  original: Decimal | null;
}

/** Keeps the text below a megabyte. Invoices with more have none, and their lines are added up instead. */
const MOST_CELLS = 15_000;
/** Sums of tens of thousands of these are exact. */
const MOST_UNITS = 1e11;

/** The parts of a line that its cell has. */
export type LineOfCell = Pick<
  InvoiceLine,
  'projectId' | 'serviceName' | 'lineType' | 'currency' | 'lateFrom' | 'records' | 'preDiscount' | 'total' | 'original'
>;

/**
 * The sums of an invoice’s lines by project and service, as text to be stored beside them; undefined if there are too
 * many, or amounts beyond billions.
 */
export function cellsText(lines: readonly LineOfCell[]): string | undefined {
  const cells = new Map<string, OpenCell>();
  for (const line of lines) {
    addLine(cells, line);
    if (cells.size > MOST_CELLS) return undefined;
  }
  const services = new Map<string, number>();
  const kinds = new Map<string, OpenCell[]>();
  for (const cell of cells.values()) {
    if (!services.has(cell.service)) services.set(cell.service, services.size);
    const name = nameOf(cell.kind);
    const own = kinds.get(name);
    if (own) own.push(cell);
    else kinds.set(name, [cell]);
  }
  const columns = [...kinds.values()].map((own) => columnsOf(own, services));
  const isExact = columns.every(({ cost, total = [] }) => [...cost, ...total].every(isExactUnits));
  if (!isExact) return undefined;
  const stored: StoredCells = { services: [...services.keys()], kinds: columns };
  return JSON.stringify(stored);
}

/** Totals are rounded to minor units, so that others would come from elsewhere. */
function isExactUnits(units: number): boolean {
  return Number.isInteger(units) && Math.abs(units) < MOST_UNITS;
}

function addLine(cells: Map<string, OpenCell>, line: LineOfCell): void {
  const { projectId, serviceName: service, preDiscount: cost, total } = line;
  const kind = kindOf(line);
  const original = line.original ? fromDecimal128(toDecimal128(line.original.amount)) : null;
  const key = `${projectId}\n${service}\n${nameOf(kind)}`;
  const cell = cells.get(key);
  if (!cell) {
    cells.set(key, { kind, projectId, service, cost, total, original });
    return;
  }
  cell.cost = sum([cell.cost, cost]);
  cell.total = sum([cell.total, total]);
  if (cell.original && original) cell.original = sum([cell.original, original]);
}

function kindOf({ lineType, currency, lateFrom, records, original }: LineOfCell): CellKind {
  return { lineType, isCost: records > 0, isLate: lateFrom !== null, currency, from: original?.currency ?? null };
}

function nameOf({ lineType, isCost, isLate, currency, from }: CellKind): string {
  return `${lineType} ${isCost} ${isLate} ${currency} ${from}`;
}

/** @param cells at least one, all of one kind */
function columnsOf(cells: readonly OpenCell[], services: ReadonlyMap<string, number>): CellColumns {
  const [first] = cells as readonly [OpenCell];
  const inOrder = [...cells].sort((a, b) => (a.projectId < b.projectId ? -1 : a.projectId > b.projectId ? 1 : 0));
  const projects = [...new Set(inOrder.map(({ projectId }) => projectId))];
  const counts = new Map<string, number>();
  for (const { projectId } of inOrder) counts.set(projectId, (counts.get(projectId) ?? 0) + 1);
  let end = 0;
  const ends = projects.map((id) => {
    end += counts.get(id) ?? 0;
    return end;
  });
  const unit = currencyUnit(first.kind.currency);
  const inUnits = (amount: Decimal) => {
    const units = amount.div(unit);
    // as a number, it could look whole
    return units.isInteger() ? units.toNumber() : Number.NaN;
  };
  return {
    ...first.kind,
    ...{ projects, ends, service: inOrder.map(({ service }) => services.get(service) ?? 0) },
    cost: inOrder.map(({ cost }) => inUnits(cost)),
    ...(inOrder.some(({ cost, total }) => !cost.eq(total)) && { total: inOrder.map(({ total }) => inUnits(total)) }),
    ...(first.kind.from !== null && { original: inOrder.map(({ original }) => original?.toFixed() ?? NOTHING) }),
  };
}

const NOTHING = '0';

export function readCells(text: string): StoredCells {
  return JSON.parse(text) as StoredCells;
}

/** Whether columns can be compared as `PlainCosts`: costs of their month that needed no conversion. */
export function arePlain({ isCost, isLate, from }: CellColumns): boolean {
  return isCost && !isLate && from === null;
}

/** The cells of some columns. */
export function cellsOfColumns(columns: CellColumns, services: readonly string[], period: Period): LineCell[] {
  const { lineType, isCost, isLate, currency, from, projects, ends, cost, original } = columns;
  const unit = currencyUnit(currency);
  let project = 0;
  return cost.map((own, row): LineCell => {
    while (row >= (ends[project] ?? cost.length)) project += 1;
    const before = unit.times(own);
    const total = columns.total?.[row];
    return {
      ...{ period, projectId: projects[project] ?? '', service: services[columns.service[row] ?? 0] ?? '' },
      ...{ lineType, isCost, isLate, currency, cost: before },
      total: total === undefined ? before : unit.times(total),
      original: from === null ? null : { currency: from, amount: new Decimal(original?.[row] ?? 0) },
    };
  });
}
