import { describe, expect, it } from '@jest/globals';
import { readBudgetWords, readThresholds } from '../../../src/billing/group/typed-budget.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { amountToType, readAmount } from '../../../src/billing/money/typed-amount.ts';
import {
  digitFault,
  normalizedInput,
  type Read,
  readingsOf,
  readPercentage,
  readRate,
} from '../../../src/billing/money/typed-number.ts';
import { Refusal } from '../../../src/billing/refusal.ts';

const said = (read: Read) => ('value' in read ? read.value.toFixed() : read.fault);
const amount = (typed: string, currency = 'EUR') => said(readAmount(typed, currency));
const amountOrZero = (typed: string, currency = 'EUR') => said(readAmount(typed, currency, { canBeZero: true }));

describe('the error for an amount', () => {
  it('suggests a valid one, with the decimals of the currency', () => {
    expect(amount('1.2345')).toBe('Enter an amount above 0, with at most 2 decimals.');
    expect(amountOrZero('1.2345')).toBe('Enter an amount with at most 2 decimals.');
    expect(amount('1.5', 'JPY')).toBe('Enter an amount above 0, without decimals.');
    expect(amountOrZero('1.5', 'JPY')).toBe('Enter an amount without decimals.');
    expect(amount('-5')).toBe('Enter an amount above 0, without a sign.');
    expect(amountOrZero('-5')).toBe('Enter an amount without a sign.');
  });

  it.each([
    ['1,00,000', 'JPY', '1,234,567'],
    ['1,00,000', 'EUR', '1,234,567.89'],
    ['1,00,000', 'KWD', '1,234,567.890'],
    ['1,00,000', 'CLF', '1,234,567.8900'],
  ])('explains thousands separators for %s in %s: %s', (typed, currency, example) => {
    expect(amount(typed, currency)).toBe(
      `Separate thousands in groups of three and use one decimal separator, such as ${example}.`,
    );
  });

  it.each([
    ['12.345', 'EUR', 'Enter an amount above 0, with at most 2 decimals.'],
    ['12,345', 'EUR', 'Do you mean 12345.00 or 12.345? EUR has at most 2 decimals.'],
    ['12.340', 'EUR', 'Do you mean 12340.00 or 12.34?'],
    ['1,234', 'KWD', 'Do you mean 1234.000 or 1.234? Type 1234.000, or KWD 1.234 for the smaller amount.'],
    ['1.234', 'CLF', 'Do you mean 1234.0000 or 1.2340? Type 1234.0000, or 1.2340 for the smaller amount.'],
  ])('names both readings of %s in %s that the currency allows', (typed, currency, fault) => {
    expect(amount(typed, currency)).toBe(fault);
  });

  it('says that it is too large from 16 digits before the separator', () => {
    expect(amount('999999999999999.99')).toBe('999999999999999.99');
    expect(amount('1000000000000000')).toBe('This amount is too large.');
  });

  it('doesn’t mention zero where zero is allowed', () => {
    expect(amountOrZero('0.00')).toBe('0');
    expect(amount('0.01')).toBe('0.01');
  });
});

describe('the currency with an amount', () => {
  it.each([
    ['US$5', 'USD', '5'],
    ['$5', 'USD', '5'],
    ['5 usd', 'USD', '5'],
    ['CN¥5', 'CNY', '5'],
    ['CA$5', 'CAD', '5'],
    ['5 ZŁ', 'PLN', '5'],
    ['₹ 5', 'INR', '5'],
  ])('can be an unambiguous symbol: %s is valid in %s', (typed, currency, expected) => {
    expect(amount(typed, currency)).toBe(expected);
  });

  it.each([
    ['¥5', 'CNY', '“¥” isn’t the expected currency. Enter the amount alone, or with CNY.'],
    ['5 kr', 'SEK', '“kr” isn’t the expected currency. Enter the amount alone, or with SEK.'],
    ['E 5 UR', 'EUR', '“EUR” isn’t the expected currency. Enter the amount alone, or with EUR.'],
    ['x.5', 'EUR', '“x.” isn’t the expected currency. Enter the amount alone, or with EUR.'],
    ['5.x', 'EUR', '“.x” isn’t the expected currency. Enter the amount alone, or with EUR.'],
    ['abcdefghijklmno 5', 'EUR', '“abcdefghijkl” isn’t the expected currency. Enter the amount alone, or with EUR.'],
    ['usd 5', 'EUR', 'Enter the amount in EUR, not in USD.'],
    ['5 XAU', 'EUR', '“XAU” isn’t the expected currency. Enter the amount alone, or with EUR.'],
    ['5 % off', 'EUR', 'Enter an amount, not a percentage.'],
    ['5.', 'EUR', 'Enter an amount above 0, with at most 2 decimals.'],
    [", '5", 'EUR', 'Enter an amount above 0, with at most 2 decimals.'],
  ])('can’t be anything else: %s in %s', (typed, currency, fault) => {
    expect(amount(typed, currency)).toBe(fault);
  });
});

describe('an amount in a form', () => {
  it.each([
    ['1234.5', 'EUR', '1234.50'],
    ['1000', 'JPY', '1000'],
    ['12.345', 'KWD', 'KWD 12.345'],
    ['12', 'KWD', 'KWD 12.000'],
    ['1234.567', 'KWD', '1234.567'],
    ['0.5', 'KWD', '0.500'],
  ])('%s %s is shown as %s', (value, currency, text) => {
    expect(amountToType(new Decimal(value), currency)).toBe(text);
  });
});

