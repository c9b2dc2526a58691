import type { CreditUse } from '../credit/credit-use.ts';
import { count } from '../money/count.ts';
import { type Decimal, formatMoney, sum } from '../money/money.ts';
import type { TaxAmount } from '../tax/tax.ts';
import { type CostSum, compare } from './line.ts';
import { type TrailEntry, trailEntry } from './trail-entry.ts';

/** The total costs in each currency they were booked in. */
export function costEntries(costs: readonly CostSum[]): TrailEntry[] {
  const currencies = [...new Set(costs.map((cost) => cost.currency))].sort(compare);
  return currencies.map((currency) => {
    const own = costs.filter((cost) => cost.currency === currency);
    const records = own.reduce((sum, cost) => sum + cost.records, 0);
    return trailEntry('costs', {
      what: `${count(records, 'cost record')}, summed by project, service, plan and type into ${count(own.length, 'sum')}`,
      after: sum(own.map((cost) => cost.amount)),
      currency,
      why: 'Each cost goes on the invoice of the group its project belonged to at the time. Amounts aren’t rounded yet.',
    });
  });
}

export function roundingEntry(before: Decimal, after: Decimal, currency: string): TrailEntry {
  return trailEntry('rounding', {
    what: 'All lines together',
    before,
    after,
    currency,
    why: 'The sum is rounded once, half up. The lines with the largest remainders are rounded up so that all lines add up to it.',
  });
}

/** What each credit takes off the remaining amount. */
export function creditEntries(
  step: 'credit' | 'prepaid',
  uses: readonly CreditUse[],
  start: Decimal,
  currency: string,
): TrailEntry[] {
  let before = start;
  return uses.map(({ credit, amount }) => {
    const after = before.minus(amount);
    const of = credit.projectId === null ? 'of the group' : 'of a project';
    const kept = formatMoney(credit.remaining.minus(amount), currency);
    const entry = trailEntry(step, {
      what: `Credit ${credit.code} (${credit.type.replaceAll('_', ' ')}, ${of})`,
      before,
      after,
      currency,
      why: `${step === 'credit' ? 'Reduces the total before tax' : 'Purchased, so it’s applied after tax'}. ${kept} of it is left.`,
    });
    before = after;
    return entry;
  });
}

export function taxEntries(taxes: readonly TaxAmount[], currency: string): TrailEntry[] {
  return taxes.map(({ category, rate, base, amount, why }) =>
    trailEntry('tax', {
      what: `Category ${category}, ${rate.toFixed()}% of ${formatMoney(base, currency)}`,
      before: base,
      after: amount,
      currency,
      why: `${why} Calculated once on the sum, rounded half up.`,
    }),
  );
}

export function totalEntry(net: Decimal, total: Decimal, currency: string): TrailEntry {
  return trailEntry('total', {
    what: 'Total before tax, and tax',
    before: net,
    after: total,
    currency,
    why: 'The total before tax with the tax added.',
  });
}

export function dueEntry(total: Decimal, prepaid: Decimal, due: Decimal, currency: string): TrailEntry {
  const why =
    total.isNegative() && !total.isZero()
      ? 'A total below zero isn’t payable. It’s kept as a credit once the invoice is issued.'
      : 'The amount still to be paid.';
  const what = prepaid.isZero() ? 'The total' : `The total less ${formatMoney(prepaid, currency)} of purchased credits`;
  return trailEntry('due', { what, before: total, after: due, currency, why });
}
