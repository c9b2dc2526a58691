import type { Sight } from '../../billing/account/sight.ts';
import { type Decimal, sum, ZERO } from '../../billing/money/money.ts';
import { sumLines } from '../invoicing/current-lines.ts';
import { ARE_COSTS, COST } from '../invoicing/invoices.ts';
import { type CostScope, type DaysOf, dayCells } from './day-cells.ts';

/** The costs of one service of a project in one currency. */
export interface CostCell {
  readonly projectId: string;
  readonly service: string;
  readonly currency: string;
  readonly amount: Decimal;
}

/** What costs are limited to, and for whom: those of hidden groups never count. */
export interface SeenScope {
  readonly scope: CostScope;
  readonly sight: Sight;
}

const KEY = { projectId: '$projectId', service: '$serviceName', currency: '$currency' } as const;

/** The usage records that begin on some days, by project and service, in the currencies of the cost files. */
export async function recordCells(of: Omit<DaysOf, 'byProject'>): Promise<CostCell[]> {
  const cells = new Map<string, CostCell>();
  for (const { projectId, service, currency, amount } of await dayCells({ ...of, byProject: true })) {
    const key = JSON.stringify([projectId, service, currency]);
    const before = cells.get(key)?.amount ?? ZERO;
    cells.set(key, { projectId: projectId ?? '', service, currency, amount: sum([before, amount]) });
  }
  return [...cells.values()];
}

/** The costs on these invoices, and those of projects on others of the same period, in the groups' currencies. */
export async function lineCells(
  accountId: string,
  accountInvoiceIds: readonly string[],
  scope: CostScope,
  groupInvoiceIds: readonly string[],
): Promise<CostCell[]> {
  const all = { accountId, invoiceId: { $in: [...accountInvoiceIds] }, ...ARE_COSTS };
  if (!scope) return cellsOf(all);
  const named = [{ invoiceId: { $in: [...groupInvoiceIds] } }, { projectId: { $in: [...scope.projectIds] } }];
  return cellsOf({ accountId, $and: [all, { $or: named }] });
}

async function cellsOf(match: Parameters<typeof sumLines>[0]): Promise<CostCell[]> {
  const rows = await sumLines<Omit<CostCell, 'amount'>, 'amount'>(match, KEY, { amount: COST });
  return rows.map(({ key, amount }) => ({ ...key, amount }));
}
