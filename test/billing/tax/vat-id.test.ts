import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { countryOfVatId, isEuVatId, judgeVatId } from '../../../src/billing/tax/vat-id.ts';

interface Numbers {
  readonly codes: readonly string[];
  readonly valid: readonly string[];
  readonly validOnlyByFormat: readonly string[];
  readonly invalid: readonly string[];
}

const DATA: Readonly<Record<string, Numbers>> = JSON.parse(readFileSync('test/data/vat-numbers.json', 'utf8'));
/** `europe` stands for the numbers of companies outside the EU (EU…), which belong to no country that can be chosen. */
const COUNTRIES = Object.entries(DATA).filter(([name]) => name !== 'europe');
/** Wrong in the list: it is older than Belgian numbers that start with 1, and these have valid check digits. */
const VALID_SINCE = new Set(['BE1602602623', 'BE1400521335', 'BE1400004463']);
const isoOf = ([code = '']: readonly string[]) => (code === 'EL' ? 'GR' : code);

describe('VAT IDs from the collected lists', () => {
  it.each(COUNTRIES)('%s', (_name, { codes, valid, validOnlyByFormat, invalid }) => {
    const fault = (number: string) => 'fault' in judgeVatId(number, isoOf(codes));
    expect(valid.filter(fault)).toEqual([]);
    // a valid format with wrong check digits: most likely a typo
    expect(validOnlyByFormat.filter((number) => !fault(number))).toEqual([]);
    expect(invalid.filter((number) => !fault(number) && !VALID_SINCE.has(number))).toEqual([]);
  });
});

