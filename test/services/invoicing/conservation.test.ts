import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openAmount } from '../../../src/billing/invoice/invoice-life.ts';
import { type Decimal, sum, ZERO } from '../../../src/billing/money/money.ts';
import { expireCredits } from '../../../src/services/credits/credits.ts';
import { closeDue } from '../../../src/services/invoicing/close.ts';
import { balanceOf } from '../../../src/services/settlement/invoice-balance.ts';
import { Consumptions, Credits } from '../../../src/store/credits/credits.ts';
import { CreditMemos } from '../../../src/store/invoicing/credit-memos.ts';
import { Invoices, Lines } from '../../../src/store/invoicing/invoices.ts';
import { type Decimal128, fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Payments, Refunds } from '../../../src/store/settlement/payments.ts';
import {
  fraction,
  isAbove,
  minus,
  nearest,
  over,
  read,
  times,
  total as totalOf,
  write,
} from '../../oracle/fraction.ts';
import {
  beginYear,
  DOLLAR_RATES,
  liveMonth,
  monthsLate,
  quoteDollar,
  settleMonth,
  type YearWorld,
} from '../../support/billed-year.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { GROUPS, type PlannedGroup, plannedYear, SELLERS, YEAR_MONTHS } from '../../support/generated-year.ts';

useDatabase(migrate);

const SEED = Number(process.env.CONSERVATION_SEED ?? 20_261_128);
const clock = new TestClock('2026-01-05T12:00:00Z');
const ctx = contextAt(clock);

/** All stored amounts of a group's money. */
interface Money {
  /** Of the last invoice: costs after discounts, charges and fees, before credits. */
  readonly charged: Decimal;
  readonly tax: Decimal;
  /** Of the last invoice: its lines with their tax. */
  readonly lineSum: Decimal;
  readonly lastTotal: Decimal;
  readonly lastNet: Decimal;
  /** Of all invoices. */
  readonly sums: Readonly<Record<SumName, Decimal>>;
  readonly belowZero: number;
}
type SumName =
  | ('totals' | 'memos' | 'payments' | 'refunds' | 'payouts' | 'purchased' | 'promotional')
  | ('open' | 'forgiven' | 'balances');

test(`a year of generated accounts with 0, 2 and 3 decimals loses no money (seed ${SEED})`, async () => {
  const worlds: YearWorld[] = [];
  for (const seller of SELLERS) {
    const [plan] = fc.sample(plannedYear(seller), { seed: SEED + seller.decimals, numRuns: 1 });
    if (plan) worlds.push(await beginYear(ctx, plan));
  }
  const reached = new Set<string>();
  for (const [at, month] of YEAR_MONTHS.entries()) {
    clock.set(`${month}-20T12:00:00Z`);
    await Promise.all(worlds.map((world) => liveMonth(ctx, world, at)));
    clock.set(new Date(Date.UTC(2026, at + 1, 3, 12)).toISOString());
    await Promise.all(worlds.map((world) => quoteDollar(ctx, world)));
    expect(await closeDue(ctx)).toBe(worlds.length * GROUPS.length);
    await expireCredits(ctx);
    const all = await Promise.all(worlds.map((world) => settledMoney(world, at)));
    for (const { sums, belowZero } of all.flat()) {
      for (const [name, amount] of Object.entries(sums)) if (!amount.isZero()) reached.add(name);
      if (belowZero > 0) reached.add('below zero');
    }
  }
  // the year has every kind of movement; otherwise it proves nothing about it
  expect([...reached].sort()).toEqual(
    ['below zero', 'balances', 'forgiven', 'memos', 'open', 'payments', 'payouts']
      .concat('promotional', 'purchased', 'refunds', 'totals')
      .sort(),
  );
});

/** Settles an account's month, and checks it. */
async function settledMoney(world: YearWorld, at: number): Promise<Money[]> {
  await settleMonth(ctx, world, at);
  await expectCreditsExplained(world);
  const all = await Promise.all(GROUPS.map((group) => moneyOf(world.groups[group])));
  for (const [index, money] of all.entries()) expectConserved(world, GROUPS[index] ?? 'A', at, money);
  return all;
}

/** Nothing is lost from the plan to the invoice, nor from all of a group's invoices to what was paid and remains. */
function expectConserved(world: YearWorld, group: PlannedGroup, at: number, money: Money): void {
  const { decimals, currency, taxPercent } = world.plan.seller;
  const { totals, memos, payments, refunds, payouts, purchased, open, forgiven, balances } = money.sums;
  const where = `${currency}, group ${group}, ${YEAR_MONTHS[at]}`;
  const said = (amounts: Record<string, Decimal>) =>
    Object.entries(amounts).map(([name, amount]) => `${where}: ${name} ${amount.toFixed(decimals)}`);
  const { charged, lastNet, lastTotal, lineSum, tax } = money;
  expect(said({ charged })).toEqual([`${where}: charged ${chargedByPlan(world, group, at)}`]);
  const taxByRate = write(
    nearest(times(read(lastNet.toFixed()), fraction(BigInt(taxPercent) * 10n ** BigInt(decimals), 100n))),
    decimals,
  );
  expect(said({ tax })).toEqual([`${where}: tax ${taxByRate}`]);
  expect(said({ lines: lineSum })).toEqual(said({ lines: lastTotal }));
  // in full: invoiced − credited = paid + credits used + open amount − the customer's balance
  const owed = totals.minus(memos);
  const met = sum([payments, refunds.neg(), payouts.neg(), purchased, open, forgiven, balances.neg()]);
  expect(said({ invoiced: owed })).toEqual(said({ invoiced: met }));
}

