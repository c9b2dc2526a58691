import { describe, expect, it } from '@jest/globals';
import { calculate } from '../../../src/billing/invoice/calculate.ts';
import { Decimal, formatMoney } from '../../../src/billing/money/money.ts';
import { cost, terms } from '../build.ts';

/** Listed by ISO 4217 without a minor unit, not listed at all, and not written as ISO 4217 writes it. */
const CODES = ['XAU', 'XAG', 'XDR', 'XTS', 'XXX', 'XSU', 'XUA', 'BTC', 'USDT', 'usd', '', 'constructor', '__proto__'];
const rateFor = (from: string, to: string) => ({
  ...{ from, to, rate: new Decimal('1900.5'), date: '2026-10-30', source: 'manual' },
});

describe('a cost in what is no currency of an invoice', () => {
  it.each(CODES)('is converted like any other where there is a rate: %p', (currency) => {
    const made = calculate([cost('0.0125', { currency }), cost('1')], 'EUR', terms({ rateFor }));
    expect(made.total.toFixed(2)).toBe('24.76');
    const foreign = made.lines.find(({ original }) => original !== null);
    expect(foreign?.trail.map(({ what }) => what)).toEqual([`0.0125 ${currency} (${currency} 0.0125)`]);
  });

  it.each(CODES)('is left out and named where there is none: %p', (currency) => {
    const made = calculate([cost('0.0125', { currency }), cost('1')], 'EUR', terms());
    expect([made.total.toFixed(2), made.missing]).toEqual(['1.00', [currency]]);
  });
});

describe('an amount of what has no minor unit', () => {
  it('is written with all its digits, grouped', () => {
    expect(formatMoney(new Decimal('12345.678901'), 'XAU')).toBe('XAU 12,345.678901');
    expect(formatMoney(new Decimal('-0'), 'BTC')).toBe('BTC 0');
  });
});
