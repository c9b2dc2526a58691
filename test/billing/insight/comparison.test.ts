import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CHANGE_KINDS,
  changesByKind,
  compareMonths,
  type Elsewhere,
  largestChanges,
  type MonthCell,
} from '../../../src/billing/insight/comparison.ts';
import { minorUnits } from '../../../src/billing/money/currency.ts';
import { Decimal, sum } from '../../../src/billing/money/money.ts';

const nowhere: { readonly now: Elsewhere; readonly before: Elsewhere } = {
  now: () => undefined,
  before: () => undefined,
};
const cell = (projectId: string, service: string, amount: string, more: Partial<MonthCell> = {}): MonthCell => ({
  ...{ projectId, service, kind: 'costs', amount: new Decimal(amount), original: null },
  ...more,
});
const from = (currency: string, amount: string) => ({ original: { currency, amount: new Decimal(amount) } });
const partsOf = (now: readonly MonthCell[], before: readonly MonthCell[], elsewhere = nowhere) =>
  compareMonths('USD', now, before, elsewhere).parts.map(
    ({ kind, projectId, service, amount }) => `${kind} ${projectId}/${service} ${amount.toFixed(2)}`,
  );

describe('a change from one month to the next', () => {
  it('of a service that both months have is usage', () => {
    expect(partsOf([cell('p', 'Compute', '12.50')], [cell('p', 'Compute', '10')])).toEqual(['usage p/Compute 2.50']);
  });

  it('of a project or service that only one month has, is that project or service', () => {
    const now = [cell('p', 'Compute', '1'), cell('p', 'Storage', '2'), cell('new', 'Compute', '3')];
    const before = [cell('p', 'Compute', '1'), cell('p', 'Network', '4'), cell('gone', 'Compute', '5')];
    expect(partsOf(now, before)).toEqual([
      'new_services p/Storage 2.00',
      'removed_services p/Network -4.00',
      'new_projects new/ 3.00',
      'removed_projects gone/ -5.00',
    ]);
  });

  it('of a project with costs elsewhere is a move, or another currency', () => {
    const elsewhere = {
      before: (id: string) => (id === 'in' ? ('other group' as const) : undefined),
      now: (id: string) => (id === 'out' ? ('other group' as const) : ('other currency' as const)),
    };
    const before = [cell('out', 'Compute', '2'), cell('yen', 'Compute', '3')];
    expect(partsOf([cell('in', 'Compute', '1')], before, elsewhere)).toEqual([
      'moved_in in/ 1.00',
      'moved_out out/ -2.00',
      'other_currency yen/ -3.00',
    ]);
  });

  it('of converted costs is split into exchange rate and usage', () => {
    const now = [cell('p', 'Compute', '132', from('EUR', '110'))];
    const before = [cell('p', 'Compute', '110', from('EUR', '100'))];
    // EUR 110 at 1.1 would be USD 121: 11 from usage, 11 from the rate
    expect(partsOf(now, before)).toEqual(['exchange_rates p/Compute 11.00', 'usage p/Compute 11.00']);
  });

  it('has no rate where one of the months has no costs in that currency', () => {
    const now = [cell('p', 'Compute', '132', from('EUR', '110'))];
    expect(partsOf(now, [cell('p', 'Compute', '100')])).toEqual(['usage p/Compute 32.00']);
    expect(partsOf(now, [cell('p', 'Compute', '0', from('EUR', '0'))])).toEqual(['usage p/Compute 132.00']);
  });

  it('of lines without usage records is of their kind', () => {
    const now = [cell('', '', '-5', { kind: 'credits' }), cell('p', 'Compute', '-2', { kind: 'discounts' })];
    const before = [cell('', '', '-3', { kind: 'credits' }), cell('', '', '20', { kind: 'commitments' })];
    expect(partsOf(now, before)).toEqual(['credits / -2.00', 'discounts p/Compute -2.00', 'commitments / -20.00']);
  });
});

describe('the largest changes', () => {
  it('go up or down, and all others are one sum', () => {
    const { parts } = compareMonths(
      'USD',
      [cell('a', 's', '5'), cell('b', 's', '1'), cell('c', 's', '2')],
      [cell('d', 's', '9')],
      nowhere,
    );
    const { largest, others } = largestChanges(parts, 2);
    expect(largest.map(({ projectId }) => projectId)).toEqual(['d', 'a']);
    expect(others.toFixed()).toBe('3');
  });
});

const CURRENCIES = ['USD', 'JPY', 'BHD'] as const;
const PLACES = ['other group', 'other currency', undefined] as const;
const KINDS = [
  'costs',
  'costs',
  'costs',
  'late_costs',
  'discounts',
  'charges',
  'commitments',
  'credits',
  'other',
] as const;
const anyCell = (currency: string) =>
  fc.record({
    projectId: fc.constantFrom('p1', 'p2', 'p3', ''),
    service: fc.constantFrom('Compute', 'Storage', ''),
    kind: fc.constantFrom(...KINDS),
    amount: fc
      .bigInt({ min: -(10n ** 20n), max: 10n ** 20n })
      .map((units) => new Decimal(units.toString()).div(new Decimal(10).pow(minorUnits(currency)))),
    original: fc.option(
      fc.record({
        currency: fc.constantFrom('EUR', 'GBP'),
        amount: fc.integer({ min: -1e9, max: 1e9 }).map((units) => new Decimal(units).div(1e4)),
      }),
    ),
  });

it('the parts of any change add up to it to the last digit, by kind and by size', () => {
  const months = fc.constantFrom(...CURRENCIES).chain((currency) =>
    fc.record({
      currency: fc.constant(currency),
      now: fc.array(anyCell(currency), { maxLength: 12 }),
      before: fc.array(anyCell(currency), { maxLength: 12 }),
      places: fc.tuple(fc.constantFrom(...PLACES), fc.constantFrom(...PLACES)),
      most: fc.integer({ min: 0, max: 6 }),
    }),
  );
  fc.assert(
    fc.property(months, ({ currency, now, before, places: [a, b], most }) => {
      const { change, parts, ...totals } = compareMonths(currency, now, before, { now: () => a, before: () => b });
      expect(totals.now).toEqual(sum(now.map(({ amount }) => amount)));
      expect(change).toEqual(totals.now.minus(totals.before));
      expect(sum(parts.map(({ amount }) => amount))).toEqual(change);
      const byKind = changesByKind(parts);
      expect(sum(byKind.map(({ amount }) => amount))).toEqual(change);
      expect(byKind.map(({ kind }) => kind)).toEqual(
        CHANGE_KINDS.filter((kind) => byKind.some((one) => one.kind === kind)),
      );
      const { largest, others } = largestChanges(parts, most);
      expect(sum([...largest.map(({ amount }) => amount), others])).toEqual(change);
      for (const { amount } of parts) expect(amount.decimalPlaces()).toBeLessThanOrEqual(minorUnits(currency));
    }),
    { numRuns: 1_000 },
  );
});
