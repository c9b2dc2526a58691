import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Discount } from '../../../src/billing/invoice/discount.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { type TaxTerms, taxBlockers } from '../../../src/billing/tax/tax.ts';
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
      ['multiplier', 'Partner (10%), on all costs: EUR 0.00', '0.00'],
    ]);
    expect(calculation.tax.toFixed(2)).toBe('5.40');
  });

  it('of an amount stops where the costs with their tax would be below zero once they are rounded', () => {
    const tax = taxed('10', { Books: '25.5' });
    const value = { kind: 'amount', amount: new Decimal(60), currency: 'EUR' } as const;
    // 3.4227 are left at 10 %: 3.42 + 0.34 - 3.00 - 0.77 = -0.01
    const costs = [cost('50', { serviceName: 'Compute' }), cost('-3', { serviceName: 'Books' })];
    const { lines, calculation } = invoiceOf(costs, { tax, discounts: [off('0', { value })] });
    expect(lines.map(([, , total]) => total)).toEqual(['-3.00', '3.43', '0.00']);
    expect(calculation.total.toFixed(2)).toBe('0.00');
  });

  it('of an amount never makes a total below zero', () => {
    const cents = fc.integer({ min: 1, max: 20_000 });
    const rate = fc.constantFrom('0', '5.5', '7', '10', '19', '25.5');
    fc.assert(
      fc.property(cents, cents, cents, rate, rate, (charged, back, more, own, other) => {
        const tax = taxed(own, { Books: other });
        const costs = [
          ...[cost(`${charged / 100}`, { serviceName: 'Compute' }), cost(`-${back / 1000}`, { serviceName: 'Books' })],
          cost(`${more / 1000}`, { serviceName: 'Compute', projectName: 'p2' }),
        ];
        if (invoiceOf(costs, { tax }).calculation.total.isNegative()) return;
        const value = { kind: 'amount', amount: new Decimal(1_000), currency: 'EUR' } as const;
        const { calculation } = invoiceOf(costs, { tax, discounts: [off('0', { value })] });
        expect(calculation.total.isNegative()).toBe(false);
      }),
    );
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

it('a free service outside the scope of VAT adds no category O to an invoice with tax, and holds nothing back', () => {
  const tax = { rule: rule('19'), services: new Map([['Free', rule('0', 'O')]]) };
  const free = invoiceOf([cost('0', { serviceName: 'Free' }), cost('10')], { tax });
  expect(categoriesOf(free)).toEqual(['S 19 10.00']);
  expect(free.calculation.lines.map(({ taxCategory }) => taxCategory)).toEqual(['S', 'S']);
  expect(taxBlockers(free.calculation.taxes)).toEqual([]);

  const cancelled = invoiceOf(
    [cost('5', { serviceName: 'Free' }), cost('-5', { serviceName: 'Free', projectName: 'p2' }), cost('10')],
    { tax },
  );
  expect(categoriesOf(cancelled)).toEqual(['S 19 10.00', 'O 0 0.00']);
  expect(taxBlockers(cancelled.calculation.taxes)).toHaveLength(1);
});

it('a fixed discount stops where the costs with their tax would fall below zero, which would pay it out', () => {
  const fixed = (amount: string) =>
    off('0', { value: { kind: 'amount', amount: new Decimal(amount), currency: 'EUR' } });
  const mixed = [cost('100'), cost('-60', { serviceName: 'Refund' })];
  const tax = taxed('7', { Refund: '19' });
  expect(invoiceOf(mixed, { tax, discounts: [fixed('40')] }).figures.slice(0, 3)).toEqual(['6.73', '-6.73', '0.00']);
  expect(invoiceOf(mixed, { tax, discounts: [fixed('33')] }).figures.slice(0, 3)).toEqual(['7.00', '-6.71', '0.29']);
  const refund = [cost('80'), cost('-75', { serviceName: 'Refund' })];
  expect(invoiceOf(refund, { tax, discounts: [fixed('5')] }).figures).toEqual(invoiceOf(refund, { tax }).figures);
  // at one rate, or without refunds, the net is the limit
  expect(invoiceOf(mixed, { tax: taxed('19'), discounts: [fixed('50')] }).figures[2]).toBe('0.00');
  expect(invoiceOf([cost('100'), cost('60')], { tax, discounts: [fixed('500')] }).figures[2]).toBe('0.00');
});
