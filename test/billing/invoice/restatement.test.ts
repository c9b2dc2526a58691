import { describe, expect, it } from '@jest/globals';
import {
  changesBetween,
  largeDecreases,
  largestDecreaseFirst,
  type ProjectTotal,
} from '../../../src/billing/invoice/restatement.ts';
import { Decimal } from '../../../src/billing/money/money.ts';

const total = (projectId: string, amount: string, records = 1, currency = 'EUR'): ProjectTotal => ({
  ...{ projectId, currency, records },
  amount: new Decimal(amount),
});

describe('a replacement’s changes', () => {
  it('are listed by project and currency, the largest decrease first, without unchanged ones', () => {
    const before = [total('a', '1'), total('b', '50'), total('c', '20'), total('same', '3'), total('a', '9', 1, 'USD')];
    const after = [total('a', '5'), total('b', '10'), total('c', '15'), total('same', '3'), total('new', '1')];
    const changes = changesBetween(before, after).map(
      ({ projectId, currency, before: was, after: is }) => `${projectId} ${currency} ${was} ${is}`,
    );
    expect(changes).toEqual(['b EUR 50 10', 'a USD 9 0', 'c EUR 20 15', 'new EUR 0 1', 'a EUR 1 5']);
  });

  it('are computed in linear time for 50,000 projects', () => {
    let reads = 0;
    const totals = (amount: string) =>
      Array.from({ length: 50_000 }, (_, at) => ({
        ...total('', amount),
        get projectId() {
          reads += 1;
          return `p${at}`;
        },
      }));
    expect(changesBetween(totals('2'), totals('1'))).toHaveLength(50_000);
    expect(reads).toBeLessThan(50_000 * 10);
  });

  it('count as a large decrease when a currency’s total falls by more than half of its size', () => {
    const falls = (from: string, to: string) => largeDecreases([total('a', from)], [total('b', to)]).length;
    expect([falls('100', '49.99'), falls('100', '50'), falls('100', '-1')]).toEqual([1, 0, 1]);
    expect([falls('0', '-0.01'), falls('0', '0'), falls('0', '5')]).toEqual([1, 0, 0]);
    expect([falls('-5', '-7.51'), falls('-5', '-7.5'), falls('-5', '0'), falls('-5', '20')]).toEqual([1, 0, 0, 0]);
    expect(largeDecreases([total('a', '10'), total('b', '1', 1, 'USD')], [total('a', '10')])).toMatchObject([
      { currency: 'USD' },
    ]);
  });

  it('include a change in the number of records alone', () => {
    const [change] = changesBetween([total('a', '5', 3)], [total('a', '5', 4)]);
    expect(change).toMatchObject({ recordsBefore: 3, recordsAfter: 4 });
    expect(changesBetween([total('a', '5', 3)], [total('a', '6', 3)])).toHaveLength(1);
    expect(changesBetween([total('a', '5', 3)], [total('a', '5.00', 3)])).toEqual([]);
  });

  it('have no former amount for new projects, and no new amount for removed ones', () => {
    const zero = new Decimal(0);
    expect(changesBetween([total('gone', '5', 3)], [total('new', '7', 2)])).toEqual([
      { projectId: 'gone', currency: 'EUR', before: new Decimal(5), after: zero, recordsBefore: 3, recordsAfter: 0 },
      { projectId: 'new', currency: 'EUR', before: zero, after: new Decimal(7), recordsBefore: 0, recordsAfter: 2 },
    ]);
    // also with a total of zero
    expect(changesBetween([], [total('new', '0')])).toHaveLength(1);
    expect(changesBetween([total('gone', '0')], [])).toHaveLength(1);
  });

  it('are sorted by project and currency when they are equal', () => {
    const all = [total('b', '5'), total('a', '5', 1, 'USD'), total('a', '5')];
    const order = (changes: ReturnType<typeof largestDecreaseFirst>) =>
      changes.map((one) => `${one.projectId} ${one.currency}`);
    const changes = changesBetween([], all);
    expect(order(changes)).toEqual(['a EUR', 'a USD', 'b EUR']);
    expect(order(largestDecreaseFirst([...changes].reverse()))).toEqual(['a EUR', 'a USD', 'b EUR']);
  });

  it('count as a large decrease by a currency’s total, whatever the projects', () => {
    const before = [total('a', '60'), total('b', '40'), total('a', '10', 1, 'USD')];
    expect(largeDecreases(before, [total('c', '55'), total('a', '10', 1, 'USD')])).toEqual([]);
    expect(largeDecreases(before, [total('c', '30'), total('d', '19'), total('a', '10', 1, 'USD')])).toEqual([
      { currency: 'EUR', before: new Decimal(100), after: new Decimal(49) },
    ]);
    expect(largeDecreases([total('a', '10')], [])).toMatchObject([{ after: new Decimal(0) }]);
  });
});
