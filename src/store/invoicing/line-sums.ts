import type { LineType } from '../../billing/invoice/invoice.ts';
import type { Decimal } from '../../billing/money/money.ts';
import type { Period } from '../../billing/period/period.ts';
import { sumLines } from './current-lines.ts';
import { ARE_COSTS, COST } from './invoices.ts';

/** The total of one project's lines in one currency. */
export interface ProjectCost {
  readonly projectId: string;
  readonly currency: string;
  readonly amount: Decimal;
}

const BY_PROJECT = { projectId: '$projectId', currency: '$currency' } as const;

/** The totals of projects' lines in a period by currency, unordered. */
export async function totalsOfProjects(
  accountId: string,
  projectIds: readonly string[],
  period: Period,
): Promise<ProjectCost[]> {
  const match = { accountId, projectId: { $in: [...projectIds] }, period };
  const rows = await sumLines<Omit<ProjectCost, 'amount'>, 'amount'>(match, BY_PROJECT, { amount: '$total' });
  return rows.map(({ key, amount }) => ({ ...key, amount }));
}

/** Which invoices costs are taken from: only one, or all but those of groups that the reader doesn't see. */
export type CostSource = { readonly invoiceId: string } | { readonly hiddenInvoiceIds: readonly string[] };

function fromSource(source: CostSource) {
  if ('invoiceId' in source) return source;
  return source.hiddenInvoiceIds.length === 0 ? {} : { invoiceId: { $nin: [...source.hiddenInvoiceIds] } };
}

/** The costs of projects in a period by currency, in currency order. */
export async function costsOfProjects(
  accountId: string,
  projectIds: readonly string[],
  period: Period,
  source: CostSource,
): Promise<ProjectCost[]> {
  const match = { accountId, projectId: { $in: [...projectIds] }, period, ...fromSource(source), ...ARE_COSTS };
  const rows = await sumLines<Omit<ProjectCost, 'amount'>, 'amount'>(match, BY_PROJECT, { amount: COST });
  const costs = rows.map(({ key, amount }) => ({ ...key, amount }));
  return costs.sort((a, b) => order(a.currency, b.currency));
}

/** The costs of projects in a period by service and currency, largest first. */
export async function costsOfServices(
  accountId: string,
  projectIds: readonly string[],
  period: Period,
  source: CostSource,
): Promise<LineShare[]> {
  return shares({ accountId, projectId: { $in: [...projectIds] }, period, ...fromSource(source) }, 'service');
}

/** A project's costs for one service, period and currency. */
export interface ServiceCost {
  readonly service: string;
  readonly period: Period;
  readonly currency: string;
  readonly amount: Decimal;
}

/** A project's costs in the given periods by service, period and currency, unsorted. */
export async function serviceCostsOf(
  accountId: string,
  projectId: string,
  periods: readonly Period[],
  source: CostSource,
): Promise<ServiceCost[]> {
  const rows = await sumLines<Omit<ServiceCost, 'amount'>, 'amount'>(
    { accountId, projectId, period: { $in: [...periods] }, ...fromSource(source), ...ARE_COSTS },
    { service: '$serviceName', period: '$period', currency: '$currency' },
    { amount: COST },
  );
  return rows.map(({ key, amount }) => ({ ...key, amount }));
}

/** The totals of an invoice's lines by project. */
export async function totalsByProject(accountId: string, invoiceId: string): Promise<Map<string, Decimal>> {
  const rows = await sumLines<Pick<ProjectCost, 'projectId'>, 'amount'>(
    { accountId, invoiceId },
    { projectId: '$projectId' },
    { amount: '$total' },
  );
  return new Map(rows.map(({ key, amount }) => [key.projectId, amount]));
}

/** The total of one project's or one service's lines. */
export interface LineShare {
  readonly name: string;
  readonly label: string | null;
  readonly currency: string;
  readonly amount: Decimal;
}

type ShareKey = Pick<LineShare, 'name' | 'currency'> & { readonly label?: string | null };

const SHARE_KEYS = {
  project: { name: '$projectName', label: '$projectLabel', currency: '$currency' },
  service: { name: '$serviceName', label: null, currency: '$currency' },
} as const;

/** The totals of invoices' usage records by currency and project or service, largest first. */
export async function costShares(
  accountId: string,
  invoiceIds: readonly string[],
  by: keyof typeof SHARE_KEYS,
): Promise<LineShare[]> {
  return shares({ accountId, invoiceId: { $in: [...invoiceIds] } }, by);
}

async function shares(lines: Parameters<typeof sumLines>[0], by: keyof typeof SHARE_KEYS): Promise<LineShare[]> {
  const rows = await sumLines<ShareKey, 'amount'>({ ...lines, ...ARE_COSTS }, SHARE_KEYS[by], { amount: COST });
  return rows
    .map(({ key: { name, label = null, currency }, amount }) => ({ name, label, currency, amount }))
    .sort((a, b) => b.amount.comparedTo(a.amount) || order(a.name, b.name));
}

/**
 * The total of an invoice's lines of one type, before and after discounts; `records` is 0 for types that aren't costs,
 * otherwise 1.
 */
export interface LinesTogether {
  readonly invoiceId: string;
  readonly lineType: LineType;
  readonly records: number;
  readonly preDiscount: Decimal;
  readonly total: Decimal;
}

/** The lines of invoices, added up by type. */
export async function linesByType(accountId: string, invoiceIds: readonly string[]): Promise<LinesTogether[]> {
  const key = { invoiceId: '$invoiceId', lineType: '$lineType', isCost: { $gt: ['$records', 0] } };
  type Key = Pick<LinesTogether, 'invoiceId' | 'lineType'> & { readonly isCost: boolean };
  const rows = await sumLines<Key, 'preDiscount' | 'total'>({ accountId, invoiceId: { $in: [...invoiceIds] } }, key, {
    preDiscount: COST,
    total: '$total',
  });
  return rows.map(({ key: { invoiceId, lineType, isCost }, preDiscount, total }) => ({
    ...{ invoiceId, lineType, records: Number(isCost) },
    ...{ preDiscount, total },
  }));
}

/** As the database orders text. */
function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
