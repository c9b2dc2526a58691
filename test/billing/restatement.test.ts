import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../../src/billing/money.ts';
import { changesBetween, largeFalls, type ProjectTotal } from '../../src/billing/restatement.ts';

const total = (projectId: string, amount: string, records = 1, currency = 'EUR'): ProjectTotal => ({
  ...{ projectId, currency, records },
  amount: new Decimal(amount),
});

describe('what a replacement changes', () => {
  it('is told by project and currency, the largest fall first, without what stays', () => {
    const before = [total('a', '1'), total('b', '50'), total('c', '20'), total('same', '3'), total('a', '9', 1, 'USD')];
    const after = [total('a', '5'), total('b', '10'), total('c', '15'), total('same', '3'), total('new', '1')];
    const changes = changesBetween(before, after).map(
      ({ projectId, currency, before: was, after: is }) => `${projectId} ${currency} ${was} ${is}`,
    );
    expect(changes).toEqual(['b EUR 50 10', 'a USD 9 0', 'c EUR 20 15', 'new EUR 0 1', 'a EUR 1 5']);
  });

  it('takes each of 50,000 projects a few times, not once for each other project', () => {
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

  it('is a large fall when a currency’s sum falls by more than half', () => {
    const falls = (from: string, to: string) => largeFalls([total('a', from)], [total('b', to)]).length;
    expect([falls('100', '49.99'), falls('100', '50'), falls('-5', '-20'), falls('0', '-1')]).toEqual([1, 0, 0, 0]);
    expect(largeFalls([total('a', '10'), total('b', '1', 1, 'USD')], [total('a', '10')])).toMatchObject([
      { currency: 'USD' },
    ]);
  });
});
