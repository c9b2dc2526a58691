import { describe, expect, it } from '@jest/globals';
import { COUNTRIES, countryName, isCountry } from '../../../src/billing/group/country.ts';
import { CURRENCIES, currencyName, isCurrency, minorUnits } from '../../../src/billing/money/currency.ts';

describe('a currency', () => {
  it('has the decimals of ISO 4217', () => {
    expect(['JPY', 'EUR', 'KWD', 'CLF'].map(minorUnits)).toEqual([0, 2, 3, 4]);
  });

  it.each(['XAU', 'XDR', 'DEM', 'eur', ''])('is not %j, which can’t be invoiced', (code) => {
    expect(isCurrency(code)).toBe(false);
    expect(CURRENCIES).not.toContain(code);
    expect(() => minorUnits(code)).toThrow(new RangeError(`Not an ISO 4217 currency: ${code}`));
  });

  it('is listed alphabetically', () => {
    expect(CURRENCIES.every(isCurrency)).toBe(true);
    expect(CURRENCIES.length).toBeGreaterThan(150);
    expect(CURRENCIES).toEqual([...CURRENCIES].sort());
  });

  it('has an English name', () => {
    expect(currencyName('EUR')).toBe('Euro');
    expect(currencyName('QQQ')).toBe('QQQ');
  });
});

describe('a country', () => {
  it('has an uppercase alpha-2 code', () => {
    expect(['DE', 'GB', 'US'].filter(isCountry)).toEqual(['DE', 'GB', 'US']);
    expect(['de', 'EU', 'XX', '', 'constructor', 'toString'].filter(isCountry)).toEqual([]);
  });

  it('has an English name, the first if there are several', () => {
    expect(countryName('DE')).toBe('Germany');
    expect(countryName('US')).toBe('United States of America');
    expect(countryName('XX')).toBe('XX');
    expect(countryName('constructor')).toBe('constructor');
  });

  it('is listed by name', () => {
    const names = COUNTRIES.map(countryName);
    expect(COUNTRIES.indexOf('AX')).toBeLessThan(COUNTRIES.indexOf('ZW'));
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en')));
    expect(COUNTRIES.every(isCountry)).toBe(true);
  });
});
