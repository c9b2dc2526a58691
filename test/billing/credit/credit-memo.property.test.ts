import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type MemoableLine,
  type MemoableTax,
  type MemoWish,
  memoFigures,
} from '../../../src/billing/credit/credit-memo.ts';
import { Decimal, sum, ZERO } from '../../../src/billing/money/money.ts';
import { taxAmounts, taxKey } from '../../../src/billing/tax/tax.ts';
import { runs } from '../../support/runs.ts';

const RUNS = runs(2_000);
const CURRENCIES = [
  ['JPY', 0],
  ['EUR', 2],
  ['KWD', 3],
  ['CLF', 4],
] as const;
const RATES = ['19', '7', '0', '5.5'];

const anInvoice = fc.record({
  currency: fc.constantFrom(...CURRENCIES),
  lines: fc.array(fc.record({ units: fc.integer({ min: -5_000, max: 100_000 }), rate: fc.constantFrom(...RATES) }), {
    minLength: 1,
    maxLength: 8,
  }),
  // for each memo: which line, and how much of what is left, in thousandths
  memos: fc.array(fc.record({ line: fc.nat(), part: fc.integer({ min: 1, max: 1_000 }) }), { maxLength: 8 }),
});

function taxed(lines: readonly { units: number; rate: string }[], currency: string, decimals: number) {
  const all: MemoableLine[] = lines.map(({ units, rate }, at) => ({
    place: at + 1,
    total: new Decimal(units).div(10 ** decimals),
    credited: ZERO,
    taxCategory: rate === '0' ? 'Z' : 'S',
    taxRate: new Decimal(rate),
  }));
  const rule = (line: MemoableLine) => ({ category: line.taxCategory, rate: line.taxRate, reason: null, why: '' });
  const taxes: MemoableTax[] = taxAmounts(
    all.map((line) => ({ rule: rule(line), base: line.total })),
    currency,
  ).map((tax) => ({ ...tax, creditedBase: ZERO, creditedAmount: ZERO }));
  return { all, taxes };
}

