import { describe, expect, it } from '@jest/globals';
import type { Discount } from '../../../src/billing/invoice/discount.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import type { TaxTerms } from '../../../src/billing/tax/tax.ts';
import { cost, invoiceOf, rule, taxed } from '../build.ts';

function off(percentage: string, over: Partial<Discount> = {}): Discount {
  const value = { kind: 'percentage', percentage: new Decimal(percentage) } as const;
  const scope = { kind: 'group' } as const;
  return { id: 'd', description: 'Partner', scope, value, from: toPeriod('2026-01'), until: null, ...over };
}

function categoriesOf(invoice: ReturnType<typeof invoiceOf>): string[] {
  return invoice.calculation.taxes.map(
    ({ category, rate, base }) => `${category} ${rate.toFixed()} ${base.toFixed(2)}`,
  );
}

describe('the tax categories of a discounted invoice', () => {
  it('are those of its costs alone, even if no cost has the invoice’s own rate', () => {
    const tax = taxed('19', { Books: '7' });
    const invoice = invoiceOf([cost('100', { serviceName: 'Books' })], { tax, discounts: [off('10')] });
    expect(categoriesOf(invoice)).toEqual(['S 7 90.00']);
    const note = invoice.calculation.lines.find(({ lineType }) => lineType === 'multiplier');
    expect(note?.taxRate.toFixed()).toBe('7');
  });

  it('include no category O beside S for a discount note', () => {
    const tax: TaxTerms = { rule: rule('0', 'O'), services: new Map([['Compute', rule('19')]]) };
    const invoice = invoiceOf([cost('100', { serviceName: 'Compute' })], { tax, discounts: [off('10')] });
    expect(categoriesOf(invoice)).toEqual(['S 19 90.00']);
  });
});

describe('a discount', () => {
  it('is given even when its shares add up to zero', () => {
    const tax = taxed('19', { Books: '7' });
    const costs = [cost('50', { serviceName: 'Compute' }), cost('-50', { serviceName: 'Books' })];
    const { lines, calculation } = invoiceOf(costs, { tax, discounts: [off('10')] });
    expect(lines).toEqual([
      ['service_charge', 'Books', '-45.00'],
      ['service_charge', 'Compute', '45.00'],
      ['multiplier', 'Partner (10 %), on all costs: EUR 0.00', '0.00'],
    ]);
    expect(calculation.tax.toFixed(2)).toBe('5.40');
  });

  it('in a currency without a rate is reported, and so is a minimum', () => {
    const amount = { amount: new Decimal(5), currency: 'USD' } as const;
    const discounts = [off('0', { value: { kind: 'amount', ...amount } })];
    expect(invoiceOf([cost('100')], { discounts }).calculation.missing).toEqual(['USD']);
    const minimum = {
      id: 'm',
      description: 'Plan',
      from: toPeriod('2026-01'),
      until: null,
      ...amount,
      currency: 'SEK',
    };
    const both = invoiceOf([cost('100')], { discounts, commitments: [minimum] });
    expect(both.calculation.missing).toEqual(['SEK', 'USD']);
    expect(both.figures[0]).toBe('100.00');
  });
});