describe('a VAT ID', () => {
  it('is accepted with and without prefix, spaces, dots and dashes, in any case', () => {
    for (const typed of ['DE 136 695 976', 'de136695976', '136.695.976', ' DE-136695976 ', 'ＤＥ136695976']) {
      expect(judgeVatId(typed, 'DE')).toEqual({ vatId: 'DE136695976', isKnownForm: true });
    }
    expect(judgeVatId('023456780', 'GR')).toMatchObject({ vatId: 'EL023456780' });
  });

  it('gets an error that says what is wrong', () => {
    expect(judgeVatId('DE136695977', 'DE')).toMatchObject({ fault: expect.stringContaining('check digits') });
    expect(judgeVatId('ATU12011204', 'DE')).toMatchObject({ fault: expect.stringContaining('another country') });
    expect(judgeVatId('12', 'DE')).toMatchObject({ fault: expect.stringContaining('DE123456788') });
    expect(judgeVatId('DE136695976', '')).toMatchObject({ fault: expect.stringContaining('country') });
    expect(judgeVatId('<script>', 'DE')).toMatchObject({ fault: expect.stringContaining('letters and digits') });
  });

  it.each([
    ['BE1020304003', 'BE', 'The check digits of this VAT ID are wrong. Check it for typing errors.'],
    ['IE1234567TB', 'IE', 'The check digits of this VAT ID are wrong. Check it for typing errors.'],
    ['XI123456783', 'GB', 'The check digits of this VAT ID are wrong. Check it for typing errors.'],
    ['EL023456780', 'DE', 'This VAT ID belongs to another country. Enter one from Germany.'],
    ['XI123456782', 'FR', 'This VAT ID belongs to another country. Enter one from France.'],
    ['LI12345', 'US', 'This VAT ID belongs to another country. Enter one from United States of America.'],
    ['LI123', 'LI', 'This isn’t a valid VAT ID from Liechtenstein.'],
    ['FR1', 'FR', 'This isn’t a valid VAT ID from France. A valid one looks like FR12123456789.'],
    ['Δ12', 'US', 'A VAT ID can only have letters and digits.'],
    ['12Δ', 'US', 'A VAT ID can only have letters and digits.'],
    ['n/a', 'US', 'A VAT ID has digits. Leave the field empty if there is none.'],
    ['N.A.', '', 'A VAT ID has digits. Leave the field empty if there is none.'],
    ['none', 'DE', 'A VAT ID has digits. Leave the field empty if there is none.'],
    ['000', 'US', 'A VAT ID has digits. Leave the field empty if there is none.'],
    [`${'1'.repeat(65)}`, 'US', 'A VAT ID can have at most 64 characters.'],
  ])('%s of %s is rejected: %s', (typed, country, fault) => {
    expect(judgeVatId(typed, country)).toEqual({ fault });
  });

  it('from a country with an unknown format is accepted as it is, up to 64 characters', () => {
    expect(judgeVatId('12-3456789', 'US')).toEqual({ vatId: '123456789', isKnownForm: false });
    expect(judgeVatId('1'.repeat(64), 'US')).toEqual({ vatId: '1'.repeat(64), isKnownForm: false });
    expect(judgeVatId('1'.repeat(65), 'US')).toMatchObject({ fault: expect.any(String) });
    expect(judgeVatId(' ', 'US')).toEqual({ vatId: '', isKnownForm: false });
  });

  it.each<[string, string, string | null]>([
    // Belgian numbers start with 0 or 1; the last two digits are 97 − (the first eight mod 97)
    ['BE1020304002', 'BE', 'BE1020304002'],
    ['BE 1765.432.167', 'BE', 'BE1765432167'],
    ['1 765 432 167', 'BE', 'BE1765432167'],
    ['BE0403019261', 'BE', 'BE0403019261'],
    ['BE 430.973.770', 'BE', 'BE0430973770'],
    ['BE1020304003', 'BE', null],
    ['BE2020304002', 'BE', null],
    ['BE0403019262', 'BE', null],
    // Monaco’s are French
    ['FR53000004605', 'MC', 'FR53000004605'],
    ['53000004605', 'MC', 'FR53000004605'],
    ['FR53000004606', 'MC', null],
    ['MC53000004605', 'MC', null],
    ['FR83404833048', 'MQ', 'FR83404833048'],
    // Northern Ireland’s keep their XI
    ['XI123456782', 'GB', 'XI123456782'],
    ['XI 123 4567 82', 'GB', 'XI123456782'],
    ['XI123456783', 'GB', null],
    ['GB123456782', 'GB', 'GB123456782'],
    ['123456782', 'GB', 'GB123456782'],
    ['GB123456782', 'IM', 'GB123456782'],
    ['XI123456782', 'IM', null],
    ['XI123456782', 'IE', null],
    ['GR023456780', 'GR', 'EL023456780'],
    ['FI20774740', 'AX', 'FI20774740'],
    ['CY60000000A', 'CY', null],
    ['CY60000000S', 'CY', 'CY60000000S'],
    ['IE6433435OA', 'IE', 'IE6433435OA'],
    ['IE1234567TB', 'IE', null],
    // a second letter adds nine times its place; the check letter is W if nothing is left over
    ['IE1234567OB', 'IE', 'IE1234567OB'],
    ['IE1234567II', 'IE', 'IE1234567II'],
    ['IE0000011WB', 'IE', 'IE0000011WB'],
    ['1234567OB', 'IE', 'IE1234567OB'],
    ['IE1234567PB', 'IE', null],
    ['IE2234567OB', 'IE', null],
    ['IE1234567OC', 'IE', null],
    // Brazilian ones have no prefix
    ['45.723.174/0001-10', 'BR', '45723174000110'],
    ['LI12345', 'LI', 'LI12345'],
    ['CHE-107.787.577 MWST', 'LI', 'CHE107787577MWST'],
    ['LI123', 'LI', null],
    // of another country than the buyer's
    ['DE136695976', 'US', null],
    ['DE136695976', 'AT', null],
    ['FR53000004605', 'BE', null],
    ['IN12', 'US', 'IN12'],
  ])('%s in %s: %s', (typed, country, kept) => {
    const judged = judgeVatId(typed, country);
    expect('fault' in judged ? null : judged.vatId).toBe(kept);
  });

  it('can be confirmed by the EU if it is from the EU or Northern Ireland', () => {
    expect(isEuVatId('DE', 'DE136695976')).toBe(true);
    expect(isEuVatId('GB', 'XI110305878')).toBe(true);
    expect(isEuVatId('MC', 'FR53000004605')).toBe(true);
    expect(isEuVatId('GP', 'FR83404833048')).toBe(true);
    expect(isEuVatId('GB', 'GB110305878')).toBe(false);
    expect(isEuVatId('LI', 'LI12345')).toBe(false);
    expect(isEuVatId('US', 'XI110305878')).toBe(false);
    expect(isEuVatId('US', '123456789')).toBe(false);
  });

  it.each([
    ['DE136695976', 'DE'],
    ['EL023456780', 'GR'],
    ['XI123456782', 'GB'],
    ['LI12345', 'LI'],
    ['US123', ''],
    ['123DE', ''],
    ['', ''],
  ])('shows its country by its prefix: %s, %s', (number, country) => {
    expect(countryOfVatId(number)).toBe(country);
  });
});
