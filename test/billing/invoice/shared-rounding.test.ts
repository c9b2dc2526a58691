import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { impossibility } from '../../../src/billing/invoice/invoice.ts';
import { Decimal, roundByOwner, roundToMinor, sum } from '../../../src/billing/money/money.ts';
import { runs } from '../../support/runs.ts';
import { cost, credit, invoiceOf, taxed } from '../build.ts';

/** The total of each project's lines on the invoice. */
function byProject(lines: readonly { projectName: string; total: Decimal }[]): Record<string, string> {
  const totals: Record<string, Decimal> = {};
  for (const { projectName, total } of lines) totals[projectName] = total.plus(totals[projectName] ?? 0);
  return Object.fromEntries(Object.entries(totals).map(([name, total]) => [name, total.toFixed(2)]));
}

describe('rounding between projects', () => {
  it('never makes a project pay a cent for another', () => {
    const services = ['s1', 's2', 's3'];
    const costs = [
      ...services.map((serviceName) => cost('0.005', { projectName: 'a', serviceName })),
      ...services.map((serviceName) => cost('0.005', { projectName: 'b', serviceName })),
      ...services.map((serviceName) => cost('0.01', { projectName: 'c', serviceName })),
    ];
    const { calculation } = invoiceOf(costs);
    expect(calculation.net.toFixed(2)).toBe('0.06');
    expect(byProject(calculation.lines)).toEqual({ a: '0.02', b: '0.01', c: '0.03' });
  });

  it('keeps each project within one unit of its exact sum, and the total at the rounded sum', () => {
    const share = fc.record({
      owner: fc.constantFrom('a', 'b', 'c', ''),
      exact: fc.integer({ min: -99_999, max: 99_999 }).map((units) => new Decimal(units).div(10_000)),
    });
    fc.assert(
      fc.property(fc.array(share, { maxLength: 20 }), fc.constantFrom('JPY', 'EUR', 'KWD'), (shares, currency) => {
        const rounded = roundByOwner(shares, currency);
        expect(sum(rounded).equals(roundToMinor(sum(shares.map(({ exact }) => exact)), currency))).toBe(true);
        const unit = { JPY: 1, EUR: 0.01, KWD: 0.001 }[currency] ?? 0;
        for (const owner of ['a', 'b', 'c', '']) {
          const own = (amounts: readonly Decimal[]) => sum(amounts.filter((_, at) => shares[at]?.owner === owner));
          const off = own(rounded).minus(own(shares.map(({ exact }) => exact)));
          expect(off.abs().lt(unit)).toBe(true);
        }
        for (const [at, { exact }] of shares.entries()) {
          expect(rounded[at]?.minus(exact).abs().lt(unit)).toBe(true);
        }
      }),
      { numRuns: runs(5_000) },
    );
  });

  it('splits the tax that a purchased credit pays by project, not by line', () => {
    const lines = ['s1', 's2', 's3'].map((serviceName) => cost('0.02', { projectName: 'a', serviceName }));
    const { uses } = invoiceOf([...lines, cost('10', { projectName: 'b' })], {
      tax: taxed('19'),
      credits: [credit('5', { code: 'A', type: 'purchase', projectId: 'prj_a' })],
    });
    expect(uses).toEqual(['A 0.07']);
  });

  it('limits several purchased credits of a project to its gross share', () => {
    const own = { type: 'purchase', projectId: 'prj_a' } as const;
    const { uses, figures } = invoiceOf([cost('10', { projectName: 'a' }), cost('90', { projectName: 'b' })], {
      tax: taxed('19'),
      credits: [
        credit('8', { code: 'A', ...own }),
        credit('8', { code: 'B', ...own }),
        credit('8', { code: 'C', ...own }),
      ],
    });
    expect(uses).toEqual(['A 8.00', 'B 3.90']);
    expect(figures).toEqual(['100.00', '19.00', '119.00', '11.90', '107.10']);
  });
});

describe('amounts with more digits than the database holds', () => {
  const long = '123456789012345.123456789012345678';
  const rate = { from: 'USD', to: 'EUR', rate: new Decimal(`1.${'3'.repeat(33)}`), date: '2026-10-30', source: 'ECB' };

  it('add up exactly', () => {
    const digits = sum([new Decimal('1e60'), new Decimal('1e-30'), new Decimal('-1e60')]);
    expect(digits.toFixed()).toBe(`0.${'0'.repeat(29)}1`);
  });

  it('are converted, discounted and compared with the plain sum without losing a digit', () => {
    const costs = Array.from({ length: 9 }, (_, at) => cost(long, { currency: 'USD', serviceName: `s${at}` }));
    const value = { kind: 'amount', amount: new Decimal('1000000000.01'), currency: 'EUR' } as const;
    const one = { description: 'Partner', scope: { kind: 'group' }, from: '2026-01', until: null } as const;
    const { calculation } = invoiceOf(costs, {
      tax: taxed('19'),
      rateFor: () => rate,
      discounts: [{ id: 'd', ...one, from: '2026-01' as never, value }],
    });
    const plain = new Decimal(sum(costs.map(({ amount }) => amount))).times(1);
    const exact = sum(costs.map(({ amount }) => sum([amount, times(amount, rate.rate.minus(1))])));
    expect(plain.toFixed()).toBe('1111111101111106.111111101111111102');
    expect(calculation.exact.equals(exact)).toBe(true);
    expect(impossibility(calculation, exact, 'EUR')).toBeUndefined();
  });
});

/** A product by repeated addition, independent of the code under test. */
function times(amount: Decimal, by: Decimal): Decimal {
  const parts = [...by.toFixed().replace('.', '')].map((digit, at) =>
    sum(Array.from({ length: Number(digit) }, () => new Decimal(amount).times(new Decimal(10).pow(-at)))),
  );
  return sum(parts);
}
