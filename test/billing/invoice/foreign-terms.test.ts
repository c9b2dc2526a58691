import { describe, expect, it } from '@jest/globals';
import type { Commitment } from '../../../src/billing/invoice/commitment.ts';
import type { Discount } from '../../../src/billing/invoice/discount.ts';
import { convertAmount, rateText } from '../../../src/billing/money/conversion.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import type { ConversionRate } from '../../../src/billing/money/rate.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { cost, invoiceOf } from '../build.ts';

const rate = (from: string, value: string): ConversionRate => ({
  ...{ from, to: 'EUR', date: '2026-10-30', source: 'ECB' },
  rate: new Decimal(value),
});
const RATES: Readonly<Record<string, ConversionRate>> = { USD: rate('USD', '0.9'), SEK: rate('SEK', '0.1') };
const rateFor = (from: string, to: string) => (to === 'EUR' ? RATES[from] : undefined);

const from = toPeriod('2026-01');
const minimum = (amount: string, currency: string, over: Partial<Commitment> = {}): Commitment => ({
  ...{ id: 'm', description: 'Plan', amount: new Decimal(amount), currency, from, until: null, ...over },
});
const off = (amount: string, currency: string, over: Partial<Discount> = {}): Discount => ({
  ...{ id: 'd', description: 'Off', scope: { kind: 'group' }, from, until: null },
  value: { kind: 'amount', amount: new Decimal(amount), currency },
  ...over,
});
const percentage: Discount['value'] = { kind: 'percentage', percentage: new Decimal(10) };

describe('a discount in another currency', () => {
  it('is converted at the rate of the invoice, which names the rate', () => {
    const { figures, calculation } = invoiceOf([cost('100')], { discounts: [off('10', 'USD')], rateFor });
    expect(figures[0]).toBe('91.00');
    expect(calculation.conversions).toEqual([RATES.USD]);
    expect(calculation.missing).toEqual([]);
  });

  it('without a rate is reported as missing, so that the invoice can’t be issued', () => {
    const { figures, calculation } = invoiceOf([cost('100')], { discounts: [off('10', 'INR')], rateFor });
    expect(calculation.missing).toEqual(['INR']);
    expect(calculation.conversions).toEqual([]);
    expect(figures[0]).toBe('100.00');
  });

  it('in the invoice’s own currency, or as a percentage, needs no rate', () => {
    const { figures, calculation } = invoiceOf([cost('100')], {
      discounts: [off('10', 'EUR'), off('0', 'INR', { id: 'p', value: percentage })],
      rateFor,
    });
    expect(figures[0]).toBe('80.00');
    expect([calculation.missing, calculation.conversions]).toEqual([[], []]);
  });

  it('isn’t reported as missing before or after its term', () => {
    const past = off('10', 'INR', { until: toPeriod('2026-09') });
    const future = off('10', 'INR', { id: 'f', from: toPeriod('2026-11') });
    const { calculation } = invoiceOf([cost('100')], { discounts: [past, future], rateFor });
    expect(calculation.missing).toEqual([]);
  });
});

describe('a minimum in another currency', () => {
  it('is converted at the rate of the invoice, which names the rate', () => {
    const { lines, calculation } = invoiceOf([cost('100')], { commitments: [minimum('200', 'USD')], rateFor });
    expect(lines.at(-1)).toEqual(['commitment_fee', 'Plan: up to the minimum of EUR 180.00', '80.00']);
    expect(calculation.conversions).toEqual([RATES.USD]);
  });

  it('without a rate is reported as missing, so that the invoice can’t be issued', () => {
    const { lines, calculation } = invoiceOf([cost('100')], { commitments: [minimum('200', 'INR')], rateFor });
    expect(calculation.missing).toEqual(['INR']);
    expect(lines).toHaveLength(1);
  });

  it('isn’t reported as missing before or after its term', () => {
    const past = minimum('200', 'INR', { until: toPeriod('2026-09') });
    const future = minimum('200', 'INR', { id: 'f', from: toPeriod('2026-11') });
    const { calculation } = invoiceOf([cost('100')], { commitments: [past, future], rateFor });
    expect(calculation.missing).toEqual([]);
  });
});

