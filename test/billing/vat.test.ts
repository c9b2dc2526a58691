import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { isEuVatId, judgeVatId } from '../../src/billing/vat.ts';

interface Numbers {
  readonly codes: readonly string[];
  readonly valid: readonly string[];
  readonly validOnlyByFormat: readonly string[];
  readonly invalid: readonly string[];
}

const DATA: Readonly<Record<string, Numbers>> = JSON.parse(readFileSync('test/data/vat-numbers.json', 'utf8'));
/** `europe` stands for numbers of firms outside the EU (EU…), which belong to no country that can be chosen. */
const COUNTRIES = Object.entries(DATA).filter(([name]) => name !== 'europe');
const isoOf = ([code = '']: readonly string[]) => (code === 'EL' ? 'GR' : code);

describe('VAT IDs of the collected lists', () => {
  it.each(COUNTRIES)('%s', (_name, { codes, valid, validOnlyByFormat, invalid }) => {
    const fault = (number: string) => 'fault' in judgeVatId(number, isoOf(codes));
    expect(valid.filter(fault)).toEqual([]);
    // right in form, with wrong check digits: most likely a slip of the finger
    expect(validOnlyByFormat.filter((number) => !fault(number))).toEqual([]);
    expect(invalid.filter((number) => !fault(number))).toEqual([]);
  });
});

describe('a VAT ID', () => {
  it('is taken with and without prefix, spaces, dots and dashes, in any case', () => {
    for (const typed of ['DE 136 695 976', 'de136695976', '136.695.976', ' DE-136695976 ', 'ＤＥ136695976']) {
      expect(judgeVatId(typed, 'DE')).toEqual({ vatId: 'DE136695976', isKnownForm: true });
    }
    expect(judgeVatId('023456780', 'GR')).toMatchObject({ vatId: 'EL023456780' });
  });

  it('says what is wrong with it', () => {
    expect(judgeVatId('DE136695977', 'DE')).toMatchObject({ fault: expect.stringContaining('check digits') });
    expect(judgeVatId('ATU12011204', 'DE')).toMatchObject({ fault: expect.stringContaining('another country') });
    expect(judgeVatId('12', 'DE')).toMatchObject({ fault: expect.stringContaining('DE123456788') });
    expect(judgeVatId('DE136695976', '')).toMatchObject({ fault: expect.stringContaining('country') });
    expect(judgeVatId('<script>', 'DE')).toMatchObject({ fault: expect.stringContaining('letters and digits') });
  });

  it('of a country whose form is not known is taken as it is, up to 64 characters', () => {
    expect(judgeVatId('12-3456789', 'US')).toEqual({ vatId: '123456789', isKnownForm: false });
    expect(judgeVatId('1'.repeat(65), 'US')).toMatchObject({ fault: expect.any(String) });
    expect(judgeVatId(' ', 'US')).toEqual({ vatId: '', isKnownForm: false });
  });

  it('can be confirmed by the EU where it is of the EU, or of Northern Ireland', () => {
    expect(isEuVatId('DE', 'DE136695976')).toBe(true);
    expect(isEuVatId('GB', 'XI110305878')).toBe(true);
    expect(isEuVatId('GB', 'GB110305878')).toBe(false);
    expect(isEuVatId('US', '123456789')).toBe(false);
  });
});
