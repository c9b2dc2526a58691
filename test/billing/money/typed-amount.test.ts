import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readBudgetWords } from '../../../src/billing/group/typed-budget.ts';
import { CURRENCIES, minorUnits } from '../../../src/billing/money/currency.ts';
import { Decimal, formatMoney, toFixedMinor } from '../../../src/billing/money/money.ts';
import { amountToType, readAmount } from '../../../src/billing/money/typed-amount.ts';
import { readPercentage, readRate } from '../../../src/billing/money/typed-number.ts';
import { runs } from '../../support/runs.ts';

const [NBSP, NARROW, THIN] = ['\u00a0', '\u202f', '\u2009'];
const said = (read: ReturnType<typeof readAmount>) => ('value' in read ? read.value.toFixed() : read.fault);
const amount = (typed: string, currency = 'EUR') => said(readAmount(typed, currency));

describe('a typed amount', () => {
  it.each([
    ['1000', 'EUR', '1000'],
    ['1000.5', 'EUR', '1000.5'],
    ['100,00', 'EUR', '100'],
    ['1,000.50', 'EUR', '1000.5'],
    ['1.000,50', 'EUR', '1000.5'],
    ['1,000,000', 'EUR', '1000000'],
    ['1.000.000,00', 'EUR', '1000000'],
    ['1 000,50', 'EUR', '1000.5'],
    [`1${NBSP}000`, 'EUR', '1000'],
    [`1${NARROW}234${NARROW}567,89`, 'EUR', '1234567.89'],
    [`1${THIN}000.00`, 'EUR', '1000'],
    ["1'000.50", 'CHF', '1000.5'],
    ['1’000’000', 'CHF', '1000000'],
    ['1,000', 'JPY', '1000'],
    ['1.000', 'JPY', '1000'],
    ['0,500', 'KWD', '0.5'],
    ['1,000.500', 'KWD', '1000.5'],
    ['012.345', 'KWD', '12.345'],
    ['014.993', 'BHD', '14.993'],
    ['BHD 14.993', 'BHD', '14.993'],
    ['0.500', 'KWD', '0.5'],
    ['14.99', 'KWD', '14.99'],
    ['1234.567', 'KWD', '1234.567'],
    ['OMR 1.000', 'OMR', '1'],
    ['TND 250.000', 'TND', '250'],
    ['1,000.000', 'JOD', '1000'],
    ['EUR 12.34', 'EUR', '12.34'],
    ['12,34 eur', 'EUR', '12.34'],
    ['€12.34', 'EUR', '12.34'],
    [`12,34${NBSP}€`, 'EUR', '12.34'],
    ['$1,000.00', 'USD', '1000'],
    ['CA$ 5', 'CAD', '5'],
    ['¥1,000', 'JPY', '1000'],
    ['£5', 'GBP', '5'],
    ['5 zł', 'PLN', '5'],
    ['\u200b5.00\u200e', 'EUR', '5'],
  ])('%j in %s is %s', (typed, currency, expected) => {
    expect(amount(typed, currency)).toBe(expected);
  });

  it.each([
    ['1,000', 'EUR', 'Do you mean 1000.00 or 1.00?'],
    ['1.000', 'EUR', 'Do you mean 1000.00 or 1.00?'],
    ['EUR 12.340', 'EUR', 'Do you mean 12340.00 or 12.34?'],
    ['12,345', 'EUR', 'Do you mean 12345.00 or 12.345? EUR has at most 2 decimals.'],
    ['1.000', 'KWD', 'Do you mean 1000.000 or 1.000? Type 1000.000, or KWD 1.000 for the smaller amount.'],
    ['1,000', 'KWD', 'Do you mean 1000.000 or 1.000? Type 1000.000, or KWD 1.000 for the smaller amount.'],
    ['KWD 1,000', 'KWD', 'Do you mean 1000.000 or 1.000? Type 1000.000, or KWD 1.000 for the smaller amount.'],
    ['1.000 KWD', 'KWD', 'Do you mean 1000.000 or 1.000? Type 1000.000, or KWD 1.000 for the smaller amount.'],
    ['1.234', 'KWD', 'Do you mean 1234.000 or 1.234? Type 1234.000, or KWD 1.234 for the smaller amount.'],
    ['1,234', 'KWD', 'Do you mean 1234.000 or 1.234? Type 1234.000, or KWD 1.234 for the smaller amount.'],
    ['1.234 KWD', 'KWD', 'Do you mean 1234.000 or 1.234? Type 1234.000, or KWD 1.234 for the smaller amount.'],
    ['kwd 1.234', 'KWD', 'Do you mean 1234.000 or 1.234? Type 1234.000, or KWD 1.234 for the smaller amount.'],
    ['14.993', 'BHD', 'Do you mean 14993.000 or 14.993? Type 14993.000, or BHD 14.993 for the smaller amount.'],
    ['14,993', 'BHD', 'Do you mean 14993.000 or 14.993? Type 14993.000, or BHD 14.993 for the smaller amount.'],
    ['EUR 1.000', 'EUR', 'Do you mean 1000.00 or 1.00?'],
  ])('%j in %s is rejected with both readings', (typed, currency, fault) => {
    expect(amount(typed, currency)).toBe(fault);
  });

  it.each([
    ['', 'EUR', 'Enter an amount above 0, with at most 2 decimals.'],
    ['0.00', 'EUR', 'Enter an amount above 0, with at most 2 decimals.'],
    ['1.2345', 'EUR', 'Enter an amount above 0, with at most 2 decimals.'],
    ['0,500', 'EUR', 'Enter an amount above 0, with at most 2 decimals.'],
    ['1.5', 'JPY', 'Enter an amount above 0, without decimals.'],
    ['.50', 'EUR', 'Enter an amount above 0, with at most 2 decimals.'],
    ['1,00,000', 'EUR', 'groups of three'],
    ['12,34.5', 'EUR', 'groups of three'],
    ['1.000,000.50', 'EUR', 'groups of three'],
    ["1'000 000", 'EUR', 'groups of three'],
    ['1000 000', 'EUR', 'groups of three'],
    ['0,500', 'JPY', 'Enter an amount above 0, without decimals.'],
    ['-5', 'EUR', 'without a sign'],
    ['€−5', 'EUR', 'without a sign'],
    ['(5.00)', 'EUR', 'without a sign'],
    ['+5', 'EUR', 'without a sign'],
    ['1e3', 'EUR', 'exponent'],
    ['１００', 'EUR', 'Use the digits 0 to 9.'],
    ['١٠٠', 'EUR', 'Use the digits 0 to 9.'],
    ['5½', 'EUR', 'Use the digits 0 to 9.'],
    ['10 %', 'EUR', 'not a percentage'],
    ['USD 5', 'EUR', 'Enter the amount in EUR, not in USD.'],
    ['$5', 'CAD', '“$” isn’t the expected currency. Enter the amount alone, or with CAD.'],
    ['EUR 5 EUR', 'EUR', 'isn’t the expected currency'],
    ['0x10', 'EUR', 'Enter an amount above 0'],
    ['5 and 6', 'EUR', 'Enter an amount above 0'],
    ['1234567890123456', 'EUR', 'too large'],
  ])('%j in %s is rejected: %s', (typed, currency, fault) => {
    expect(amount(typed, currency)).toContain(fault);
  });

  it('can be 0 where zero is allowed', () => {
    expect(said(readAmount('0', 'EUR', { canBeZero: true }))).toBe('0');
    expect(said(readAmount('-1', 'EUR', { canBeZero: true }))).toBe('Enter an amount without a sign.');
  });

  const anAmount = fc
    .tuple(fc.constantFrom(...CURRENCIES), fc.bigInt({ min: 1n, max: 10n ** 15n - 1n }))
    .map(([currency, units]) => {
      const value = new Decimal(units.toString()).div(new Decimal(10).pow(minorUnits(currency)));
      return { currency, value };
    });

  it('is read as meant in every format, or rejected with both readings if a format is ambiguous', () => {
    const formats = fc.constantFrom(
      [',', '.'],
      ['.', ','],
      [' ', ','],
      [NBSP, '.'],
      [NARROW, ','],
      ["'", '.'],
      ['’', ','],
      ['', '.'],
      ['', ','],
    );
    const units = fc.constantFrom('none', 'before', 'after');
    fc.assert(
      fc.property(anAmount, formats, units, ({ currency, value }, [group = '', decimal = '.'], unit) => {
        const [whole = '', fraction] = value.toFixed(minorUnits(currency)).split('.');
        const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, group);
        const number = fraction === undefined ? grouped : `${grouped}${decimal}${fraction}`;
        const typed = unit === 'before' ? `${currency} ${number}` : unit === 'after' ? `${number} ${currency}` : number;
        const read = readAmount(typed, currency);
        if ('value' in read) expect(read.value.toFixed()).toBe(value.toFixed());
        else {
          expect(read.fault).toContain('Do you mean ');
          expect(read.fault).toContain(value.toFixed(minorUnits(currency)));
        }
      }),
      { numRuns: runs(500) },
    );
  });

  it('is never accepted silently when another reading has the currency’s decimals', () => {
    const separators = fc.constantFrom('', '.', ',', ' ', "'");
    const parts = fc.array(fc.tuple(separators, fc.stringMatching(/^\d{1,4}$/)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom('EUR', 'KWD', 'CLF'), parts, (currency, all) => {
        const typed = all.map(([separator, digits], at) => (at === 0 ? digits : `${separator}${digits}`)).join('');
        const read = readAmount(typed, currency, { canBeZero: true });
        const separatorsIn = typed.replace(/\d/g, '');
        const isTwofold = /^[1-9]\d{0,2}[.,]\d{3}$/.test(typed);
        if (isTwofold) expect(read).not.toHaveProperty('value');
        if (!('value' in read)) return;
        // a value that was read has the typed digits, and one decimal separator after all others
        const digits = typed.replace(/\D/g, '').replace(/^0+(?=\d)/, '');
        const last = separatorsIn.at(-1);
        const isDecimal =
          (last === '.' || last === ',') && separatorsIn.split(last).length === 2 && !read.value.equals(digits);
        const decimals = isDecimal ? typed.length - typed.lastIndexOf(last) - 1 : 0;
        expect(read.value.times(new Decimal(10).pow(decimals)).toFixed()).toBe(new Decimal(digits).toFixed());
      }),
      { numRuns: runs(500) },
    );
  });

  it('that a form suggests, or that is displayed, is read back as the same amount', () => {
    fc.assert(
      fc.property(anAmount, ({ currency, value }) => {
        expect(said(readAmount(amountToType(value, currency), currency))).toBe(value.toFixed());
        expect(said(readAmount(formatMoney(value, currency), currency))).toBe(value.toFixed());
      }),
    );
  });

  it.each(CURRENCIES)('displayed in %s is read back as the same amount, however small', (currency) => {
    const unit = new Decimal(10).pow(-minorUnits(currency));
    for (const units of [1, 9, 10, 999, 1000, 1001, 14_993, 100_000, 999_999, 1_000_000, 1_234_567]) {
      const value = unit.times(units);
      expect(said(readAmount(formatMoney(value, currency), currency))).toBe(value.toFixed());
      const plain = toFixedMinor(value, currency);
      // three decimals without their currency could also be thousands
      const isTwofold = /^[1-9]\d{0,2}\.\d{3}$/.test(plain);
      const expected = isTwofold ? expect.stringContaining('Do you mean ') : value.toFixed();
      expect(said(readAmount(plain, currency))).toEqual(expected);
    }
  });
});

