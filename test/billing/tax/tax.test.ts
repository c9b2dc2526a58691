import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../../../src/billing/money/money.ts';
import { type TaxFacts, type TaxRule, taxAmounts, taxBlockers, taxTerms } from '../../../src/billing/tax/tax.ts';

function taxOf(over: Partial<TaxFacts>) {
  const facts = { sellerCountry: 'DE', buyerCountry: 'DE', buyerVatState: 'none' as const, date: '2026-10-31' };
  const { rule } = taxTerms({ ...facts, overrides: [], ...over });
  return `${rule.category} ${rule.rate.toFixed()}`;
}

describe('the tax category and rate', () => {
  it('is the seller’s own rate for buyers in the same country, whatever their VAT ID', () => {
    expect(taxOf({})).toBe('S 19');
    expect(taxOf({ buyerVatState: 'valid' })).toBe('S 19');
  });

  it('is the reverse charge only for buyers in another EU country with a confirmed VAT ID', () => {
    expect(taxOf({ buyerCountry: 'FR', buyerVatState: 'valid' })).toBe('AE 0');
    for (const buyerVatState of ['none', 'unconfirmed', 'invalid'] as const) {
      expect(taxOf({ buyerCountry: 'FR', buyerVatState })).toBe('S 19');
    }
    expect(taxOf({ buyerCountry: 'CH', buyerVatState: 'valid' })).toBe('O 0');
  });

  it('is outside the scope for buyers outside the EU, also for sellers outside it, and export only for goods', () => {
    expect(taxOf({ buyerCountry: 'US' })).toBe('O 0');
    expect(taxOf({ sellerCountry: 'CH', buyerCountry: 'DE', buyerVatState: 'valid' })).toBe('O 0');
    expect(taxOf({ sellerCountry: 'CH', buyerCountry: 'CH' })).toBe('S 8.1');
    const statements = { mayChargeTax: true, exportsGoods: true, isOssRegistered: false };
    expect(taxOf({ buyerCountry: 'US', statements })).toBe('G 0');
    expect(taxOf({ sellerCountry: 'CH', buyerCountry: 'DE', statements })).toBe('G 0');
    // no exports if there is no tax to be exempt from
    expect(taxOf({ sellerCountry: 'HK', buyerCountry: 'DE', statements })).toBe('O 0');
    expect(taxOf({ buyerCountry: 'FR', buyerVatState: 'valid', statements })).toBe('AE 0');
  });

  it('is outside the scope without a seller’s country, or without a rate for it', () => {
    expect(taxOf({ sellerCountry: '' })).toBe('O 0');
    expect(taxOf({ sellerCountry: 'US', buyerCountry: 'US' })).toBe('O 0');
    expect(taxOf({ sellerCountry: 'US', buyerCountry: 'DE' })).toBe('O 0');
  });

  it('treats a buyer without a country as one in the seller’s country', () => {
    expect(taxOf({ buyerCountry: '' })).toBe('S 19');
  });

  it('uses rates from their effective dates', () => {
    const rates = ['2023-12-31', '2024-01-01', '2025-06-30', '2025-07-01'].map((date) =>
      taxOf({ sellerCountry: 'EE', buyerCountry: 'EE', date }),
    );
    expect(rates).toEqual(['S 20', 'S 22', 'S 22', 'S 24']);
  });

  it('is overridden by the account from a date on, also for one service', () => {
    const own = {
      country: 'DE',
      category: 'S',
      rate: '16',
      from: '2026-07-01',
      serviceName: null,
      reason: null,
    } as const;
    const books = { ...own, rate: '7', serviceName: 'Books' };
    const exempt = { ...own, category: 'E' as const, rate: '0', reason: '§ 19 UStG', from: '2027-01-01' };
    const overrides = [exempt, books, own];
    expect(taxOf({ overrides })).toBe('S 16');
    expect(taxOf({ overrides, date: '2026-06-30' })).toBe('S 19');
    expect(taxOf({ overrides, date: '2027-01-01' })).toBe('E 0');
    const domestic = {
      ...{ sellerCountry: 'DE', buyerCountry: 'DE', buyerVatState: 'none' as const, date: '2026-10-31' },
    };
    const terms = taxTerms({ ...domestic, overrides });
    expect(terms.services.get('Books')?.rate.toFixed()).toBe('7');
    // neither applies abroad
    expect(taxOf({ overrides, buyerCountry: 'US' })).toBe('O 0');
    // nor does another country's rate
    const austrian = [
      { ...own, country: 'AT' },
      { ...books, country: 'AT' },
    ];
    expect(taxOf({ overrides: austrian })).toBe('S 19');
    expect(taxTerms({ ...domestic, overrides: austrian }).services.size).toBe(0);
  });

  it('gives the buyer a reason only when there is no tax (BR-AE-10, BR-E-10, BR-G-10, BR-O-10)', () => {
    const reason = (over: Partial<TaxFacts>) =>
      taxTerms({
        ...{
          sellerCountry: 'DE',
          buyerCountry: 'DE',
          buyerVatState: 'valid',
          date: '2026-10-31',
          overrides: [],
          ...over,
        },
      }).rule.reason;
    expect(reason({})).toBeNull();
    expect(reason({ buyerCountry: 'FR' })).toContain('Reverse charge');
    expect(reason({ buyerCountry: 'US' })).toContain('abroad');
    expect(reason({ sellerCountry: '' })).toContain('Outside the scope');
  });
});

