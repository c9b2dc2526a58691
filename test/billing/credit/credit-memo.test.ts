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

describe('a credit memo for some lines', () => {
  it('has their amounts and their tax', () => {
    const lines: Line[] = [
      ['100', '19'],
      ['50', '7'],
    ];
    expect(figures(memo(lines, some([1, '10'])))).toBe('10.00 1.90 11.90');
    expect(figures(memo(lines, some([1, '10'], [2, '50'])))).toBe('60.00 5.40 65.40');
  });

  it('is refused without an amount', () => {
    expect(memo([['100', '19']], some())).toEqual({ kind: 'nothing_left' });
    expect(memo([['100', '19']], some([1, '0']))).toEqual({ kind: 'nothing_left' });
    expect(memo([['100', '19']], some([7, '5']))).toEqual({ kind: 'nothing_left' });
  });

  it('is refused where what is left gives back nothing', () => {
    expect(memo([['0', '19']], 'whole')).toEqual({ kind: 'nothing_left' });
    expect(memo([['100', '19', '100']], 'whole')).toEqual({ kind: 'nothing_left' });
    const cancelling: Line[] = [
      ['10', '19'],
      ['-10', '19'],
    ];
    expect(memo(cancelling, 'whole')).toEqual({ kind: 'nothing_left' });
    expect(memo(cancelling, some([1, '5']))).toMatchObject({ kind: 'rate_above' });
    // cancels without tax, but not with it
    expect(
      figures(
        memo(
          [
            ['10', '19'],
            ['-10', '7'],
          ],
          'whole',
        ),
      ),
    ).toBe('0.00 1.20 1.20');
  });

  it('is limited to what is left of a line, and is never negative', () => {
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

  it('is limited to what is left at a tax rate after credits, and names its first line', () => {
    const lines: Line[] = [
      ['200', '7'],
      ['100', '19'],
      ['-30', '19'],
    ];
    expect(memo(lines, some([1, '10'], [2, '80']))).toEqual({ kind: 'rate_above', place: 2, most: new Decimal(70) });
    expect(figures(memo(lines, some([1, '10'], [2, '70'])))).toBe('80.00 14.00 94.00');
  });

  it('credits nothing at a tax rate with a negative total', () => {
    const lines: Line[] = [
      ['200', '7'],
      ['20', '19'],
      ['-30', '19'],
    ];
    expect(memo(lines, some([2, '5']))).toEqual({ kind: 'rate_above', place: 2, most: ZERO });
  });
});

describe('a credit memo for a negative invoice', () => {
  const lines: Line[] = [
    ['-100', '19'],
    ['0.01', '0'],
  ];

  it('takes back what its balance holds from lines with an amount', () => {
    expect(figures(memo([['-100', '19']], 'whole', '119'))).toBe('-100.00 -19.00 -119.00');
    expect(figures(memo([['-100', '19']], 'whole', '59.50'))).toBe('-50.00 -9.50 -59.50');
    const result = memo(lines, 'whole', '11.90');
    expect('kind' in result ? result : result.lines.map(({ place }) => place)).toEqual([1]);
  });

  it('is refused once the balance is used, and for only some lines', () => {
    expect(memo(lines, 'whole', '0')).toEqual({ kind: 'balance_used' });
    expect(memo(lines, 'whole')).toEqual({ kind: 'balance_used' });
    expect(memo(lines, some([2, '0.01']), '119')).toEqual({ kind: 'below_zero' });
  });
});
