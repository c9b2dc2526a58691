import { describe, expect, it } from '@jest/globals';
import { compact, completeSeller, isBic, isIban } from '../../../src/billing/account/seller.ts';

describe('a seller', () => {
  it('has every part, empty if it was never entered', () => {
    expect(completeSeller({ legalName: 'Acme', city: 'Berlin' })).toEqual({
      ...{
        legalName: 'Acme',
        addressLines: [],
        zipCode: '',
        city: 'Berlin',
        countryCode: '',
        vatId: '',
        taxNumber: '',
      },
      ...{ iban: '', bic: '', bankName: '', email: '', contactName: '', phone: '', electronicAddress: '' },
      ...{ colour: '', logo: '' },
    });
  });
});

describe('an IBAN', () => {
  // examples from the SWIFT IBAN registry
  it.each(['DE89370400440532013000', 'GB29NWBK60161331926819', 'NO9386011117947', 'MT84MALT011000012345MTLCAST001S'])(
    '%s is valid',
    (iban) => {
      expect(isIban(iban)).toBe(true);
    },
  );

  it.each([
    ['a wrong digit', 'DE89370400440532013001'],
    ['two exchanged digits', 'DE89370400440532010300'],
    ['wrong check digits', 'DE88370400440532013000'],
    ['too few characters', 'NO938601111794'],
    ['too many characters', `MT84${'0'.repeat(31)}`],
    ['a prefix', 'XDE89370400440532013000'],
    ['a suffix', 'DE89370400440532013000 '],
    ['lowercase letters', 'de89370400440532013000'],
    ['nothing', ''],
  ])('with %s is invalid', (_what, iban) => {
    expect(isIban(iban)).toBe(false);
  });

  it('has 15 to 34 characters', () => {
    const isRight = (length: number) => {
      const rest = '0'.repeat(length - 4);
      return Array.from({ length: 98 }, (_, at) => `NO${String(at).padStart(2, '0')}${rest}`).some(isIban);
    };
    expect([14, 15, 34, 35].map(isRight)).toEqual([false, true, true, false]);
  });
});

describe('a BIC', () => {
  it.each([
    ['DEUTDEFF', true],
    ['DEUTDEFF500', true],
    ['1234DE5X', true],
    ['DEUTDEFF50', false],
    ['DEUTDEFF5000', false],
    ['DEUT12FF', false],
    ['DEUTDEF', false],
    ['XDEUTDEFF', false],
    ['deutdeff', false],
  ])('%s: %s', (bic, isRight) => {
    expect(isBic(bic)).toBe(isRight);
  });

  it('and an IBAN are stored without grouping characters', () => {
    expect(compact(' de89 3704-0044.0532/0130 00 ')).toBe('DE89370400440532013000');
  });
});