const oss = { mayChargeTax: true, exportsGoods: false, isOssRegistered: true };
type Where = Pick<TaxFacts, 'sellerCountry' | 'buyerCountry'> & Partial<TaxFacts>;

describe('a territory with its own tax status', () => {
  const at = (zipCode: string) => ({ buyerAddress: { zipCode } });
  const named = (state: string) => ({ buyerAddress: { state } });
  it.each<[string, Where, string]>([
    ['Monaco counts as France', { sellerCountry: 'FR', buyerCountry: 'MC' }, 'S 20'],
    [
      'Monaco, with a confirmed French VAT ID',
      { sellerCountry: 'DE', buyerCountry: 'MC', buyerVatState: 'valid' },
      'AE 0',
    ],
    ['Monaco, without a VAT ID', { sellerCountry: 'DE', buyerCountry: 'MC' }, 'S 19'],
    ['a seller in Monaco', { sellerCountry: 'MC', buyerCountry: 'DE' }, 'S 20'],
    ['from Monaco to France', { sellerCountry: 'MC', buyerCountry: 'FR', buyerVatState: 'valid' }, 'S 20'],
    ['the Isle of Man counts as the United Kingdom', { sellerCountry: 'GB', buyerCountry: 'IM' }, 'S 20'],
    ['the Isle of Man from the EU', { sellerCountry: 'DE', buyerCountry: 'IM' }, 'O 0'],
    ['a seller on the Isle of Man', { sellerCountry: 'IM', buyerCountry: 'GB' }, 'S 20'],
    ['Liechtenstein counts as Switzerland', { sellerCountry: 'CH', buyerCountry: 'LI' }, 'S 8.1'],
    ['a seller in Liechtenstein', { sellerCountry: 'LI', buyerCountry: 'CH' }, 'S 8.1'],
    ['Jersey doesn’t count as the United Kingdom', { sellerCountry: 'GB', buyerCountry: 'JE' }, 'O 0'],
    ['Jersey by postcode', { sellerCountry: 'GB', buyerCountry: 'GB', ...at('JE2 3QA') }, 'O 0'],
    ['San Marino', { sellerCountry: 'IT', buyerCountry: 'SM' }, 'O 0'],
    ['San Marino by postcode', { sellerCountry: 'IT', buyerCountry: 'IT', ...at('47890') }, 'O 0'],
    ['Åland', { sellerCountry: 'SE', buyerCountry: 'AX', buyerVatState: 'valid' }, 'O 0'],
    [
      'Åland by postcode',
      { sellerCountry: 'SE', buyerCountry: 'FI', buyerVatState: 'valid', ...at('FI-22100') },
      'O 0',
    ],
    ['Canary Islands by postcode', { sellerCountry: 'ES', buyerCountry: 'ES', ...at('35001') }, 'O 0'],
    ['Canary Islands by region', { sellerCountry: 'DE', buyerCountry: 'ES', ...named('Canarias') }, 'O 0'],
    ['mainland Spain', { sellerCountry: 'ES', buyerCountry: 'ES', ...at('28013') }, 'S 21'],
    [
      'a postcode over a name',
      { sellerCountry: 'AT', buyerCountry: 'AT', buyerAddress: { city: 'Mittelberg', zipCode: '3550' } },
      'S 20',
    ],
    ['Ceuta', { sellerCountry: 'ES', buyerCountry: 'ES', ...at('51001') }, 'O 0'],
    ['Melilla', { sellerCountry: 'ES', buyerCountry: 'ES', ...at('52001') }, 'O 0'],
    ['Livigno', { sellerCountry: 'DE', buyerCountry: 'IT', buyerVatState: 'valid', ...at('23041') }, 'O 0'],
    ['Campione d’Italia', { sellerCountry: 'IT', buyerCountry: 'IT', ...at('22061') }, 'O 0'],
    ['Büsingen', { sellerCountry: 'DE', buyerCountry: 'DE', ...at('78266') }, 'O 0'],
    ['Heligoland', { sellerCountry: 'DE', buyerCountry: 'DE', ...at('D-27498') }, 'O 0'],
    ['Mount Athos', { sellerCountry: 'DE', buyerCountry: 'GR', ...at('630 86') }, 'O 0'],
    ['Martinique', { sellerCountry: 'DE', buyerCountry: 'MQ', buyerVatState: 'valid' }, 'O 0'],
    ['Réunion by postcode', { sellerCountry: 'DE', buyerCountry: 'FR', buyerVatState: 'valid', ...at('97400') }, 'O 0'],
    ['Réunion by name', { sellerCountry: 'DE', buyerCountry: 'FR', ...named('La Reunion') }, 'O 0'],
    ['Corsica', { sellerCountry: 'FR', buyerCountry: 'FR', ...at('20000') }, 'S 20'],
    ['Akrotiri counts as Cyprus', { sellerCountry: 'CY', buyerCountry: 'GB', ...named('Akrotiri') }, 'S 19'],
    ['Madeira', { sellerCountry: 'PT', buyerCountry: 'PT', ...at('9000-017') }, 'S 22'],
    ['the Azores', { sellerCountry: 'PT', buyerCountry: 'PT', ...at('9500-150') }, 'S 16'],
    [
      'a seller in Madeira',
      { sellerCountry: 'PT', buyerCountry: 'PT', sellerAddress: { zipCode: '9000-017' }, ...at('1000-001') },
      'S 23',
    ],
    ['a seller in Mittelberg', { sellerCountry: 'AT', buyerCountry: 'AT', sellerAddress: { zipCode: '6993' } }, 'S 19'],
    ['a buyer in Mittelberg', { sellerCountry: 'AT', buyerCountry: 'AT', ...at('6993') }, 'S 20'],
    [
      'Northern Ireland, for services',
      { sellerCountry: 'IE', buyerCountry: 'GB', buyerVatId: 'XI123456782', buyerVatState: 'valid' },
      'O 0',
    ],
  ])('%s', (_what, facts, expected) => {
    expect(taxOf(facts)).toBe(expected);
  });

  it('has a blocker when its tax can’t be invoiced: goods for Northern Ireland, a seller in the Canary Islands', () => {
    const facts = { buyerVatState: 'none' as const, date: '2026-10-31', overrides: [] };
    const statements = { mayChargeTax: true, exportsGoods: true, isOssRegistered: false };
    const irish = taxTerms({
      ...facts,
      sellerCountry: 'DE',
      buyerCountry: 'GB',
      buyerAddress: { zipCode: 'BT1 5GS' },
      statements,
    });
    expect(irish.rule.blocker).toContain('Northern Ireland');
    const place = { zipCode: '38001' };
    const canarian = taxTerms({
      ...facts,
      sellerCountry: 'ES',
      buyerCountry: 'ES',
      sellerAddress: place,
      buyerAddress: place,
    });
    expect(canarian.rule.blocker).toContain('IGIC');
  });
});

