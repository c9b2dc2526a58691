import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CostSum, calculate, impossibility, issuedState } from '../../../src/billing/invoice/invoice.ts';
import { minorUnits } from '../../../src/billing/money/currency.ts';
import {
  Decimal,
  exactMoney,
  formatMoney,
  roundTogether,
  roundToMinor,
  sum,
  toFixedMinor,
} from '../../../src/billing/money/money.ts';
import { runs } from '../../support/runs.ts';

const currency = fc.constantFrom('JPY', 'EUR', 'KWD', 'CLF');
const amount = fc
  .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.integer({ min: 0, max: 18 }))
  .map(([digits, scale]) => new Decimal(digits.toString()).div(new Decimal(10).pow(scale)));
const amounts = fc.array(amount, { maxLength: 30 });

const CARD = {
  kind: 'credit_card',
  brand: 'Visa',
  last4: '4242',
  expMonth: 12,
  expYear: 2029,
  name: '',
  countryCode: '',
} as const;

describe('rounding', () => {
  it('is half away from zero, to the currency’s minor unit', () => {
    expect(roundToMinor(new Decimal('0.5'), 'JPY').toString()).toBe('1');
    expect(roundToMinor(new Decimal('-0.5'), 'JPY').toString()).toBe('-1');
    expect(roundToMinor(new Decimal('1.005'), 'EUR').toString()).toBe('1.01');
    expect(roundToMinor(new Decimal('1.0005'), 'KWD').toString()).toBe('1.001');
  });

  it('keeps the sum of shares, and moves none by a whole unit', () => {
    fc.assert(
      fc.property(amounts, currency, (shares, code) => {
        const rounded = roundTogether(shares, code);
        const unit = new Decimal(10).pow(-minorUnits(code));
        expect(sum(rounded).equals(roundToMinor(sum(shares), code))).toBe(true);
        for (const [at, share] of shares.entries()) {
          expect(
            share
              .minus(rounded[at] ?? 0)
              .abs()
              .lt(unit),
          ).toBe(true);
          expect((rounded[at] ?? new Decimal(0)).decimalPlaces()).toBeLessThanOrEqual(minorUnits(code));
        }
      }),
      { numRuns: runs(10_000) },
    );
  });

  it('gives missing units to the largest remainders, in order for ties', () => {
    const rounded = roundTogether(
      ['0.014', '0.016', '0.014', '0.016'].map((one) => new Decimal(one)),
      'EUR',
    );
    expect(rounded.map(String)).toEqual(['0.01', '0.02', '0.01', '0.02']);
    const ties = roundTogether(
      ['0.005', '0.005', '0.005'].map((one) => new Decimal(one)),
      'EUR',
    );
    expect(ties.map(String)).toEqual(['0.01', '0.01', '0']);
  });
});

describe('an invoice', () => {
  const cost = (value: Decimal, at: number, code = 'EUR'): CostSum => ({
    projectId: `prj_${at % 3}`,
    projectName: `p${at % 3}`,
    serviceName: `s${at}`,
    serviceType: null,
    servicePlan: null,
    cloudName: null,
    lineType: 'service_charge',
    currency: code,
    lateFrom: null,
    begin: new Date(0),
    end: new Date(1),
    amount: value,
    records: 1,
  });

  it('has lines that add up to its net, the exact sum rounded once, in any order of costs', () => {
    fc.assert(
      fc.property(amounts, currency, (values, code) => {
        const costs = values.map((value, at) => cost(value, at, code));
        const invoice = calculate(costs, code);
        expect(impossibility(invoice, sum(values), code)).toBeUndefined();
        expect(invoice.net.equals(roundToMinor(sum(values), code))).toBe(true);
        expect(invoice.amountDue.isNegative() && !invoice.amountDue.isZero()).toBe(false);
        const again = calculate([...costs].reverse(), code);
        expect(JSON.stringify(again)).toBe(JSON.stringify(invoice));
      }),
      { numRuns: runs(2_000) },
    );
  });

  it('that is impossible is detected', () => {
    const invoice = calculate([cost(new Decimal('1.10'), 1)], 'EUR');
    expect(impossibility(invoice, new Decimal('1.11'), 'EUR')).toContain('1.11');
    expect(impossibility({ ...invoice, net: new Decimal(2) }, invoice.exact, 'EUR')).toContain('add up');
  });

  it('is issued in the state that matches its amount and payment method', () => {
    const transfer = { kind: 'bank_transfer', termsDays: 14, currency: 'EUR' } as const;
    expect(issuedState(new Decimal('0'), transfer)).toBe('no_payment_expected');
    expect(issuedState(new Decimal('0.01'), transfer)).toBe('mailed');
    expect(issuedState(new Decimal('0.01'), CARD)).toBe('due');
    expect(issuedState(new Decimal('5'), { kind: 'no_payment_expected' })).toBe('no_payment_expected');
  });
});

describe('a formatted amount', () => {
  it('is followed by all its digits in an explanation, if it isn’t rounded yet', () => {
    expect(exactMoney(new Decimal('171.274169115225'), 'USD')).toBe('USD 171.27 (exactly 171.274169115225)');
    expect(exactMoney(new Decimal('62.5'), 'USD')).toBe('USD 62.50');
    expect(exactMoney(new Decimal('1.5'), 'XAU')).toBe('XAU 1.5');
  });

  it('has grouped thousands, the currency’s decimals, and no negative zero', () => {
    expect(formatMoney(new Decimal('1234567.5'), 'EUR')).toBe('EUR 1,234,567.50');
    expect(formatMoney(new Decimal('-1234'), 'JPY')).toBe('JPY -1,234');
    expect(formatMoney(new Decimal('-0'), 'EUR')).toBe('EUR 0.00');
    expect(formatMoney(new Decimal('-0.001'), 'EUR')).toBe('EUR 0.00');
    expect(formatMoney(new Decimal('-0.4'), 'JPY')).toBe('JPY 0');
    expect(formatMoney(new Decimal('-0.005'), 'EUR')).toBe('EUR -0.01');
    expect(toFixedMinor(new Decimal('-0.001'), 'EUR')).toBe('0.00');
    expect(toFixedMinor(new Decimal('-0.4'), 'JPY')).toBe('0');
  });
});

describe('an amount that rounds to nothing', () => {
  it.each([
    ['-0.001', 'EUR', 'EUR 0.00', '0.00'],
    ['-0.4', 'JPY', 'JPY 0', '0'],
    ['-0', 'EUR', 'EUR 0.00', '0.00'],
    ['-0.0004', 'KWD', 'KWD 0.000', '0.000'],
    ['-0.005', 'EUR', 'EUR -0.01', '-0.01'],
    ['-0.5', 'JPY', 'JPY -1', '-1'],
  ])('%s %s has no minus sign', (amount, code, forPeople, forMachines) => {
    expect(formatMoney(new Decimal(amount), code)).toBe(forPeople);
    expect(toFixedMinor(new Decimal(amount), code)).toBe(forMachines);
  });
});
