import { describe, expect, it } from '@jest/globals';
import {
  addressFault,
  cleanAddress,
  electronicAddressOf,
  parseAddress,
  registerNumberOf,
} from '../../../src/billing/group/electronic-address.ts';

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
  ])('is derived from a VAT ID: %s', (vatId, address) => {
    const found = electronicAddressOf({ vatId });
    expect(found && `${found.scheme}:${found.id}`).toBe(address);
  });

  it('is the one that was entered, and none if neither is there', () => {
    expect(electronicAddressOf({ vatId: 'DE136695976', electronicAddress: '0204:04011000-1-06' })).toEqual({
      scheme: '0204',
      id: '04011000-1-06',
    });
    expect(electronicAddressOf({ vatId: '' })).toBeNull();
    expect(electronicAddressOf({ vatId: 'US123' })).toBeNull();
    // its last two digits aren't 97 minus the others modulo 97
    expect(electronicAddressOf({ vatId: 'BE0428759498' })).toBeNull();
  });

  it('is stored compactly, with its scheme and check digits validated', () => {
    expect(cleanAddress(' 0208: 0428.759.497 ')).toBe('0208:0428759497');
    expect(addressFault('')).toBeUndefined();
    expect(addressFault('0088:7300010000001')).toBeUndefined();
    expect(addressFault('EM:a@b.example')).toContain('0208:');
    expect(addressFault('0213:FI01120389')).toContain('0213');
    expect(addressFault('0088:7300010000002')).toContain('0088:7300010000001');
    expect(addressFault('0192:974760674')).toContain('0192');
  });

  it('uses the company’s registration number if there is one', () => {
    expect(registerNumberOf({ vatId: 'DK13585628' })).toEqual({ scheme: '0184', id: 'DK13585628' });
    expect(registerNumberOf({ vatId: 'NL004495445B01', electronicAddress: '0106:12345678' })?.scheme).toBe('0106');
    expect(registerNumberOf({ vatId: 'DE136695976' })).toBeNull();
  });
});

describe('the text of an electronic address', () => {
  it('is a four-digit scheme and an identifier, in any grouping', () => {
    expect(parseAddress('0208:0428759497')).toEqual({ scheme: '0208', id: '0428759497' });
    expect(parseAddress('\t0211 :  it 0074.311-0157 ')).toEqual({ scheme: '0211', id: 'IT00743110157' });
    // in a scheme without a known format, only spaces are removed
    expect(parseAddress('0204: 04011000-1-06 x ')).toEqual({ scheme: '0204', id: '04011000-1-06x' });
  });

  it.each(['', '0208', '0208:', '0208: ', ':1', '208:1', '00208:1', 'x0208:1', 'EM:a@b.example'])(
    '%j is invalid, and stays as typed',
    (text) => {
      expect(parseAddress(text)).toBeNull();
      expect(cleanAddress(` ${text} `)).toBe(text.trim());
      if (text !== '') expect(addressFault(text)).toBe('Enter a scheme and an identifier, such as 0208:0123456749.');
    },
  );

  it('can be blank', () => {
    expect(addressFault(' \t')).toBeUndefined();
    expect(electronicAddressOf({ vatId: 'DE136695976', electronicAddress: ' ' })?.id).toBe('DE136695976');
  });
});

/** Identifiers with check digits, which any other digit breaks. */
const CHECKED: readonly string[] = [
  ...['0002:552100554', '0002:404833048', '0007:5567037485', '0007:2021005489', '0088:7300010000001'],
  ...['0088:4012345000009', '0151:51824753556', '0151:33102417032', '0192:974760673', '0192:923609016'],
  ...['0208:0428759497', '0208:0403170701', '0211:IT00743110157', '0211:IT00159560366'],
];
/** Identifiers that only need to match their scheme's format. */
const FORMED: readonly string[] = [
  ...['0106:12345678', '0184:DK13585628', '0184:13585628', '0190:00000001003214345000', '0196:5902697199'],
  ...['0198:DK13585628', '9944:NL004495445B01'],
];

describe('an identifier', () => {
  it.each([...CHECKED, ...FORMED, '9933:094259216', '9933:094014201'])('%s is valid', (address) => {
    expect(addressFault(address)).toBeUndefined();
  });

  it.each([...CHECKED, ...FORMED, '9933:094259216'])('%s is invalid with more or fewer characters', (address) => {
    const [scheme = '', id = ''] = address.split(':');
    for (const wrong of [`0${id}`, `${id}0`, id.slice(0, -1), id.slice(1), `X${id}`, `${id}X`]) {
      // both forms of a Danish number are valid
      if (scheme === '0184' && /^(DK)?\d{8}$/.test(wrong)) continue;
      expect([wrong, addressFault(`${scheme}:${wrong}`)]).toEqual([
        wrong,
        expect.stringContaining(`identifier of scheme ${scheme}. A valid one looks like ${scheme}:`),
      ]);
    }
  });

  it.each(CHECKED)('%s is invalid with any other digit', (address) => {
    for (const [at, digit] of [...address].entries()) {
      if (at < 5 || !/\d/.test(digit)) continue;
      const others = [...'0123456789'].filter((other) => other !== digit);
      const taken = others.filter((other) => {
        return addressFault(`${address.slice(0, at)}${other}${address.slice(at + 1)}`) === undefined;
      });
      expect([at, taken]).toEqual([at, []]);
    }
  });

  it('of a Greek company is invalid with another check digit', () => {
    for (const digit of '012345789') expect(addressFault(`9933:09425921${digit}`)).toBeDefined();
    expect(addressFault('9933:194259216')).toBeDefined();
    expect(addressFault('9933:094259316')).toBeDefined();
  });

  it('of a listed scheme without a known format is accepted as it is', () => {
    expect(addressFault('9930:anything')).toBeUndefined();
    expect(addressFault('9999:anything')).toBe('Scheme 9999 isn’t in the list of electronic address schemes.');
  });
});

describe('a company’s registration number', () => {
  it.each([
    ['FR40303265045', '0002:303265045'],
    ['BE0428759497', '0208:0428759497'],
    ['NO974760673MVA', '0192:974760673'],
    ['NO974760673', '0192:974760673'],
    ['SE556703748501', '0007:5567037485'],
    // a number with a wrong check digit is invalid
    ['FR40303265046', null],
    ['NO974760674MVA', null],
    ['FI01120389', null],
    ['', null],
  ])('is derived from the VAT ID %s: %s', (vatId, expected) => {
    const found = registerNumberOf({ vatId });
    expect(found && `${found.scheme}:${found.id}`).toBe(expected);
  });

  it('is the electronic address that was entered, if it belongs to a register', () => {
    const vatId = 'FR40303265045';
    expect(registerNumberOf({ vatId, electronicAddress: '0002:552100554' })?.id).toBe('552100554');
    expect(registerNumberOf({ vatId, electronicAddress: '9930:DE136695976' })?.id).toBe('303265045');
    expect(registerNumberOf({ vatId, electronicAddress: '0002:552100555' })).toBeNull();
    expect(registerNumberOf({ vatId: 'DE136695976', electronicAddress: '0225:552100554' })).toBeNull();
  });
});
