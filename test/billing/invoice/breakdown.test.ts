import { describe, expect, it } from '@jest/globals';
import { addUp, breakdownOf, netOf } from '../../../src/billing/invoice/breakdown.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { cost, credit, invoiceOf, taxed } from '../build.ts';

const said = ({ costs, adjustments, commitments, credits }: ReturnType<typeof breakdownOf>) =>
  [costs, adjustments, commitments, credits].map((amount) => amount.toFixed());
const since = { from: toPeriod('2026-01'), until: null };

const { calculation } = invoiceOf([cost('100'), cost('20', { projectName: 'p2' })], {
  tax: taxed('19'),
  charges: [
    {
      ...since,
      id: 'c',
      description: 'Setup',
      amount: new Decimal(7),
      currency: 'EUR',
      isMonthly: true,
      project: null,
    },
  ],
  discounts: [
    {
      ...{ ...since, id: 'd', description: 'Off', scope: { kind: 'group' } },
      value: { kind: 'percentage', percentage: new Decimal(10) },
    },
  ],
  commitments: [{ ...since, id: 'm', description: 'Plan', amount: new Decimal(150), currency: 'EUR' }],
  credits: [credit('30'), credit('50', { code: 'P', type: 'purchase' })],
});

describe('an invoice’s net', () => {
  it('is broken down into costs before discounts, discounts, charges, the minimum fee and promotional credits', () => {
    // 120 of costs, 12 off, 7 charged: 115, so that 35 are missing to 150
    const breakdown = breakdownOf(calculation.lines);
    expect(said(breakdown)).toEqual(['120', '-5', '35', '-30']);
    expect(netOf(breakdown).equals(calculation.net)).toBe(true);
    expect(netOf(breakdown).toFixed()).toBe('120');
  });

  it('is zero without lines', () => {
    expect(said(breakdownOf([]))).toEqual(['0', '0', '0', '0']);
  });

  it('counts lines of any cost type as costs', () => {
    const { lines } = invoiceOf([
      cost('5', { lineType: 'commitment_fee' }),
      cost('-2', { lineType: 'credit_consumption', projectName: 'p2' }),
    ]).calculation;
    expect(said(breakdownOf(lines))).toEqual(['3', '0', '0', '0']);
  });

  it('equals the sum of its parts', () => {
    const parts = [calculation.lines.slice(0, 1), calculation.lines.slice(1)].map(breakdownOf);
    expect(said(addUp(parts))).toEqual(said(breakdownOf(calculation.lines)));
    expect(said(addUp([]))).toEqual(['0', '0', '0', '0']);
  });
});
