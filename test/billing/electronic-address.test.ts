import { describe, expect, it } from '@jest/globals';
import {
  addressFault,
  cleanAddress,
  electronicAddressOf,
  registerNumberOf,
} from '../../src/billing/electronic-address.ts';

describe('an electronic address', () => {
  it.each([
    ['BE0428759497', '0208:0428759497'],
    ['DE136695976', '9930:DE136695976'],
    ['FR40303265045', '0225:303265045'],
    ['NL004495445B01', '9944:NL004495445B01'],
    ['ATU13585627', '9914:ATU13585627'],
    ['SE556703748501', '0007:5567037485'],
    ['ESB58378431', '9920:ESB58378431'],
    ['IT00743110157', '0211:IT00743110157'],
    ['CHE116281710MWST', '9927:CHE116281710MWST'],
    ['NO974760673MVA', '0192:974760673'],
    ['DK13585628', '0184:DK13585628'],
    ['FI01120389', '0216:003701120389'],
    ['EL094259216', '9933:094259216'],
    ['PL5260001246', '9945:PL5260001246'],
  ])('follows from a VAT ID: %s', (vatId, address) => {
    const found = electronicAddressOf({ vatId });
    expect(found && `${found.scheme}:${found.id}`).toBe(address);
  });

  it('is the one that was entered, and none where neither says it', () => {
    expect(electronicAddressOf({ vatId: 'DE136695976', electronicAddress: '0204:04011000-1-06' })).toEqual({
      scheme: '0204',
      id: '04011000-1-06',
    });
    expect(electronicAddressOf({ vatId: '' })).toBeNull();
    expect(electronicAddressOf({ vatId: 'US123' })).toBeNull();
    // its last two digits are not 97 less the others modulo 97
    expect(electronicAddressOf({ vatId: 'BE0428759498' })).toBeNull();
  });

  it('is kept compact, and its scheme and check digits are checked', () => {
    expect(cleanAddress(' 0208: 0428.759.497 ')).toBe('0208:0428759497');
    expect(addressFault('')).toBeUndefined();
    expect(addressFault('0088:7300010000001')).toBeUndefined();
    expect(addressFault('EM:a@b.example')).toContain('0208:');
    expect(addressFault('0213:FI01120389')).toContain('0213');
    expect(addressFault('0088:7300010000002')).toContain('0088:7300010000001');
    expect(addressFault('0192:974760674')).toContain('0192');
  });

  it('says a company’s number in its register, where it has one', () => {
    expect(registerNumberOf({ vatId: 'DK13585628' })).toEqual({ scheme: '0184', id: 'DK13585628' });
    expect(registerNumberOf({ vatId: 'NL004495445B01', electronicAddress: '0106:12345678' })?.scheme).toBe('0106');
    expect(registerNumberOf({ vatId: 'DE136695976' })).toBeNull();
  });
});