/** The charges on a group's invoice for a month according to the plan: rounded once, by exact fractions. */
function chargedByPlan({ plan, holders }: YearWorld, group: PlannedGroup, at: number): string {
  const { currency, decimals } = plan.seller;
  const amounts = (plan.months[at]?.costs ?? []).flatMap((cost) => {
    // a late cost belongs to the group that held its project then
    const holder = holders.get(`${cost.project} ${at - monthsLate(cost, at)}`);
    if (holder !== group) return [];
    const amount = read(cost.amount);
    return [cost.isForeign ? times(amount, read(DOLLAR_RATES[currency])) : amount];
  });
  const costs = totalOf(amounts);
  const kept = minus(fraction(1n), over(read(plan.discount), fraction(100n)));
  const [least, withDiscount] = [read(plan.commitment), times(costs, kept)];
  const charged = group === 'A' ? totalOf([withDiscount, read(plan.charge)]) : isAbove(least, costs) ? least : costs;
  return write(nearest(times(charged, fraction(10n ** BigInt(decimals)))), decimals);
}

async function moneyOf(billingGroupId: string): Promise<Money> {
  const invoices = await Invoices.find({ billingGroupId, number: { $exists: true } })
    .sort({ period: 1 })
    .lean();
  const ids = invoices.map(({ _id }) => _id);
  const last = invoices.at(-1);
  const lines = await Lines.find({ invoiceId: last?._id ?? '' }).lean();
  const memos = await CreditMemos.find({ invoiceId: { $in: ids } }).lean();
  const payments = await Payments.find({ invoiceId: { $in: ids }, reversedAt: null }).lean();
  const refunds = await Refunds.find({ invoiceId: { $in: ids }, state: 'made' }).lean();
  const uses = await Consumptions.find({ invoiceId: { $in: ids } }).lean();
  const credits = await Credits.find({ billingGroupId }).lean();
  const isForgiven = ({ state }: { state: string }) => state === 'waived' || state === 'uncollectible';
  const openOf = (some: typeof invoices) => sum(some.map((one) => openAmount(balanceOf(one))));
  const usesOf = (isMeant: (credit: (typeof credits)[number]) => boolean) => {
    const meant = new Set(credits.filter(isMeant).map(({ _id }) => _id));
    const own = uses.filter(({ creditId }) => meant.has(creditId));
    return added(own.map(({ amount }) => amount)).minus(added(own.flatMap(({ returned }) => returned ?? [])));
  };
  return {
    charged: added(lines.filter(({ lineType }) => lineType !== 'credit_consumption').map(({ total }) => total)),
    tax: added(last ? [last.tax] : []),
    lineSum: added([...lines.map(({ total }) => total), ...(last ? [last.tax] : [])]),
    lastTotal: added(last ? [last.total] : []),
    lastNet: added(last ? [last.net] : []),
    belowZero: invoices.filter(({ total }) => fromDecimal128(total).lt(0)).length,
    sums: {
      totals: added(invoices.map(({ total }) => total)),
      memos: added(memos.map(({ total }) => total)),
      payments: added(payments.map(({ amount }) => amount)),
      refunds: added(refunds.filter(({ memoId }) => memoId !== null).map(({ amount }) => amount)),
      payouts: added(refunds.filter(({ memoId }) => memoId === null).map(({ amount }) => amount)),
      purchased: usesOf((credit) => credit.type === 'purchase' && credit.balanceOf === undefined),
      promotional: usesOf(({ type }) => type !== 'purchase'),
      open: openOf(invoices.filter((one) => !isForgiven(one))),
      forgiven: openOf(invoices.filter(isForgiven)),
      balances: added(credits.filter((one) => one.balanceOf !== undefined).map(({ remaining }) => remaining)),
    },
  };
}

/**
 * Each credit's value equals its balance, what invoices used, and what was paid out or taken back; none expires early.
 */
async function expectCreditsExplained({ accountId, plan }: YearWorld): Promise<void> {
  for (const credit of await Credits.find({ accountId }).lean()) {
    const uses = await Consumptions.find({ creditId: credit._id }).lean();
    const used = added(uses.map(({ amount }) => amount)).minus(added(uses.flatMap(({ returned }) => returned ?? [])));
    const gone = added(credit.paidOut ? [credit.paidOut] : []).plus(await takenBack(credit.balanceOf));
    const explained = sum([fromDecimal128(credit.remaining), used, gone]);
    const value = fromDecimal128(credit.value);
    const said = [credit.code, explained.toFixed(plan.seller.decimals)];
    // an expired credit is lost to the customer
    if (credit.expireTime === null) expect(said).toEqual([credit.code, value.toFixed(plan.seller.decimals)]);
    else expect([credit.code, explained.lte(value)]).toEqual([credit.code, true]);
  }
}

/** What memos for a negative invoice took back from its balance. */
async function takenBack(invoiceId: string | undefined): Promise<Decimal> {
  if (invoiceId === undefined) return ZERO;
  return added((await CreditMemos.find({ invoiceId }).lean()).map(({ total }) => total)).neg();
}

function added(amounts: readonly Decimal128[]): Decimal {
  return sum(amounts.map(fromDecimal128));
}