describe('credit memos of an invoice', () => {
  it('never exceed it in any line, tax or total, however many there are, and end at exactly the invoiced amounts', () => {
    let made = 0;
    fc.assert(
      fc.property(anInvoice, ({ currency: [currency, decimals], lines, memos }) => {
        let { all, taxes } = taxed(lines, currency, decimals);
        const invoiced = { net: sum(all.map(({ total }) => total)), tax: sum(taxes.map(({ amount }) => amount)) };
        const total = invoiced.net.plus(invoiced.tax);
        const held = Decimal.max(total.neg(), ZERO);
        let [net, tax] = [ZERO, ZERO];
        const make = (wish: MemoWish) => {
          const memo = memoFigures(all, taxes, wish, currency, held);
          if ('kind' in memo) return memo.kind;
          made += 1;
          expect(sum(memo.lines.map(({ amount }) => amount)).equals(memo.net)).toBe(true);
          expect(sum(memo.taxes.map(({ amount }) => amount)).equals(memo.tax)).toBe(true);
          expect(memo.total.equals(memo.net.plus(memo.tax))).toBe(true);
          [net, tax] = [net.plus(memo.net), tax.plus(memo.tax)];
          if (total.gte(0)) expect(net.plus(tax).lte(total)).toBe(true);
          all = all.map((line) => {
            const given = memo.lines.find(({ place }) => place === line.place);
            return given ? { ...line, credited: line.credited.plus(given.amount) } : line;
          });
          taxes = taxes.map((one) => {
            const given = memo.taxes.find((other) => taxKey(other) === taxKey(one));
            if (!given) return one;
            const creditedBase = one.creditedBase.plus(given.base);
            const creditedAmount = one.creditedAmount.plus(given.amount);
            // a rate with a negative total is only ever returned whole
            if (one.base.gte(0)) expect(creditedBase.lte(one.base) && creditedAmount.lte(one.amount)).toBe(true);
            else expect(creditedBase.equals(one.base)).toBe(true);
            return { ...one, creditedBase, creditedAmount };
          });
          return memo;
        };
        for (const { line: at, part } of memos) {
          const line = all[at % all.length];
          if (!line) continue;
          const left = line.total.minus(line.credited);
          const amount = left.times(part).div(1_000).toDecimalPlaces(decimals, Decimal.ROUND_DOWN);
          make(new Map([[line.place, amount]]));
          const above = make(new Map([[line.place, Decimal.max(left, ZERO).plus(1)]]));
          expect(above).toBe(total.lt(0) ? 'below_zero' : 'line_above');
        }
        const last = make('whole');
        expect(net.plus(tax).equals(total)).toBe(true);
        // lines whose amounts with tax cancel each other stay: there is nothing to refund
        const isLeft = last === 'nothing_left' && all.some((line) => !line.total.equals(line.credited));
        if (!isLeft) expect(net.equals(invoiced.net) && tax.equals(invoiced.tax)).toBe(true);
        expect(make('whole')).toBe('nothing_left');
      }),
      { numRuns: RUNS },
    );
    expect(made).toBeGreaterThan(RUNS);
  });

  it('are refused where lines and their tax cancel each other', () => {
    const { all, taxes } = taxed(
      [
        { units: 4, rate: '0' },
        { units: -3, rate: '19' },
      ],
      'JPY',
      0,
    );
    expect(taxes.map(({ amount }) => amount.toFixed())).toEqual(['-1', '0']);
    expect(memoFigures(all, taxes, 'whole', 'JPY')).toEqual({ kind: 'nothing_left' });
  });

  it('are refused above a total that a refund at another rate has reduced', () => {
    const { all, taxes } = taxed(
      [
        { units: 10_000, rate: '19' },
        { units: -5_000, rate: '7' },
      ],
      'EUR',
      2,
    );
    const all119 = memoFigures(all, taxes, new Map([[1, new Decimal(100)]]), 'EUR');
    expect(all119).toMatchObject({ kind: 'total_above', place: 1 });
    expect('most' in all119 && all119.most.toFixed(2)).toBe('65.50');
    const within = memoFigures(all, taxes, new Map([[1, new Decimal('55.04')]]), 'EUR');
    expect('total' in within && within.total.toFixed(2)).toBe('65.50');
  });

  it('of a negative invoice take back what its balance holds and no more', () => {
    const below = fc.record({
      currency: fc.constantFrom(...CURRENCIES),
      lines: fc.array(fc.record({ units: fc.integer({ min: -9_000, max: 6_000 }), rate: fc.constantFrom(...RATES) }), {
        minLength: 1,
        maxLength: 6,
      }),
      part: fc.integer({ min: 0, max: 1_200 }),
    });
    fc.assert(
      fc.property(below, ({ currency: [currency, decimals], lines, part }) => {
        const { all, taxes } = taxed(lines, currency, decimals);
        const total = sum([...all.map((line) => line.total), ...taxes.map(({ amount }) => amount)]);
        fc.pre(total.lt(0));
        const held = total.neg().times(part).div(1_000).toDecimalPlaces(decimals, Decimal.ROUND_DOWN);
        const memo = memoFigures(all, taxes, 'whole', currency, held);
        if ('kind' in memo) {
          expect(memo.kind).toBe('balance_used');
          return;
        }
        const takes = memo.total.neg();
        expect(takes.gt(0) && takes.lte(held) && takes.lte(total.neg())).toBe(true);
        // rounded tax can leave a few units
        const slack = new Decimal(lines.length + 2).div(10 ** decimals);
        expect(takes.gte(Decimal.min(held, total.neg()).minus(slack))).toBe(true);
        for (const { place, amount } of memo.lines) {
          const line = all[place - 1]?.total ?? ZERO;
          expect(amount.abs().lte(line.abs()) && amount.isNegative() === line.isNegative()).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
