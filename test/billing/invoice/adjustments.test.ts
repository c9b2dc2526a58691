import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { holdsIn } from '../../../src/billing/invoice/adjustment.ts';
import type { Discount } from '../../../src/billing/invoice/discount.ts';
import { allocate } from '../../../src/billing/money/allocate.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { cost, invoiceOf, PERIOD } from '../build.ts';

interface Case {
  readonly source: string;
  readonly method: string;
  readonly currency: string;
  readonly amount: string;
  readonly items: readonly (readonly [key: string, weight: string])[];
  readonly tieBreakByKey: boolean;
  readonly expected: readonly (readonly [key: string, share: string])[];
}

const CASES: readonly Case[] = JSON.parse(readFileSync('test/data/allocation-cases.json', 'utf8'));
const DECIMALS: Readonly<Record<string, number>> = { USD: 2, JPY: 0, CUSTOM4: 4 };

const from = toPeriod('2026-01');
const off = (value: Discount['value'], over: Partial<Discount> = {}): Discount => ({
  ...{ id: 'd1', description: 'Off', scope: { kind: 'group' }, value, from, until: null, ...over },
});
const percent = (percentage: string, over: Partial<Discount> = {}) =>
  off({ kind: 'percentage', percentage: new Decimal(percentage) }, over);
const amount = (value: string, over: Partial<Discount> = {}) =>
  off({ kind: 'amount', amount: new Decimal(value), currency: 'EUR' }, over);

describe('dividing an amount by weights', () => {
  it.each(CASES.map((one) => [`${one.method}, ${one.source}, ${one.currency}`, one] as const))('%s', (_name, one) => {
    const decimals = DECIMALS[one.currency];
    if (decimals === undefined) throw new Error(`Which currency is ${one.currency}?`);
    const items = one.tieBreakByKey ? [...one.items].sort(([a], [b]) => (a < b ? -1 : 1)) : one.items;
    const shares = allocate(
      new Decimal(one.amount),
      items.map(([, weight]) => new Decimal(weight)),
      decimals,
    );
    const got = items.map(([key], at) => [key, shares[at]?.toFixed(decimals)]);
    const expected = new Map(one.expected);
    // recipients of nothing aren't named in the cases
    expect(Object.fromEntries(got)).toEqual(
      Object.fromEntries(items.map(([key]) => [key, expected.get(key) ?? new Decimal(0).toFixed(decimals)])),
    );
  });

  it('accepts no negative weights, and no amount without weights', () => {
    expect(() => allocate(new Decimal(1), [new Decimal(-1), new Decimal(2)], 2)).toThrow(RangeError);
    expect(() => allocate(new Decimal(1), [], 2)).toThrow(RangeError);
    expect(() => allocate(new Decimal('0.001'), [new Decimal(1)], 2)).toThrow(RangeError);
  });
});

describe('discounts', () => {
  const costs = [cost('100'), cost('50', { serviceName: 's2' }), cost('10', { projectName: 'p2' })];
  const totals = (discounts: Discount[]) =>
    invoiceOf(costs, { discounts })
      .lines.filter(([type]) => type === 'service_charge')
      .map(([, , total]) => total);

  it('apply to the group, a project or a service', () => {
    expect(totals([percent('10')])).toEqual(['90.00', '45.00', '9.00']);
    const onProject = { kind: 'project', projectId: 'prj_p1', projectName: 'p1' } as const;
    expect(totals([percent('10', { scope: onProject })])).toEqual(['90.00', '45.00', '10.00']);
    expect(totals([percent('10', { scope: { kind: 'service', serviceName: 's2' } })])).toEqual([
      '100.00',
      '45.00',
      '10.00',
    ]);
  });

  it('apply narrower ones first and percentages before amounts, each to what is left', () => {
    const narrow = percent('50', { id: 'd9', scope: { kind: 'service', serviceName: 's2' } });
    const { calculation } = invoiceOf(costs, {
      discounts: [amount('13.5', { id: 'd0' }), percent('10', { id: 'd5' }), narrow],
    });
    expect(
      calculation.trail.filter(({ step }) => step === 'discount').map(({ before, after }) => [before, after]),
    ).toEqual([
      ['50', '25'],
      ['135', '121.5'],
      ['121.5', '108'],
    ]);
  });

  it('of an amount are spread in proportion, and never exceed the costs', () => {
    expect(totals([amount('16')])).toEqual(['90.00', '45.00', '9.00']);
    expect(totals([amount('1000')])).toEqual(['0.00', '0.00', '0.00']);
  });

  it('apply only in their months, both ends included', () => {
    const held = (over: Partial<Discount>) => totals([percent('10', over)])[0];
    expect(held({ from: PERIOD, until: PERIOD })).toBe('90.00');
    expect(held({ until: toPeriod('2026-09') })).toBe('100.00');
    expect(held({ from: toPeriod('2026-11') })).toBe('100.00');
  });

  it('keep each line’s original amount, and are noted by a multiplier line that totals zero', () => {
    const { calculation } = invoiceOf(costs, { discounts: [percent('12.5')] });
    expect(calculation.lines.map((line) => line.preDiscount.toFixed(2))).toEqual(['100.00', '50.00', '10.00', '0.00']);
    expect(calculation.lines.at(-1)).toMatchObject({
      lineType: 'multiplier',
      description: 'Off (12.5%), on all costs: EUR -20.00',
    });
  });
});

describe('extra charges', () => {
  const charge = { id: 'c', description: 'Setup', amount: new Decimal(5), currency: 'EUR', project: null, until: null };
  const due = (isMonthly: boolean, since: string) =>
    invoiceOf([], { charges: [{ ...charge, isMonthly, from: toPeriod(since) }] }).figures[0];

  it('are charged once in their month, or every month of their term', () => {
    expect([due(false, '2026-10'), due(false, '2026-09'), due(true, '2026-09'), due(true, '2026-11')]).toEqual([
      '5.00',
      '0.00',
      '5.00',
      '0.00',
    ]);
  });
});

describe('commitments', () => {
  const least = (value: string, id = 'm') => ({
    ...{ id, description: 'Plan', amount: new Decimal(value), currency: 'EUR', from, until: null },
  });

  it('raise the month to their minimum, and no further', () => {
    expect(invoiceOf([cost('80.004')], { commitments: [least('100')] }).figures[0]).toBe('100.00');
    expect(invoiceOf([cost('120')], { commitments: [least('100')] }).lines).toHaveLength(1);
  });

  it('use the highest when there are several', () => {
    expect(invoiceOf([cost('10')], { commitments: [least('100', 'a'), least('50', 'b')] }).figures[0]).toBe('100.00');
  });
});

describe('the term of an adjustment', () => {
  const holds = (from: string, until: string | null) => {
    const term = { from: toPeriod(from), until: until === null ? null : toPeriod(until) };
    return ['2026-02', '2026-03', '2026-04', '2026-05', '2026-06'].map((month) => holdsIn(term, toPeriod(month)));
  };

  it('includes its first and last month', () => {
    expect(holds('2026-03', '2026-05')).toEqual([false, true, true, true, false]);
    expect(holds('2026-04', '2026-04')).toEqual([false, false, true, false, false]);
  });

  it('has no end without a last month', () => {
    expect(holds('2026-04', null)).toEqual([false, false, true, true, true]);
  });
});