describe('the characters of a number', () => {
  it.each(['1e3', '1E3', '1 e 3', '2×3', '2 * 3', '2^3', '1e-3', '1e+3'])('have no exponent: %s', (text) => {
    expect(digitFault(text)).toBe('Enter the number without an exponent.');
  });

  it.each(['-5', '+5', '5-', '‐5', '–5', '―5', '−5', '﹣5', '－5', '＋5', '(5', '5)'])('have no sign: %s', (text) => {
    expect(digitFault(text)).toBe('Enter a number without a sign.');
    expect(digitFault(text, 'No sign.')).toBe('No sign.');
  });

  it.each(['٥', '５', '5½', '5²', '一5Ⅴ'])('are the digits 0 to 9, not %s', (text) => {
    expect(digitFault(text)).toBe('Use the digits 0 to 9.');
  });

  it.each(['5', '1,000.5', '5 e', 'e5', 'EUR 5', '5 eur', '', '0123456789'])('are valid in %j', (text) => {
    expect(digitFault(text)).toBeUndefined();
  });

  it('are normalized, with one kind of space and apostrophe and nothing invisible', () => {
    expect(normalizedInput(' 1\u00a0234\u202f567\u3000’ʼ`´‘\u200b\ufeff5\u200e ')).toBe("1 234 567 '''''5");
  });

  it('are read as groups of three, as a plain number, or as both', () => {
    const readings = (text: string) =>
      readingsOf(text).map(({ value, decimals, isGrouped }) => `${value.toFixed()} ${decimals} ${isGrouped}`);
    expect(readings('1234')).toEqual(['1234 0 false']);
    expect(readings('1234.50')).toEqual(['1234.5 2 false']);
    expect(readings('1 234,50')).toEqual(['1234.5 2 true']);
    expect(readings('1,234')).toEqual(['1234 0 true', '1.234 3 false']);
    expect(readings('1,234,567')).toEqual(['1234567 0 true']);
    expect(readings('0,234')).toEqual(['0.234 3 false']);
    expect(readings('1 2345')).toEqual([]);
    expect(readings('x1')).toEqual([]);
    expect(readings('1x')).toEqual([]);
  });
});

describe('a percentage', () => {
  const percent = (typed: string) => said(readPercentage(typed, 2, 'Enter a percentage.'));

  it.each([
    ['100', '100'],
    ['100.01', 'Enter a percentage.'],
    ['7.25', '7.25'],
    ['7.251', 'Enter a percentage with at most 2 decimals.'],
    ['1 000', 'Enter a percentage.'],
    ['%19', 'Enter a percentage.'],
    ['1%9', 'Enter a percentage.'],
    ['19 %%', 'Enter a percentage.'],
    ['0', '0'],
    ['１９', 'Use the digits 0 to 9.'],
  ])('%j is %s', (typed, expected) => {
    expect(percent(typed)).toBe(expected);
  });
});

describe('a rate', () => {
  it.each([
    ['1.123456789012', '1.123456789012'],
    ['1.1234567890123', 'Enter a rate with at most 12 decimals.'],
    ['999999999999999', '999999999999999'],
    ['1000000000000000', 'This rate is too large.'],
    [' abc ', '“abc” isn’t a valid rate. Use a number such as 1.0857.'],
    ['0.0', '“0.0” isn’t a valid rate. Use a number such as 1.0857.'],
    ['0.5', '0.5'],
    ['2.500', '2.5'],
    ['2,500', 'Do you mean 2500 or 2.5000?'],
  ])('%j is %s', (typed, expected) => {
    expect(said(readRate(typed))).toBe(expected);
  });
});

describe('an invalid budget text', () => {
  const refused = (words: string) => {
    try {
      return readBudgetWords(words.split(' '), 'EUR');
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  };

  it.each([
    ['x', { amount: 'x' }],
    ['EUR', { amount: 'EUR' }],
    ['EUR x 80', { amount: 'EUR x', thresholds: [80] }],
    ['1,000 80', { amount: '1,000', thresholds: [80] }],
    ['EUR1,000 80', { amount: 'EUR1,000', thresholds: [80] }],
    ['1,000EUR 80', { amount: '1,000EUR', thresholds: [80] }],
    ['5 EUR soon', { amount: '5', thresholds: [Number.NaN, Number.NaN] }],
    ['500 0', { amount: '500', thresholds: [0] }],
  ])('is split in the usual way: %s', (words, expected) => {
    expect(readBudgetWords(words.split(' '), 'EUR')).toEqual(expected);
  });

  it('is rejected with both readings and what to type, if it is ambiguous', () => {
    expect(refused('1 500')).toMatchObject({
      ...{ code: 'ambiguous_amount', fields: ['amount'] },
      data: {
        ...{ readings: ['EUR 1.00 with a warning at 500%', 'EUR 1500.00'] },
        ...{ amount: '1500.00', percents: '500%' },
      },
    });
    expect(refused('1 500 80')).toMatchObject({
      data: {
        readings: ['EUR 1.00 with a warning at 500, 80%', 'EUR 1500.00 with a warning at 80%'],
        percents: '500%, 80%',
      },
    });
  });
});

describe('typed thresholds', () => {
  it.each([
    ['50, 80 100 %', [50, 80, 100]],
    ['50;80%', [50, 80]],
    [' 50\u00a0% ', [50]],
    ['1000', [1000]],
    ['12345', [Number.NaN]],
    ['1.5 x50 50x', [Number.NaN, Number.NaN, Number.NaN]],
    ['', []],
  ])('%j are %j', (typed, expected) => {
    expect(readThresholds(typed)).toEqual(expected);
  });
});