describe('costs and terms in other currencies', () => {
  it('name each currency without a rate once, in order, wherever it is missing', () => {
    const { calculation } = invoiceOf([cost('1', { currency: 'PLN' }), cost('1', { currency: 'INR' })], {
      discounts: [off('10', 'INR'), off('10', 'CZK', { id: 'e' })],
      commitments: [minimum('200', 'PLN'), minimum('200', 'BRL', { id: 'n' })],
      rateFor,
    });
    expect(calculation.missing).toEqual(['BRL', 'CZK', 'INR', 'PLN']);
  });

  it('name each rate once, even if costs, discounts and minimums use it', () => {
    const { calculation } = invoiceOf([cost('100', { currency: 'USD' })], {
      discounts: [off('10', 'USD'), off('10', 'SEK', { id: 'e' })],
      commitments: [minimum('200', 'USD'), minimum('10', 'SEK', { id: 'n' })],
      rateFor,
    });
    expect(calculation.conversions).toEqual([RATES.USD, RATES.SEK]);
  });

  it('keep each line’s original amount and how it was converted', () => {
    const { calculation } = invoiceOf([cost('100', { currency: 'USD' }), cost('5')], { rateFor });
    const [own, converted] = calculation.lines;
    expect(own).toMatchObject({ original: null, currency: 'EUR', trail: [] });
    expect(converted?.original).toEqual({ currency: 'USD', amount: new Decimal(100) });
    expect(converted?.preDiscount.toFixed(2)).toBe('90.00');
    expect(converted?.trail).toEqual([
      {
        ...{ step: 'conversion', what: 'USD 100.00', before: null, after: '90', currency: 'EUR' },
        why: '1 USD = 0.9 EUR (ECB, 2026-10-30).',
      },
    ]);
    const [, , step] = calculation.trail;
    expect(step).toEqual({
      ...{ step: 'conversion', what: 'All amounts in USD: USD 100.00', before: null, after: '90', currency: 'EUR' },
      why: '1 USD = 0.9 EUR (ECB, 2026-10-30).',
    });
  });

  it('are converted exactly, one amount at a time', () => {
    const amount = new Decimal('10.005');
    expect(convertAmount({ amount, currency: 'EUR' }, 'EUR', rateFor)).toBe(amount);
    expect(convertAmount({ amount, currency: 'USD' }, 'EUR', rateFor)?.toFixed()).toBe('9.0045');
    expect(convertAmount({ amount, currency: 'INR' }, 'EUR', rateFor)).toBeUndefined();
    expect(rateText(rate('SEK', '0.1'))).toBe('1 SEK = 0.1 EUR (ECB, 2026-10-30).');
  });
});

describe('an amount that can’t be converted', () => {
  const said = (over: Parameters<typeof invoiceOf>[1], costs: readonly ReturnType<typeof cost>[] = []) =>
    invoiceOf(costs, { rateFor, ...over }).calculation.leftOut.map(
      ({ kind, currency, amount }) => `${kind} ${currency} ${amount.toFixed()}`,
    );
  const charge = (id: string, amount: string, currency: string) => ({
    ...{ id, description: 'Setup', amount: new Decimal(amount), currency, isMonthly: true, project: null },
    ...{ from, until: null },
  });

  it('is reported with its kind and currency', () => {
    const costs = [
      ...[cost('1', { currency: 'PLN' }), cost('2.5', { currency: 'PLN', projectName: 'p2' })],
      ...[cost('7', { currency: 'INR' }), cost('100'), cost('100', { currency: 'USD' })],
    ];
    const charges = [charge('c1', '3', 'PLN'), charge('c2', '4', 'PLN'), charge('c3', '5', 'USD')];
    expect(said({ charges }, costs)).toEqual(['costs INR 7', 'costs PLN 3.5', 'extra charges PLN 7']);
    expect(said({ charges: [charge('c1', '3', 'BRL')] })).toEqual(['extra charges BRL 3']);
  });

  it('is reported for each discount and each minimum', () => {
    const over = {
      discounts: [off('10', 'INR'), off('20', 'INR', { id: 'e' }), off('30', 'USD', { id: 'f' })],
      commitments: [minimum('200', 'PLN'), minimum('100', 'USD', { id: 'n' })],
    };
    expect(said(over)).toEqual(['discount INR 10', 'discount INR 20', 'commitment PLN 200']);
  });

  it('isn’t reported when everything has a rate', () => {
    expect(said({}, [cost('1'), cost('1', { currency: 'USD' })])).toEqual([]);
  });
});
