import type { Sight } from '../../billing/account/sight.ts';
import type { PlainCosts } from '../../billing/insight/plain-changes.ts';
import type { Period } from '../../billing/period/period.ts';
import { readTogether, type Source } from '../kit/read-together.ts';
import { seenBy } from '../kit/seen-by.ts';
import { type InvoiceDoc, Invoices, type InvoiceTrailDoc, InvoiceTrails } from './invoices.ts';
import { type LineCell, lineCellsOf } from './month-cells.ts';
import { arePlain, cellsOfColumns, readCells } from './stored-cells.ts';

type Invoiced = Pick<InvoiceDoc, '_id' | 'period' | 'computedAt'>;
type WithCells = Required<Pick<InvoiceTrailDoc, '_id' | 'cells'>>;

/** The sums of an account’s invoice lines. */
export interface AccountCells {
  /** Costs of projects that have no others in the same currency. */
  readonly plain: readonly PlainCosts[];
  readonly cells: readonly LineCell[];
}

/**
 * The sums of the lines of all of an account's invoices for two months that a reader sees. They are stored with the
 * lines; those of an invoice without them are added up. Three queries at most.
 */
export async function cellsOfAccount(
  accountId: string,
  { now, before }: Readonly<Record<PlainCosts['month'], Period>>,
  sight: Sight,
): Promise<AccountCells> {
  const within = { $in: [now, before] };
  const { invoices, trails } = await readTogether({
    invoices: {
      ...{ from: Invoices, where: { accountId, period: within, computedAt: { $ne: null }, ...seenBy(sight) } },
      stages: [{ $project: { period: 1, computedAt: 1 } }],
    } as Source<Invoiced>,
    trails: {
      ...{ from: InvoiceTrails, where: { accountId, 'cells.period': within } },
      stages: [{ $project: { cells: 1 } }],
    } as Source<WithCells>,
  });
  const stored = new Map(trails.map(({ _id, cells }) => [_id, cells]));
  const found: Found = { plain: [], cells: [] };
  const others: string[] = [];
  for (const { _id, period, computedAt } of invoices) {
    const own = stored.get(_id);
    // an earlier version may have calculated it since
    if (own && own.computedAt.getTime() === computedAt?.getTime())
      add(found, own.text, { period, isNow: period === now });
    else others.push(_id);
  }
  if (others.length === 0) return separated(found, { now, before });
  // naming all would take much longer
  const all = others.length === invoices.length && sight.isWhole;
  const cells = await lineCellsOf(accountId, all ? { periods: [now, before] } : { invoiceIds: others });
  return separated({ plain: found.plain, cells: [...found.cells, ...cells] }, { now, before });
}

interface Found {
  readonly plain: PlainCosts[];
  readonly cells: LineCell[];
}

function add({ plain, cells }: Found, text: string, { period, isNow }: { period: Period; isNow: boolean }): void {
  const { services, kinds } = readCells(text);
  for (const columns of kinds) {
    const { currency, projects, ends, service, cost, total = cost } = columns;
    const month = isNow ? ('now' as const) : ('before' as const);
    if (arePlain(columns)) plain.push({ month, currency, services, projects, ends, service, cost, total });
    else for (const cell of cellsOfColumns(columns, services, period)) cells.push(cell);
  }
}

/** Moves plain costs of projects that have other costs in the same currency to the cells, where they are compared with them. */
function separated(
  { plain, cells }: AccountCells,
  months: Readonly<Record<PlainCosts['month'], Period>>,
): AccountCells {
  const mixed = new Set(
    cells.flatMap(({ isCost, currency, projectId }) => (isCost ? [`${currency} ${projectId}`] : [])),
  );
  if (mixed.size === 0) return { plain, cells };
  const kept: PlainCosts[] = [];
  const more: LineCell[] = [];
  for (const costs of plain) {
    const isMixed = (id: string | undefined) => mixed.has(`${costs.currency} ${id}`);
    if (!costs.projects.some(isMixed)) {
      kept.push(costs);
      continue;
    }
    const { own, others } = partsOf(costs, isMixed);
    kept.push(others);
    const kind = { lineType: 'service_charge' as const, isCost: true, isLate: false, from: null };
    more.push(...cellsOfColumns({ ...own, ...kind }, own.services, months[own.month]));
  }
  return { plain: kept, cells: [...cells, ...more] };
}

function partsOf(costs: PlainCosts, isOwn: (id: string | undefined) => boolean): Record<'own' | 'others', PlainCosts> {
  const pick = (isWanted: (id: string | undefined) => boolean): PlainCosts => {
    const rows: number[] = [];
    const [projects, ends]: [string[], number[]] = [[], []];
    for (const [at, id] of costs.projects.entries()) {
      if (!isWanted(id)) continue;
      for (let row = costs.ends[at - 1] ?? 0; row < (costs.ends[at] ?? 0); row++) rows.push(row);
      projects.push(id);
      ends.push(rows.length);
    }
    const at = (column: readonly number[]) => rows.map((row) => column[row] ?? 0);
    const { service, cost, total } = costs;
    return { ...costs, projects, ends, service: at(service), cost: at(cost), total: at(total) };
  };
  return { own: pick(isOwn), others: pick((id) => !isOwn(id)) };
}
