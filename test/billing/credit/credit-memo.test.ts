import { describe, expect, it } from '@jest/globals';
import { type MemoableLine, type MemoWish, memoFigures } from '../../../src/billing/credit/credit-memo.ts';
import { Decimal, ZERO } from '../../../src/billing/money/money.ts';
import { type TaxCategory, taxAmounts } from '../../../src/billing/tax/tax.ts';

type Line = readonly [total: string, rate: string, credited?: string];

function memo(lines: readonly Line[], wish: MemoWish, held?: string) {
  const category = (rate: string): TaxCategory => (rate === '0' ? 'Z' : 'S');
  const all = lines.map(
    ([total, rate, credited = '0'], at): MemoableLine => ({
      ...{ place: at + 1, total: new Decimal(total), credited: new Decimal(credited) },
      ...{ taxCategory: category(rate), taxRate: new Decimal(rate) },
    }),
  );
  const parts = all.map((line) => ({
    rule: { category: line.taxCategory, rate: line.taxRate, reason: null, why: '' },
    base: line.total,
  }));
  const given = taxAmounts(
    all.map((line, at) => ({ rule: parts[at]?.rule ?? never(), base: line.credited })),
    'EUR',
  );
  const taxes = taxAmounts(parts, 'EUR').map((tax, at) => ({
    ...{ ...tax, creditedBase: given[at]?.base ?? ZERO, creditedAmount: given[at]?.amount ?? ZERO },
  }));
  return memoFigures(all, taxes, wish, 'EUR', ...(held === undefined ? [] : [new Decimal(held)]));
}

function never(): never {
  throw new Error('A line has no tax');
}

const some = (...amounts: [place: number, amount: string][]) =>
  new Map(amounts.map(([place, amount]) => [place, new Decimal(amount)]));
const figures = (result: ReturnType<typeof memo>) =>
  'kind' in result ? result : [result.net, result.tax, result.total].map((one) => one.toFixed(2)).join(' ');

describe('a credit memo of some lines', () => {
  it('has their amounts and the tax on them', () => {
    const lines: Line[] = [
      ['100', '19'],
      ['50', '7'],
    ];
    expect(figures(memo(lines, some([1, '10'])))).toBe('10.00 1.90 11.90');
    expect(figures(memo(lines, some([1, '10'], [2, '50'])))).toBe('60.00 5.40 65.40');
  });

  it('is refused where no amount is given', () => {
    expect(memo([['100', '19']], some())).toEqual({ kind: 'nothing_left' });
    expect(memo([['100', '19']], some([1, '0']))).toEqual({ kind: 'nothing_left' });
    expect(memo([['100', '19']], some([7, '5']))).toEqual({ kind: 'nothing_left' });
  });

  it('gives no more than what is left of a line, and nothing below zero', () => {
    const left = { kind: 'line_above', place: 1, most: new Decimal('60') };
    expect(memo([['100', '19', '40']], some([1, '60.01']))).toEqual(left);
    expect(memo([['100', '19', '40']], some([1, '-1']))).toEqual(left);
    expect(figures(memo([['100', '19', '40']], some([1, '60'])))).toBe('60.00 11.40 71.40');
    const refund: Line[] = [
      ['-10', '19'],
      ['100', '19'],
    ];
    expect(memo(refund, some([1, '5']))).toEqual({ kind: 'line_above', place: 1, most: ZERO });
  });

  it('gives no more than what is left of a rate, which credits have lowered, and names its first line', () => {
    const lines: Line[] = [
      ['200', '7'],
      ['100', '19'],
      ['-30', '19'],
    ];
    expect(memo(lines, some([1, '10'], [2, '80']))).toEqual({ kind: 'rate_above', place: 2, most: new Decimal(70) });
    expect(figures(memo(lines, some([1, '10'], [2, '70'])))).toBe('80.00 14.00 94.00');
  });

  it('gives nothing of a rate that came to less than nothing', () => {
    const lines: Line[] = [
      ['200', '7'],
      ['20', '19'],
      ['-30', '19'],
    ];
    expect(memo(lines, some([2, '5']))).toEqual({ kind: 'rate_above', place: 2, most: ZERO });
  });
});

describe('a credit memo of an invoice below zero', () => {
  const lines: Line[] = [
    ['-100', '19'],
    ['0.01', '0'],
  ];

  it('takes back what its balance holds, from lines that come to something', () => {
    expect(figures(memo([['-100', '19']], 'whole', '119'))).toBe('-100.00 -19.00 -119.00');
    expect(figures(memo([['-100', '19']], 'whole', '59.50'))).toBe('-50.00 -9.50 -59.50');
    const result = memo(lines, 'whole', '11.90');
    expect('kind' in result ? result : result.lines.map(({ place }) => place)).toEqual([1]);
  });

  it('is refused once the balance is used, and of some lines', () => {
    expect(memo(lines, 'whole', '0')).toEqual({ kind: 'balance_used' });
    expect(memo(lines, 'whole')).toEqual({ kind: 'balance_used' });
    expect(memo(lines, some([2, '0.01']), '119')).toEqual({ kind: 'below_zero' });
  });
});
