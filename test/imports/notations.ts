import fc from 'fast-check';
import { Decimal } from '../../src/billing/money/money.ts';

/** A number, and ways to write it: plain, with more zeros, signs, points and exponents. */
export const notations = fc
  .record({
    coefficient: fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }),
    decimals: fc.integer({ min: 0, max: 20 }),
    zeros: fc.integer({ min: 0, max: 5 }),
    shift: fc.integer({ min: -30, max: 30 }),
    mark: fc.constantFrom('e', 'E'),
  })
  .map(({ coefficient, decimals, zeros, shift, mark }) => {
    const value = new Decimal(`${coefficient}e-${decimals}`).plus(0);
    const plain = value.toFixed();
    const sign = plain.startsWith('-') ? '-' : '';
    const digits = plain.replace('-', '');
    const padding = '0'.repeat(zeros);
    const padded = `${padding}${digits}${digits.includes('.') ? '' : '.'}${padding}`;
    const shifted = value.times(`1e${-shift}`).toFixed();
    const written = [
      plain,
      `${sign}${padded}`,
      `${sign}${padded}${mark}0`,
      `${shifted}${mark}${shift}`,
      value.toExponential(),
      ...(sign === '' ? [`+${digits}`, `+${padded}`] : []),
      ...(digits.startsWith('0.') ? [`${sign}${digits.slice(1)}`] : []),
    ];
    return { value, written };
  });
