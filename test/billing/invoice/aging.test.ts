import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AGE_NAMES, AGES, ageOf, agingOf, daysOverdue, openSums } from '../../../src/billing/invoice/aging.ts';
import { Decimal, ZERO } from '../../../src/billing/money/money.ts';

describe('days overdue', () => {
  it.each([
    ['2026-11-16', '2026-11-01', 0],
    ['2026-11-16', '2026-11-16', 0],
    ['2026-11-16', '2026-11-17', 1],
    ['2026-10-24', '2026-10-26', 2],
    ['2025-12-31', '2026-12-31', 365],
    [null, '2026-11-17', 0],
  ])('due %s, on %s: %d', (due, today, days) => {
    expect(daysOverdue(due, today)).toBe(days);
  });

  it.each([
    [0, 'current'],
    [1, '1_30'],
    [30, '1_30'],
    [31, '31_60'],
    [60, '31_60'],
    [61, '61_90'],
    [90, '61_90'],
    [91, 'over_90'],
    [4_000, 'over_90'],
  ])('%d are %s', (days, age) => {
    expect(ageOf(days)).toBe(age);
  });
});

it('open amounts are grouped by currency and age, and the ages add up to the total', () => {
  const amount = fc.record({
    currency: fc.constantFrom('EUR', 'USD', 'JPY'),
    cents: fc.integer({ min: 1, max: 10 ** 9 }),
    daysOverdue: fc.integer({ min: 0, max: 200 }),
  });
  fc.assert(
    fc.property(fc.array(amount, { maxLength: 30 }), (drawn) => {
      const amounts = drawn.map(({ cents, ...rest }) => ({ ...rest, open: new Decimal(cents).dividedBy(100) }));
      const found = agingOf(amounts);
      expect(found.map(({ currency }) => currency)).toEqual([...new Set(drawn.map((one) => one.currency))].sort());
      for (const { currency, invoices, byAge, total } of found) {
        const own = amounts.filter((one) => one.currency === currency);
        expect(invoices).toBe(own.length);
        expect(AGES.reduce((sum, age) => sum.plus(byAge[age]), ZERO).equals(total)).toBe(true);
        for (const age of AGES) {
          const cents = own
            .filter((one) => ageOf(one.daysOverdue) === age)
            .reduce((sum, { open }) => sum + BigInt(open.times(100).toFixed()), 0n);
          expect(byAge[age].times(100).toFixed()).toBe(cents.toString());
        }
      }
    }),
  );
});

it('every age has a name', () => {
  expect(AGES.map((age) => AGE_NAMES[age])).toEqual([
    ...['Not due yet', '1–30 days', '31–60 days', '61–90 days', 'Over 90 days'],
  ]);
});

it('sums of more than 34 digits keep every digit', () => {
  const large = new Decimal('1234567890123456789012345678901234.56');
  const amounts = ['0.01', large, '0.02'].map((open) => ({ currency: 'EUR', open: new Decimal(open), daysOverdue: 5 }));
  const [aging] = agingOf(amounts);
  expect(aging?.total.toFixed()).toBe('1234567890123456789012345678901234.59');
  expect(aging?.byAge['1_30'].toFixed()).toBe('1234567890123456789012345678901234.59');
});

describe('what is open for a billing group', () => {
  const amount = (currency: string, open: string, dueDay: string | null, days = 0) => ({
    ...{ currency, open: new Decimal(open), total: new Decimal('100.1'), dueDay, daysOverdue: days },
  });

  it('is summed by currency, with the first due date and the most days overdue, longest overdue first', () => {
    const sums = openSums([
      amount('EUR', '10', '2026-12-01'),
      amount('USD', '0.2', '2026-11-20', 5),
      amount('USD', '0.1', '2026-11-16', 9),
      amount('USD', '0', '2026-01-01', 300),
    ]);
    expect(sums.map((one) => ({ ...one, open: one.open.toFixed(), total: one.total.toFixed() }))).toEqual([
      { currency: 'USD', open: '0.3', total: '200.2', dueDay: '2026-11-16', daysOverdue: 9 },
      { currency: 'EUR', open: '10', total: '100.1', dueDay: '2026-12-01', daysOverdue: 0 },
    ]);
  });

  it('is nothing if nothing is left to pay', () => {
    expect(openSums([amount('EUR', '0', null)])).toEqual([]);
    expect(openSums([amount('EUR', '1', null)])[0]?.dueDay).toBeNull();
  });
});
