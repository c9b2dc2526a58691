import type { Sight } from '../../billing/account/sight.ts';
import { addUp, type Breakdown, type LeftOut } from '../../billing/invoice/breakdown.ts';
import { type Decimal, sum, ZERO } from '../../billing/money/money.ts';
import { type Period, periodAt, spanOf } from '../../billing/period/period.ts';
import { groupNames } from '../../store/groups/group-reads.ts';
import { invoicesOfPeriod, latestComputed } from '../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { costShares } from '../../store/invoicing/line-sums.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import { Remembered } from '../kit/answer-cache.ts';
import type { Ctx } from '../kit/context.ts';
import { breakdownsOf, leftOutOf } from './costs-so-far.ts';

/** The total of usage records in a period for one share of a breakdown. The name is null for the rest. */
export interface CostShare {
  readonly name: string | null;
  readonly label: string | null;
  readonly currency: string;
  readonly amount: Decimal;
}

/** The totals of all invoices and estimates of a period in one currency, in the order in which they are calculated. */
export interface CurrencyTotals extends Breakdown {
  readonly currency: string;
  readonly net: Decimal;
  readonly tax: Decimal;
  readonly total: Decimal;
  /** The amount that purchased credits pay of the total. */
  readonly prepaid: Decimal;
  /** From negative totals: the amount kept as credits. */
  readonly inFavor: Decimal;
  readonly amountDue: Decimal;
}

export interface CostOverview {
  readonly period: Period;
  /** Whether the period hasn't ended, so that commitments may still be reached. */
  readonly isOpen: boolean;
  readonly totals: readonly CurrencyTotals[];
  /** Largest first. For each currency, they add up to its costs. */
  readonly byGroup: readonly CostShare[];
  readonly byProject: readonly CostShare[];
  readonly byService: readonly CostShare[];
  /** Amounts that aren't included in any figure, because there is no rate to convert them. */
  readonly leftOut: readonly LeftOut[];
  /** Whether the person doesn't see all groups, so that the totals are only of those that they see. */
  readonly isPartial: boolean;
}

/** How many shares of each kind and currency an overview shows. */
const TOP = 10;
/** How many periods are cached, over all accounts. */
const MOST_REMEMBERED = 50;

interface Figures extends Pick<CostOverview, 'totals' | 'byProject' | 'byService' | 'leftOut'> {
  /** By group ID. */
  readonly byGroup: readonly CostShare[];
}

const remembered = new Remembered<Figures>(MOST_REMEMBERED);

/** A period's totals by group, project and service, of the groups that the caller sees; for the open period by default. */
export async function costOverview(ctx: Ctx, accountId: string, asked?: Period): Promise<CostOverview> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const period = asked ?? periodAt(ctx.clock.now(), account.timeZone);
  // cached for up to a minute, in case another machine's clock is behind
  const minute = Math.floor(ctx.clock.now().getTime() / 60_000);
  const stamp = `${minute}:${await stampOf(accountId, period)}`;
  const question = `${accountId}:${period}:${sight.key}`;
  const figures = await remembered.get(question, stamp, () => figuresOf(accountId, period, sight));
  const ids = figures.byGroup.flatMap(({ name }) => name ?? []);
  // names are read again, because a group may have been renamed
  const nameOf = await groupNames(accountId, ids);
  const byGroup = figures.byGroup.map(({ name, ...share }) => ({ ...share, name: name && (nameOf.get(name) ?? name) }));
  const isOpen = ctx.clock.now() < spanOf(period, account.timeZone).end;
  return { ...figures, period, isOpen, byGroup, isPartial: !sight.isWhole };
}

/** Changes whenever an invoice or estimate of the period is recalculated. */
async function stampOf(accountId: string, period: Period): Promise<string> {
  const latest = await latestComputed(accountId, period);
  return `${latest?._id}:${latest?.computedAt?.getTime()}`;
}

async function figuresOf(accountId: string, period: Period, sight: Sight): Promise<Figures> {
  const invoices = await invoicesOfPeriod(accountId, period, sight);
  const ids = invoices.map((invoice) => invoice._id);
  const [breakdowns, projects, services] = await Promise.all([
    breakdownsOf(accountId, invoices),
    costShares(accountId, ids, 'project'),
    costShares(accountId, ids, 'service'),
  ]);
  const costsOf = ({ _id }: InvoiceDoc) => breakdowns.get(_id)?.costs ?? ZERO;
  return {
    totals: totalsOf(invoices, breakdowns),
    byGroup: largestShares(
      invoices.map((one) => ({ name: one.billingGroupId, label: null, currency: one.currency, amount: costsOf(one) })),
    ),
    byProject: largestShares(projects),
    byService: largestShares(services),
    leftOut: addedUp(invoices.flatMap(leftOutOf)),
  };
}

/** The largest shares of each currency, and all others combined, so that they add up to the costs. */
export function largestShares(all: readonly CostShare[]): CostShare[] {
  const currencies = [...new Set(all.map(({ currency }) => currency))].sort();
  return currencies.flatMap((currency) => {
    const own = all
      .filter((one) => one.currency === currency && !one.amount.isZero())
      .sort((a, b) => b.amount.comparedTo(a.amount));
    const others = own.slice(TOP);
    const rest = { name: null, label: null, currency, amount: sum(others.map(({ amount }) => amount)) };
    return [...own.slice(0, TOP), ...(others.length === 0 ? [] : [rest])];
  });
}

function totalsOf(invoices: readonly InvoiceDoc[], breakdowns: ReadonlyMap<string, Breakdown>): CurrencyTotals[] {
  const currencies = [...new Set(invoices.map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const own = invoices.filter((one) => one.currency === currency);
    const figure = (name: 'net' | 'tax' | 'total' | 'amountDue') => sum(own.map((one) => fromDecimal128(one[name])));
    const [total, amountDue] = [figure('total'), figure('amountDue')];
    const prepaid = sum(own.flatMap((one) => (one.prepaid ?? []).map(({ amount }) => fromDecimal128(amount))));
    return {
      ...addUp(own.flatMap(({ _id }) => breakdowns.get(_id) ?? [])),
      ...{ currency, net: figure('net'), tax: figure('tax'), total, prepaid, amountDue },
      inFavor: sum([amountDue, prepaid, total.neg()]),
    };
  });
}

/** The amounts left out of several invoices, by kind and currency. */
function addedUp(all: readonly LeftOut[]): LeftOut[] {
  const keys = [...new Set(all.map(({ kind, currency }) => `${kind} ${currency}`))].sort();
  return keys.flatMap((key) => {
    const own = all.filter(({ kind, currency }) => `${kind} ${currency}` === key);
    const [first] = own;
    return first ? [{ ...first, amount: sum(own.map(({ amount }) => amount)) }] : [];
  });
}
