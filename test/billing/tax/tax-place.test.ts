import { describe, expect, it } from '@jest/globals';
import { isEu, type TaxAddress, taxPlace, vatIdCountry } from '../../../src/billing/tax/tax-place.ts';

const area = (countryCode: string, over: Omit<TaxAddress, 'countryCode'> = {}) =>
  taxPlace({ countryCode, ...over }).area;

describe('an address’s place for VAT', () => {
  it('is its country, with a name and rates', () => {
    expect(taxPlace({ countryCode: 'DE', city: 'Berlin', zipCode: '10115' })).toEqual({
      ...{ area: 'DE', name: 'Germany', isEu: true, rates: 'DE', ratesBy: null, ownTax: null },
    });
    expect(taxPlace({ countryCode: 'US' })).toMatchObject({ area: 'US', isEu: false, rates: 'US' });
    expect(taxPlace({ countryCode: '' })).toMatchObject({ area: '', isEu: false, rates: '' });
  });

  it('can be a territory outside its country’s VAT area, with another tax', () => {
    expect(taxPlace({ countryCode: 'ES', zipCode: '35001' })).toEqual({
      ...{ area: 'ES-CN', name: 'the Canary Islands', isEu: false, rates: 'ES-CN', ratesBy: null, ownTax: 'IGIC' },
    });
  });

  it('can be a territory that counts as another country', () => {
    expect(taxPlace({ countryCode: 'MC' })).toEqual({
      ...{ area: 'FR', name: 'Monaco', isEu: true, rates: 'FR', ratesBy: null, ownTax: null },
    });
  });

  it('can be a region with its own rates, by the buyer’s or seller’s place', () => {
    expect(taxPlace({ countryCode: 'PT', zipCode: '9000-017' })).toEqual({
      ...{ area: 'PT', name: 'Madeira', isEu: true, rates: 'PT-30', ratesBy: 'buyer', ownTax: null },
    });
    expect(taxPlace({ countryCode: 'AT', zipCode: '6993' })).toMatchObject({ rates: 'AT-JM', ratesBy: 'seller' });
    // Åland is outside the area, but its sellers charge Finland's rates
    expect(taxPlace({ countryCode: 'AX' })).toMatchObject({ area: 'AX', isEu: false, rates: 'FI' });
  });
});

describe('a territory', () => {
  it.each([
    ['DE', '27498', 'DE-HEL'],
    ['DE', ' D-27 498 ', 'DE-HEL'],
    ['DE', 'd27498', 'DE-HEL'],
    ['DE', '２７４９８', 'DE-HEL'],
    ['DE', '274981', 'DE'],
    ['DE', '127498', 'DE'],
    ['FR', '27498', 'FR'],
    ['FR', '97133', 'BL'],
    ['FR', '97134', 'GP'],
    ['IT', 'I-23041', 'IT-LIV'],
    ['GB', 'IM1 1AA', 'GB'],
    ['GB', 'je2 3xx', 'JE'],
    ['GB', 'GY1 1AA', 'GG'],
    ['GB', 'BFPO 57', 'CY'],
    ['GB', 'BFPO 56', 'GB'],
    ['GB', '1JE', 'GB'],
    ['GR', '630 86', 'GR-69'],
    // letters before a postcode are ignored
    ['ES', '3A8001', 'ES'],
  ])('in %s is recognized by the postcode %s: %s', (countryCode, zipCode, expected) => {
    expect(area(countryCode, { zipCode })).toBe(expected);
  });

  it.each([
    ['ES', { state: 'Las Palmas' }, 'ES-CN'],
    ['ES', { state: 'LAS PALMAS' }, 'ES-CN'],
    ['ES', { city: 'las-palmas' }, 'ES-CN'],
    ['ES', { state: 'ES-CE' }, 'ES-CE'],
    ['ES', { state: 'Palmas' }, 'ES'],
    ['FR', { city: 'Saint Barthelemy' }, 'BL'],
    ['FR', { city: 'Büsingen' }, 'FR'],
    ['DE', { city: 'Busingen am Hochrhein' }, 'DE-BUS'],
    ['GR', { state: 'Άγιον Όρος' }, 'GR-69'],
    ['GR', { state: 'αγιον ορος' }, 'GR-69'],
    ['FR', { city: 'Paris' }, 'FR'],
    ['FR', {}, 'FR'],
  ])('in %s without a postcode is recognized by its name: %j is %s', (countryCode, address, expected) => {
    expect(area(countryCode, address)).toBe(expected);
  });

  it('uses the postcode if there is one, whatever the names say', () => {
    expect(area('ES', { zipCode: '28001', city: 'Ceuta' })).toBe('ES');
    expect(area('ES', { zipCode: '51001', city: 'Madrid' })).toBe('ES-CE');
    // a text without a digit isn't a postcode
    expect(area('ES', { zipCode: 'none', city: 'Ceuta' })).toBe('ES-CE');
    expect(area('ES', { zipCode: ' - ', state: 'Ceuta' })).toBe('ES-CE');
    // the Faroe Islands have no postcodes that Denmark doesn't have
    expect(area('DK', { zipCode: '100', city: 'Føroyar' })).toBe('DK');
    expect(area('DK', { city: 'Føroyar' })).toBe('FO');
  });

  it('uses its own code first', () => {
    expect(area('GP', { zipCode: '97133' })).toBe('GP');
    expect(area('LI', { zipCode: '8001', city: 'Zürich' })).toBe('CH');
  });
});

describe('a member state', () => {
  it('is one of 27', () => {
    const all = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ');
    expect(all.filter(isEu)).toEqual(all);
    expect(['GB', 'CH', 'NO', 'EL', 'XI', 'MC', ''].filter(isEu)).toEqual([]);
  });
});

describe('the country of a business’s VAT ID', () => {
  it.each([
    ['MC', 'FR'],
    ['MQ', 'FR'],
    ['IM', 'GB'],
    ['AX', 'FI'],
    ['LI', 'LI'],
    ['PM', 'PM'],
    ['DE', 'DE'],
    ['', ''],
  ])('of %s is %s', (countryCode, country) => {
    expect(vatIdCountry(countryCode)).toBe(country);
  });
});
