import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holdsCardNumber } from '../../../src/billing/group/card.ts';

/** Numbers that card networks publish for tests. */
const CARDS = ['4111111111111111', '5555555555554444', '378282246310005', '6011111111111117', '3530111333300000'];

describe('a card number', () => {
  it.each(CARDS)('%s is found in any grouping and position', (card) => {
    const grouped = card.replace(/(.{4})(?=.)/g, '$1 ');
    for (const text of [
      card,
      grouped,
      grouped.replaceAll(' ', '-'),
      grouped.replaceAll(' ', '\u00A0'),
      `pay ${grouped}, please`,
    ]) {
      expect(holdsCardNumber(text)).toBe(true);
    }
    // with what is printed beside it on the card
    expect(holdsCardNumber(`${grouped} 12/29 123`)).toBe(true);
    expect(holdsCardNumber(card.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))))).toBe(true);
    expect(holdsCardNumber(card.replace(/\d/g, (digit) => String.fromCodePoint(0x0660 + Number(digit))))).toBe(true);
  });

  it.each([
    ['a VAT ID', 'DE136695976'],
    ['an IBAN', 'DE89 3704 0044 0532 0130 00'],
    ['a phone number', '+49 30 901820'],
    ['a purchase order', 'PO-4500012345'],
    ['a number with wrong check digit', '4111111111111112'],
    ['a long number', '41111111111111111111111'],
    ['an amount', 'EUR 1,234,567.89'],
    ['an account ID', 'acc_4111111111111111'],
  ])('is not %s', (_what, text) => {
    expect(holdsCardNumber(text)).toBe(false);
  });

  it('has 13 to 19 digits', () => {
    // all four pass the check and start like those of a network with 12 to 19 digits
    const found = ['501800000033', '5018000000031', '6304000000000000075', '63040000000000000075'].map(holdsCardNumber);
    expect(found).toEqual([false, true, true, false]);
    expect(holdsCardNumber('6 3 0 4 0 0 0 0 0 0 0 0 0 0 0 0 0 7 5')).toBe(true);
  });

  it('is found among other groups of digits, before or after it', () => {
    for (const text of [
      '12 4111 1111 1111 1111',
      '2026-11-28 4111-1111-1111-1111 99',
      '1 2 3 4111111111111111 4 5 6',
    ]) {
      expect(holdsCardNumber(text)).toBe(true);
    }
    expect(holdsCardNumber('4111 1111 1111 1112 12 34')).toBe(false);
    expect(holdsCardNumber('first 12 34, then 4111111111111111')).toBe(true);
  });

  it('is found when it mixes digits of several scripts', () => {
    expect(holdsCardNumber('4111١١١١1111１１１１')).toBe(true);
    expect(holdsCardNumber('４１１１ ११११ 1111 ১১১১')).toBe(true);
    expect(holdsCardNumber('４１１１ ११११ 1111 ১১১২')).toBe(false);
    // nine is the last of its ten
    expect(holdsCardNumber('٦٠١١٠٠٠٩٩٠١٣٩٤٢٤')).toBe(true);
  });

  it('is never found in texts with fewer than thirteen digits', () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z ]*\d{0,12}[a-z ]*$/), (text) => !holdsCardNumber(text)));
  });
});