describe('a typed percentage or rate', () => {
  it.each([
    ['19', '19'],
    ['19 %', '19'],
    ['19%', '19'],
    ['7,5', '7.5'],
    [`7.5${NBSP}%`, '7.5'],
    ['1,000', '1'],
    ['101', 'Enter a percentage.'],
    ['1,000.5', 'Enter a percentage.'],
    ['-5', 'Enter a number without a sign.'],
    ['7.12345', 'Enter a percentage with at most 4 decimals.'],
    ['a lot', 'Enter a percentage.'],
  ])('%j percent is %s', (typed, expected) => {
    expect(said(readPercentage(typed, 4, 'Enter a percentage.'))).toBe(expected);
  });

  it.each([
    ['1.0857', '1.0857'],
    ['1,0857', '1.0857'],
    ['26500', '26500'],
    ['26 500,5', '26500.5'],
    ['26,500', 'Do you mean 26500 or 26.5000?'],
    ['1.085', '1.085'],
    ['1.0850', '1.085'],
    ['0,9213', '0.9213'],
    ['0.921', '0.921'],
    ['0,921', '0.921'],
    ['1,085', 'Do you mean 1085 or 1.0850?'],
    ['153.278', '153.278'],
    ['1,234.567', '1234.567'],
    ['1.234.567', '1234567'],
    ['1,234,567', '1234567'],
    ['0', '“0” isn’t a valid rate. Use a number such as 1.0857.'],
    ['-1', 'Enter a number without a sign.'],
    ['1e3', 'Enter the number without an exponent.'],
  ])('the rate %j is %s', (typed, expected) => {
    expect(said(readRate(typed))).toBe(expected);
  });
});

describe('the text of a budget', () => {
  it.each([
    ['500', { amount: '500' }],
    ['500 80,100', { amount: '500', thresholds: [80, 100] }],
    ['EUR 500 80 %', { amount: 'EUR 500', thresholds: [80] }],
    ['500 EUR', { amount: '500 EUR' }],
    ['1 500.00 50 80', { amount: '1 500.00', thresholds: [50, 80] }],
    ['1 000', { amount: '1 000' }],
    ['500 100%', { amount: '500', thresholds: [100] }],
  ])('%s', (typed, expected) => {
    expect(readBudgetWords(typed.split(' '), 'EUR')).toEqual(expected);
  });

  it.each(['1 500', '500 100'])('%s, which can be an amount or an amount with a threshold, is rejected', (typed) => {
    expect(() => readBudgetWords(typed.split(' '), 'EUR')).toThrow(
      expect.objectContaining({ code: 'ambiguous_amount' }),
    );
  });
});
