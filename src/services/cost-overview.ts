import { type Decimal, ZERO } from '../billing/money.ts';
import { type Period, periodAt } from '../billing/period.ts';
import { type Decimal128, fromDecimal128 } from '../store/decimal.ts';
import { Groups } from '../store/groups.ts';
import { Invoices, Lines } from '../store/invoices.ts';
import type { Ctx } from './context.ts';
import { Remembered } from './remembered.ts';
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
/** How many periods of all accounts are kept in mind. */
const MOST_REMEMBERED = 50;

interface Figures {
  readonly totals: CostOverview['totals'];
  readonly byGroup: readonly { readonly billingGroupId: string; readonly currency: string; readonly amount: Decimal }[];
  readonly byProject: readonly CostShare[];
  readonly byService: readonly CostShare[];
}

const remembered = new Remembered<Figures>(MOST_REMEMBERED);

/** What a period comes to by group, project and service; the open one unless another is named. */
export async function costOverview(ctx: Ctx, accountId: string, asked?: Period): Promise<CostOverview> {
  const { account } = await admit(ctx, accountId, 'see');
  const period = asked ?? periodAt(ctx.clock.now(), account.timeZone);
  // a minute at most, should another machine's clock be behind
  const minute = Math.floor(ctx.clock.now().getTime() / 60_000);
  const stamp = `${minute}:${await stampOf(accountId, period)}`;
  const figures = await remembered.get(`${accountId}:${period}`, stamp, () => figuresOf(accountId, period));
  const ids = figures.byGroup.map(({ billingGroupId }) => billingGroupId);
  // names are read anew: a group may have got another one since
  const groups = await Groups.find({ accountId, _id: { $in: ids } }, { name: 1 }).lean();
  const byGroup = figures.byGroup.map(({ billingGroupId, ...share }) => ({
    ...share,
    name: groups.find((group) => group._id === billingGroupId)?.name ?? billingGroupId,
    label: null,
  }));
  return { ...figures, period, byGroup };
}

/** Changes whenever an invoice or estimate of the period was computed anew. */
async function stampOf(accountId: string, period: Period): Promise<string> {
  const [latest] = await Invoices.find({ accountId, period }, { computedAt: 1 })
    .sort({ computedAt: -1 })
    .limit(1)
    .lean();
  return `${latest?._id}:${latest?.computedAt?.getTime()}`;
}

async function figuresOf(accountId: string, period: Period): Promise<Figures> {
  const invoices = await Invoices.find({ accountId, period }, { billingGroupId: 1, currency: 1, net: 1 }).lean();
  const byGroup = invoices.map(({ billingGroupId, currency, net }) => ({
    billingGroupId,
    currency,
    amount: fromDecimal128(net),
  }));
  const ids = invoices.map((invoice) => invoice._id);
  return {
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
    // fees and credits belong to no project and no service
    { $match: { invoiceId: { $in: [...invoiceIds] }, [by.name.slice(1)]: { $ne: '' } } },
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

function largest<T extends { readonly amount: Decimal }>(all: readonly T[]): T[] {
  return [...all].sort((a, b) => b.amount.comparedTo(a.amount)).slice(0, TOP);
}

function totalsOf(all: Figures['byGroup']): { currency: string; amount: Decimal }[] {
  const totals = new Map<string, Decimal>();
  for (const { currency, amount } of all) totals.set(currency, (totals.get(currency) ?? ZERO).plus(amount));
  return [...totals].map(([currency, amount]) => ({ currency, amount }));
}