describe('a seller’s statement', () => {
  it('about the One Stop Shop charges consumers elsewhere in the EU their own country’s rate', () => {
    expect(taxOf({ buyerCountry: 'FR', statements: oss })).toBe('S 20');
    expect(taxOf({ buyerCountry: 'HU', buyerVatState: 'invalid', statements: oss })).toBe('S 27');
    expect(taxOf({ buyerCountry: 'MC', statements: oss })).toBe('S 20');
    expect(taxOf({ buyerCountry: 'PT', buyerAddress: { zipCode: '9000-017' }, statements: oss })).toBe('S 22');
    expect(taxOf({ buyerCountry: 'FR', buyerVatState: 'valid', statements: oss })).toBe('AE 0');
    expect(taxOf({ buyerCountry: 'US', statements: oss })).toBe('O 0');
    expect(taxOf({ statements: oss })).toBe('S 19');
    const overrides = [
      { country: 'FR', category: 'S', rate: '10', from: '2026-01-01', serviceName: null, reason: null },
    ] as const;
    expect(taxOf({ buyerCountry: 'FR', statements: oss, overrides })).toBe('S 10');
  });

  it('is required to charge tax: a VAT ID or a sufficient tax number', () => {
    const statements = { ...oss, mayChargeTax: false };
    for (const buyerCountry of ['DE', 'FR', 'US', '']) expect(taxOf({ buyerCountry, statements })).toBe('O 0');
  });
});

describe('what keeps an invoice from being issued', () => {
  const day = { buyerVatState: 'none' as const, date: '2026-10-31', overrides: [] };
  const blockers = (...rules: TaxRule[]) =>
    taxBlockers(
      taxAmounts(
        rules.map((rule) => ({ rule, base: new Decimal(10) })),
        'EUR',
      ),
    );

  it('is a rate missing from the table, with what to enter instead', () => {
    const { rule } = taxTerms({ ...day, sellerCountry: 'BR', buyerCountry: 'BR' });
    expect(blockers(rule)).toEqual([
      'The tax rate of Brazil on 31 October 2026 isn’t known. Enter the account’s own rate.',
    ]);
    const overrides = [
      { country: 'BR', category: 'S', rate: '17', from: '2026-01-01', serviceName: null, reason: null },
    ] as const;
    expect(blockers(taxTerms({ ...day, overrides, sellerCountry: 'BR', buyerCountry: 'BR' }).rule)).toEqual([]);
    expect(taxBlockers(taxAmounts([{ rule, base: new Decimal(0) }], 'EUR'))).toEqual([]);
  });

  it('is category O beside another one (BR-O-11)', () => {
    const none = taxTerms({ ...day, sellerCountry: 'US', buyerCountry: 'US' }).rule;
    const standard = taxTerms({ ...day, sellerCountry: 'DE', buyerCountry: 'DE' }).rule;
    expect(blockers(none)).toEqual([]);
    expect(blockers(none, standard)).toEqual([expect.stringContaining('BR-O-11')]);
  });
});
