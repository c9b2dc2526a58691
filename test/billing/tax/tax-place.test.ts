import { describe, expect, it } from '@jest/globals';
import { isEu, type TaxAddress, taxPlace, vatIdCountry } from '../../../src/billing/tax/tax-place.ts';

const area = (countryCode: string, over: Omit<TaxAddress, 'countryCode'> = {}) =>
  taxPlace({ countryCode, ...over }).area;

describe('an address’s place for VAT', () => {
  it('is its country, with a name and rates', () => {
    expect(taxPlace({ countryCode: 'DE', city: 'Berlin', zipCode: '10115' })).toEqual({
      ...{ area: 'DE', name: 'Germany', isEu: true, isEuForGoods: true, rates: 'DE', ratesBy: null, ownTax: null },
    });
    expect(taxPlace({ countryCode: 'US' })).toMatchObject({ area: 'US', isEu: false, rates: 'US' });
    expect(taxPlace({ countryCode: '' })).toMatchObject({ area: '', isEu: false, rates: '' });
  });

  it('can be a territory outside its country’s VAT area, with another tax', () => {
    expect(taxPlace({ countryCode: 'ES', zipCode: '35001' })).toEqual({
      ...{ area: 'ES-CN', name: 'the Canary Islands', isEu: false, isEuForGoods: false },
      ...{ rates: 'ES-CN', ratesBy: null, ownTax: 'IGIC' },
    });
  });

  it('can be a territory that counts as another country', () => {
    expect(taxPlace({ countryCode: 'MC' })).toEqual({
      ...{ area: 'FR', name: 'Monaco', isEu: true, isEuForGoods: true, rates: 'FR', ratesBy: null, ownTax: null },
    });
  });

  it('can be a region with its own rates, by the buyer’s or seller’s place', () => {
    expect(taxPlace({ countryCode: 'PT', zipCode: '9000-017' })).toEqual({
      ...{
        area: 'PT',
        name: 'Madeira',
        isEu: true,
        isEuForGoods: true,
        rates: 'PT-30',
        ratesBy: 'buyer',
        ownTax: null,
      },
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

  it.each([
    ['IT', 'Livigno (SO)', 'IT-LIV'],
    ['IT', 'LIVIGNO SO', 'IT-LIV'],
    ['IT', 'Livigno, Sondrio', 'IT-LIV'],
    ['IT', 'Comune di Livigno', 'IT-LIV'],
    ['IT', 'Trepalle - Livigno', 'IT-LIV'],
    ['IT', 'I-23041 Livigno', 'IT-LIV'],
    ['IT', 'Campione d’Italia (CO)', 'IT-CAM'],
    ['IT', 'Campione d`Italia CO', 'IT-CAM'],
    ['IT', 'Campioni', 'IT'],
    ['ES', 'Las Palmas de Gran Canaria', 'ES-CN'],
    ['ES', 'Las Palmas de G.C. (Las Palmas)', 'ES-CN'],
    ['ES', '35001 Las Palmas', 'ES-CN'],
    ['ES', 'San Cristóbal de la Laguna', 'ES-CN'],
    ['ES', 'Arrecife / Lanzarote', 'ES-CN'],
    ['ES', 'Isla de Tenerife', 'ES-CN'],
    ['ES', 'Ciudad Autónoma de Ceuta', 'ES-CE'],
    ['ES', 'Melilla (España)', 'ES-ML'],
    ['ES', 'Palma de Mallorca', 'ES'],
    ['ES', '28001 Ceuta', 'ES'],
    ['DE', 'Büsingen / Hochrhein', 'DE-BUS'],
    ['DE', 'Büsingen a. H.', 'DE-BUS'],
    ['DE', 'Insel Helgoland', 'DE-HEL'],
    ['DE', 'D-27498 Helgoland', 'DE-HEL'],
    ['FI', 'Jomala', 'AX'],
    ['FI', 'AX-22100 Mariehamn', 'AX'],
    ['GR', 'Mount Athos (Greece)', 'GR-69'],
    ['GR', '630 86 Karyes', 'GR-69'],
    // a village of that name near Sparta
    ['GR', 'Karyes', 'GR'],
    ['FR', 'Fort-de-France', 'MQ'],
    ['FR', '97200 Fort-de-France', 'MQ'],
    ['FR', 'Pointe à Pitre', 'GP'],
    ['FR', 'Cayenne Cedex (Guyane)', 'GF'],
    ['FR', 'Saint-Denis (La Réunion)', 'RE'],
    // beside Paris
    ['FR', 'Saint-Denis', 'FR'],
    ['FR', 'Mamoudzou', 'YT'],
    ['FR', 'Papeete - Tahiti', 'PF'],
    ['FR', 'Monaco (Monte-Carlo)', 'FR'],
    ['GB', 'Douglas, Isle of Man', 'GB'],
    ['GB', 'St. Helier, Jersey', 'JE'],
    ['GB', 'JE2 3XX St Helier', 'JE'],
    ['GB', 'Gibraltar GX11 1AA', 'GI'],
    ['DK', 'Tórshavn', 'FO'],
  ])('in %s without a postcode is recognized by the city %s: %s', (countryCode, city, expected) => {
    expect(area(countryCode, { city })).toBe(expected);
    expect(area(countryCode, { state: city, zipCode: '-' })).toBe(expected);
  });

  it.each([
    ['PT', 'Ponta Delgada (São Miguel)', 'PT-20'],
    ['PT', 'Funchal, Madeira', 'PT-30'],
    ['PT', '9500-321 Ponta Delgada', 'PT-20'],
    ['PT', 'Lagos', 'PT'],
    ['AT', 'Riezlern (Kleinwalsertal)', 'AT-JM'],
    ['AT', '6691 Jungholz', 'AT-JM'],
    ['AT', 'Gemeinde Mittelberg', 'AT-JM'],
  ])('in %s with its own rates is recognized by the city %s: %s', (countryCode, city, rates) => {
    expect(taxPlace({ countryCode, city }).rates).toBe(rates);
  });

  it.each(['BT1 5GS', 'bt 15gs'])(
    'in the United Kingdom that is in the EU for goods has the postcode %s',
    (zipCode) => {
      const place = taxPlace({ countryCode: 'GB', zipCode });
      expect(place).toMatchObject({ area: 'GB', name: 'Northern Ireland', isEu: false, isEuForGoods: true });
    },
  );

  it.each([
    ['Belfast', true],
    ['Newry, Co. Down', true],
    ['BELFAST BT1 5GS', true],
    ['Bangor', false],
    ['London', false],
  ])('in the United Kingdom without a postcode that is in the EU for goods: %s, %s', (city, expected) => {
    expect(taxPlace({ countryCode: 'GB', city }).isEuForGoods).toBe(expected);
  });

  it('needs its name too where other places have, or had, the same postcode', () => {
    expect(area('IT', { zipCode: '22061' })).toBe('IT-CAM');
    // Carugo and others
    expect(area('IT', { zipCode: '22060' })).toBe('IT');
    expect(area('IT', { zipCode: '22060', city: 'Carugo' })).toBe('IT');
    expect(area('IT', { zipCode: '22060', city: 'Campione d’Italia (CO)' })).toBe('IT-CAM');
    expect(area('IT', { zipCode: '23030', city: 'Livigno' })).toBe('IT-LIV');
    expect(area('IT', { zipCode: '23030', city: 'Valdidentro' })).toBe('IT');
    expect(area('IT', { zipCode: '20121', city: 'Livigno' })).toBe('IT');
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
