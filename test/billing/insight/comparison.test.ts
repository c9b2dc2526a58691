import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CHANGE_KINDS, type ChangePart, type MonthCell } from '../../../src/billing/insight/change.ts';
import { changesByKind, compareMonths, largestChanges, type Others } from '../../../src/billing/insight/comparison.ts';
import { ALL_HELD, type HeldShare, heldShares } from '../../../src/billing/insight/held-shares.ts';
import { type ItemMonths, pricedParts } from '../../../src/billing/insight/price-volume.ts';
import { minorUnits } from '../../../src/billing/money/currency.ts';
import { Decimal, sum } from '../../../src/billing/money/money.ts';
import { runs } from '../../support/runs.ts';

const nowhere: Others = {
  ...{ now: () => undefined, before: () => undefined },
  held: { now: ALL_HELD, before: ALL_HELD },
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
    const elsewhere: Others = {
      ...nowhere,
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

/** On the invoices in each month, where the rest is on another group’s. */
const movedBetween = (now: MonthCell[], before: MonthCell[], others: { now: MonthCell[]; before: MonthCell[] }) => {
  const share = (own: MonthCell[], rest: MonthCell[]) =>
    heldShares([{ currency: 'USD', cells: own }], [{ currency: 'USD', cells: rest }]);
  return partsOf(now, before, {
    ...nowhere,
    held: { now: share(now, others.now), before: share(before, others.before) },
  });
};

describe('a project that changed its group within a month', () => {
  const half = [cell('p', 'Compute', '40')];
  const whole = [cell('p', 'Compute', '100')];

  it('has moved in with what the other group had before, and the rest is usage', () => {
    // half of 80 was here: with half of 100, usage is up by 10
    expect(movedBetween(whole, half, { now: [], before: half })).toEqual([
      'moved_in p/Compute 50.00',
      'usage p/Compute 10.00',
    ]);
  });

  it('has moved out with what the other group has now', () => {
    expect(movedBetween(half, whole, { now: half, before: [] })).toEqual([
      'moved_out p/Compute -50.00',
      'usage p/Compute -10.00',
    ]);
  });

  it('brings a service whole that it had in the other group before, and takes one that only the other has now', () => {
    const more = [cell('p', 'Storage', '7')];
    const [now, before] = [
      [...whole, ...more],
      [cell('p', 'Compute', '100'), cell('p', 'Network', '3')],
    ];
    expect(movedBetween(now, before, { now: [cell('p', 'Network', '9')], before: more })).toEqual([
      'moved_in p/Storage 7.00',
      'moved_out p/Network -3.00',
    ]);
  });

  it('has a share by the currency of its cost files, whatever currency the other group is invoiced in', () => {
    const [now, before] = [
      [cell('p', 'Compute', '110', from('EUR', '100'))],
      [cell('p', 'Compute', '44', from('EUR', '40'))],
    ];
    const held = {
      now: heldShares([{ currency: 'USD', cells: now }], []),
      before: heldShares([{ currency: 'USD', cells: before }], [{ currency: 'EUR', cells: half }]),
    };
    expect(partsOf(now, before, { ...nowhere, held })).toEqual(['moved_in p/Compute 55.00', 'usage p/Compute 11.00']);
  });

  it('is split by exchange rate for the share that stayed', () => {
    const [now, before] = [
      [cell('p', 'Compute', '120', from('EUR', '100'))],
      [cell('p', 'Compute', '40', from('EUR', '40'))],
    ];
    const held = {
      now: heldShares([{ currency: 'USD', cells: now }], []),
      before: heldShares([{ currency: 'USD', cells: before }], [{ currency: 'EUR', cells: half }]),
    };
    // half of EUR 100 stayed: USD 60 instead of USD 50 at the rate before, and EUR 10 more than before
    expect(partsOf(now, before, { ...nowhere, held })).toEqual([
      'moved_in p/Compute 60.00',
      'exchange_rates p/Compute 10.00',
      'usage p/Compute 10.00',
    ]);
  });

  it('has no share where refunds hide what was paid', () => {
    expect(movedBetween(whole, half, { now: [], before: [cell('p', 'Compute', '-90')] })).toEqual([
      'usage p/Compute 60.00',
    ]);
  });
});

const decimal = (text: string) => new Decimal(text);
const item = (now: readonly [string, string] | null, before: readonly [string, string] | null): ItemMonths => {
  const month = (one: readonly [string, string] | null) =>
    one && { quantity: decimal(one[0]), amount: decimal(one[1]) };
  return { now: month(now), before: month(before) };
};
const usage = (amount: string, factor = '1'): ChangePart => ({
  ...{ kind: 'usage', projectId: 'p', service: 'Compute', amount: decimal(amount) },
  basis: { currency: 'EUR', factor: decimal(factor) },
});
const splitOf = (part: ChangePart, items: readonly ItemMonths[]) =>
  pricedParts(part, items, 'USD').map(({ kind, amount }) => `${kind} ${amount.toFixed(2)}`);

describe('a change in usage', () => {
  it('comes from another price for this month’s quantity, and another quantity at the price before', () => {
    // 100 hours at 0.10, then 150 at 0.12
    expect(splitOf(usage('8'), [item(['150', '18'], ['100', '10'])])).toEqual(['price 3.00', 'volume 5.00']);
  });

  it('of several items is added up, and what only one month has stays usage', () => {
    const items = [
      item(['10', '30'], ['10', '20']),
      item(['5', '5'], ['10', '10']),
      item(['1', '4'], null),
      item(null, ['1', '2']),
    ];
    expect(splitOf(usage('7'), items)).toEqual(['price 10.00', 'volume -5.00', 'usage 2.00']);
  });

  it('stays usage without quantities, without a basis, and for refunds', () => {
    const { basis: _, ...bare } = usage('5');
    expect(splitOf(usage('5'), [])).toEqual(['usage 5.00']);
    expect(splitOf(bare, [item(['2', '10'], ['1', '5'])])).toEqual(['usage 5.00']);
    expect(splitOf(usage('5'), [item(['-1', '-5'], ['1', '5'])])).toEqual(['usage 5.00']);
    expect(splitOf(usage('5'), [item(['1', '5'], ['0', '0'])])).toEqual(['usage 5.00']);
  });

  it('is in the currency of the invoice, and what rounding leaves belongs to the larger reason', () => {
    expect(splitOf(usage('10', '2'), [item(['2', '10'], ['1', '5'])])).toEqual(['volume 10.00']);
    expect(splitOf(usage('10.02', '2'), [item(['2', '10'], ['1', '5'])])).toEqual(['volume 10.02']);
    expect(splitOf(usage('5.01'), [item(['1', '10'], ['1', '5'])])).toEqual(['price 5.01']);
    expect(splitOf(usage('10.03', '2'), [item(['2', '10'], ['1', '5'])])).toEqual(['volume 10.00', 'usage 0.03']);
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
const anyMonth = fc.option(
  fc.record({
    quantity: fc.integer({ min: -5, max: 1e6 }).map((units) => new Decimal(units).div(1e3)),
    amount: fc.integer({ min: -1e6, max: 1e9 }).map((units) => new Decimal(units).div(1e4)),
  }),
);
const anyItem = fc.record({ now: anyMonth, before: anyMonth });

it('the parts of any change add up to it to the last digit, by kind and by size', () => {
  const months = fc.constantFrom(...CURRENCIES).chain((currency) =>
    fc.record({
      currency: fc.constant(currency),
      now: fc.array(anyCell(currency), { maxLength: 12 }),
      before: fc.array(anyCell(currency), { maxLength: 12 }),
      elsewhere: fc.array(anyCell(currency), { maxLength: 6 }),
      isHeld: fc.boolean(),
      items: fc.array(anyItem, { maxLength: 3 }),
      places: fc.tuple(fc.constantFrom(...PLACES), fc.constantFrom(...PLACES)),
      most: fc.integer({ min: 0, max: 6 }),
    }),
  );
  fc.assert(
    fc.property(months, ({ currency, now, before, elsewhere, isHeld, items, places: [a, b], most }) => {
      const shares = (cells: readonly MonthCell[], rest: readonly MonthCell[]): HeldShare =>
        isHeld ? ALL_HELD : heldShares([{ currency, cells }], [{ currency: 'EUR', cells: rest }]);
      const held = { now: shares(now, elsewhere), before: shares(before, elsewhere.slice(1)) };
      const compared = compareMonths(currency, now, before, { now: () => a, before: () => b, held });
      const { change, parts: whole, ...totals } = compared;
      const parts = whole.flatMap((part) => (part.kind === 'usage' ? pricedParts(part, items, currency) : [part]));
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
    { numRuns: runs(1_000) },
  );
});
