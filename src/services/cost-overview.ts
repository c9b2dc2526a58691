import { type Decimal, ZERO } from '../billing/money.ts';
import { type Period, periodAt } from '../billing/period.ts';
import { type Decimal128, fromDecimal128 } from '../store/decimal.ts';
import { Groups } from '../store/groups.ts';
import { Invoices, Lines } from '../store/invoices.ts';
import type { Ctx } from './context.ts';
import { admit } from './rights.ts';

/** What a period comes to, by one way of looking at it: the largest first. */
export interface CostShare {
  readonly name: string;
  readonly label: string | null;
  readonly currency: string;
  readonly amount: Decimal;
}

export interface CostOverview {
  readonly period: Period;
  readonly totals: readonly { readonly currency: string; readonly amount: Decimal }[];
  readonly byGroup: readonly CostShare[];
  readonly byProject: readonly CostShare[];
  readonly byService: readonly CostShare[];
}

/** How many shares of each kind an overview names. */
const TOP = 10;

/** What a period comes to by group, project and service; the open one unless another is named. */
export async function costOverview(ctx: Ctx, accountId: string, asked?: Period): Promise<CostOverview> {
  const { account } = await admit(ctx, accountId, 'see');
  const period = asked ?? periodAt(ctx.clock.now(), account.timeZone);
  const invoices = await Invoices.find({ accountId, period }).lean();
  const groups = await Groups.find(
    { accountId, _id: { $in: invoices.map((one) => one.billingGroupId) } },
    { name: 1 },
  ).lean();
  const byGroup = invoices.map((invoice) => ({
    name: groups.find((group) => group._id === invoice.billingGroupId)?.name ?? invoice.billingGroupId,
    label: null,
    currency: invoice.currency,
    amount: fromDecimal128(invoice.net),
  }));
  const ids = invoices.map((invoice) => invoice._id);
  return {
    period,
    totals: totalsOf(byGroup),
    byGroup: largest(byGroup),
    byProject: await shares(ids, { name: '$projectName', label: '$projectLabel', currency: '$currency' }),
    byService: await shares(ids, { name: '$serviceName', label: null, currency: '$currency' }),
  };
}

async function shares(
  invoiceIds: readonly string[],
  by: { name: string; label: string | null; currency: string },
): Promise<CostShare[]> {
  const rows = await Lines.aggregate<{
    _id: { name: string; label?: string | null; currency: string };
    amount: Decimal128;
  }>([
    { $match: { invoiceId: { $in: [...invoiceIds] } } },
    { $group: { _id: by, amount: { $sum: '$total' } } },
    { $sort: { amount: -1, '_id.name': 1 } },
    { $limit: TOP },
  ]);
  return rows.map(({ _id, amount }) => ({
    name: _id.name,
    label: _id.label ?? null,
    currency: _id.currency,
    amount: fromDecimal128(amount),
  }));
}

function largest(all: readonly CostShare[]): CostShare[] {
  return [...all].sort((a, b) => b.amount.comparedTo(a.amount)).slice(0, TOP);
}

function totalsOf(all: readonly CostShare[]): { currency: string; amount: Decimal }[] {
  const totals = new Map<string, Decimal>();
  for (const { currency, amount } of all) totals.set(currency, (totals.get(currency) ?? ZERO).plus(amount));
  return [...totals].map(([currency, amount]) => ({ currency, amount }));
}
