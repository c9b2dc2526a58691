import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal, sum } from '../../src/billing/money/money.ts';
import { ColumnSums, columnsOf } from '../../src/store/costs/totals/exact-columns.ts';
import { runs } from '../support/runs.ts';

const amount = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => new Decimal(cents).div(100)),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.nat(45))
    .map(([digits, decimals]) => new Decimal(`${digits}e-${decimals}`)),
  fc.constantFrom(new Decimal(0), new Decimal('-0.000000000001'), new Decimal('999999999999.999999999999')),
);

it('adds up columns of amounts with all their digits', () => {
  const lists = fc
    .nat(6)
    .chain((count) =>
      fc.array(fc.array(amount, { minLength: count, maxLength: count }), { minLength: 1, maxLength: 4 }),
    );
  fc.assert(
    fc.property(lists, (all) => {
      const [{ length } = []] = all;
      const sums = new ColumnSums();
      for (const amounts of all) sums.add(columnsOf(amounts));
      const wanted = Array.from({ length }, (_, at) => sum(all.map((amounts) => amounts[at] ?? new Decimal(0))));
      expect(sums.totals(length).map((one) => one.toFixed())).toEqual(wanted.map((one) => one.toFixed()));
    }),
    { numRuns: runs(300) },
  );
});

it('refuses sums that numbers no longer hold', () => {
  const sums = new ColumnSums();
  const most = columnsOf([new Decimal('999999999999')]);
  for (let times = 0; times < 9_000; times++) sums.add(most);
  expect(sums.totals(1).map(String)).toEqual(['8999999999991000']);
  expect(() => sums.add(most)).toThrow(RangeError);
});
