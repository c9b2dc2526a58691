import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import {
  ruleFor,
  statedRules,
  type TaxFacts,
  type TaxOverride,
  taxAmounts,
  taxBlockers,
  taxKey,
  taxOn,
  taxTerms,
} from '../../../src/billing/tax/tax.ts';
import { rule } from '../build.ts';

const FACTS: TaxFacts = {
  ...{ sellerCountry: 'DE', buyerCountry: 'DE', buyerVatState: 'none', date: '2026-10-31', overrides: [] },
};
const own = (country: string, rate: string, over: Partial<TaxOverride> = {}): TaxOverride => ({
  ...{ country, category: 'S', rate, from: '2026-01-01', serviceName: null, reason: null, ...over },
});
const terms = (overrides: readonly TaxOverride[], over: Partial<TaxFacts> = {}) =>
  taxTerms({ ...FACTS, overrides, ...over });
const said = (overrides: readonly TaxOverride[], over: Partial<TaxFacts> = {}) => {
  const { category, rate } = terms(overrides, over).rule;
  return `${category} ${rate.toFixed()}`;
};
const oss = { mayChargeTax: true, exportsGoods: false, isOssRegistered: true };

describe('an account’s own rate', () => {
  it('applies only in its country', () => {
    expect(said([own('DE', '16')])).toBe('S 16');
    expect(said([own('FR', '10')])).toBe('S 19');
    expect(said([own('FR', '10', { serviceName: 'Books' })])).toBe('S 19');
    expect(terms([own('FR', '10', { serviceName: 'Books' })]).services.size).toBe(0);
  });

  it('for the seller’s country is charged to buyers elsewhere in the EU, and a rate for their country isn’t', () => {
    const overrides = [own('DE', '16'), own('FR', '10')];
    expect(said(overrides, { buyerCountry: 'FR' })).toBe('S 16');
    expect(said(overrides, { buyerCountry: 'FR', statements: oss })).toBe('S 10');
    expect(said([own('DE', '16')], { buyerCountry: 'FR', statements: oss })).toBe('S 20');
    expect(said([own('FR', '10')], { buyerCountry: 'FR' })).toBe('S 19');
  });

  it('for the country that a territory belongs to applies in the territory too', () => {
    expect(said([own('FR', '18')], { sellerCountry: 'MC', buyerCountry: 'MC' })).toBe('S 18');
    expect(said([own('MC', '17')], { sellerCountry: 'MC', buyerCountry: 'FR' })).toBe('S 17');
    expect(said([own('MC', '17')], { buyerCountry: 'MC', statements: oss })).toBe('S 17');
    expect(said([own('FR', '18')], { buyerCountry: 'MC', statements: oss })).toBe('S 18');
  });

  it('is the latest one in effect on the day, in any order of entry', () => {
    const rates = [own('DE', '15', { from: '2026-03-01' }), own('DE', '14', { from: '2026-10-31' }), own('DE', '13')];
    for (const some of [rates, [...rates].reverse()]) {
      expect(said(some)).toBe('S 14');
      expect(said(some, { date: '2026-10-30' })).toBe('S 15');
      expect(said(some, { date: '2025-12-31' })).toBe('S 19');
    }
  });

  it('for a service applies only to that service, and the latest one wins', () => {
    const books = { serviceName: 'Books' };
    const overrides = [own('DE', '5', { ...books, from: '2026-06-01' }), own('DE', '7', books)];
    for (const some of [overrides, [...overrides].reverse()]) {
      const of = terms(some);
      expect([...of.services].map(([name, { rate }]) => `${name} ${rate}`)).toEqual(['Books 5']);
      expect(of.rule.rate.toFixed()).toBe('19');
    }
  });

  it('can be zero, or an exemption with its reason', () => {
    const [zero, exempt, unnamed] = [
      terms([own('DE', '0', { category: 'Z' })]).rule,
      terms([own('DE', '0', { category: 'E', reason: '§ 19 UStG' })]).rule,
      terms([own('DE', '0', { category: 'E' })]).rule,
    ];
    expect(zero).toMatchObject({ category: 'Z', reason: null });
    expect(exempt).toMatchObject({ category: 'E', reason: '§ 19 UStG' });
    expect(unnamed).toMatchObject({ category: 'E', reason: 'Exempt from VAT' });
    expect([zero, exempt, unnamed].map(({ rate }) => rate.toFixed())).toEqual(['0', '0', '0']);
    expect(terms([own('DE', '16', { reason: 'not for a rate' })]).rule.reason).toBeNull();
  });

  it('is explained with its start date and service', () => {
    expect(terms([own('DE', '16')]).rule.why).toContain('own rate since 2026-01-01');
    const books = terms([own('DE', '7', { serviceName: 'Books' })]).services.get('Books');
    expect(books?.why).toContain('own rate for Books since 2026-01-01');
  });
});

describe('regions with their own tax rates', () => {
  const seller = (zipCode: string) => ({ sellerAddress: { zipCode } });
  const buyer = (zipCode: string) => ({ buyerAddress: { zipCode } });

  it.each<[string, Partial<TaxFacts>, string]>([
    ['consumers in Madeira pay Madeira’s rate', { buyerCountry: 'PT', ...buyer('9000-017'), statements: oss }, 'S 22'],
    ['consumers in Mittelberg pay Austria’s rate', { buyerCountry: 'AT', ...buyer('6993'), statements: oss }, 'S 20'],
    [
      'a seller in Mittelberg charges Austria’s rate',
      { sellerCountry: 'AT', buyerCountry: 'DE', ...seller('6993') },
      'S 19',
    ],
  ])('%s', (_what, facts, expected) => {
    expect(said([], facts)).toBe(expected);
  });
});

describe('the explanation of a tax decision', () => {
  it.each<[string, Partial<TaxFacts>, string]>([
    ['at home', {}, 'Seller in Germany, buyer in the same country: the standard rate of DE, 19%.'],
    ['unknown buyer country', { buyerCountry: '' }, 'Seller in Germany, buyer’s country not known'],
    ['a territory', { sellerCountry: 'FR', buyerCountry: 'MC' }, 'Seller in France, buyer in Monaco'],
    ['abroad', { buyerCountry: 'US' }, 'services are outside the scope of VAT'],
    ['reverse charge', { buyerCountry: 'FR', buyerVatState: 'valid' }, 'with a confirmed VAT ID: reverse charge'],
    ['no VAT ID', { buyerCountry: 'FR' }, 'Seller in Germany, buyer in France without a confirmed VAT ID'],
    ['One Stop Shop', { buyerCountry: 'FR', statements: oss }, 'registered for the One Stop Shop'],
    ['no tax', { sellerCountry: 'US', buyerCountry: 'US' }, 'there is no VAT in US'],
    ['not registered for VAT', { statements: { ...oss, mayChargeTax: false } }, 'without a VAT ID: no tax is charged'],
    ['no seller', { sellerCountry: '' }, 'country isn’t set, so no tax is calculated'],
  ])('%s', (_what, over, words) => {
    expect(terms([], over).rule.why).toContain(words);
  });

  it.each<[string, Partial<TaxFacts>, RegExp]>([
    ['EU law for a seller in the EU', { buyerCountry: 'US' }, /recipient abroad \(Article 44/],
    ['no EU law for another', { sellerCountry: 'CH', buyerCountry: 'US' }, /recipient abroad$/],
    ['no registration', { statements: { ...oss, mayChargeTax: false } }, /isn’t registered for VAT$/],
    ['an export', { buyerCountry: 'US', statements: { ...oss, exportsGoods: true } }, /^Export of goods/],
  ])('for the buyer: %s', (_what, over, reason) => {
    expect(terms([], over).rule.reason).toMatch(reason);
  });

  it('has no blocker when the line can be invoiced', () => {
    expect(terms([], { buyerCountry: 'US' }).rule).not.toHaveProperty('blocker');
    expect(terms([]).rule).not.toHaveProperty('blocker');
  });

  it('says outside the scope when there is no tax, or none is known', () => {
    const [none, unknown] = [
      terms([], { sellerCountry: 'US', buyerCountry: 'US' }).rule,
      terms([], { sellerCountry: 'BR', buyerCountry: 'BR' }).rule,
    ];
    expect([none.category, unknown.category]).toEqual(['O', 'O']);
    expect([none.blocker === undefined, unknown.blocker === undefined]).toEqual([true, false]);
  });
});

describe('goods for Northern Ireland', () => {
  const goods = { mayChargeTax: true, exportsGoods: true, isOssRegistered: false };
  const blocker = (over: Partial<TaxFacts>) =>
    terms([], { buyerCountry: 'GB', statements: goods, ...over }).rule.blocker !== undefined;

  it('are recognized by postcode or VAT ID, for buyers in the United Kingdom and sellers in the EU', () => {
    expect(blocker({ buyerAddress: { zipCode: 'BT1 5GS' } })).toBe(true);
    expect(blocker({ buyerAddress: { zipCode: ' bt 15gs' } })).toBe(true);
    expect(blocker({ buyerVatId: 'XI123456782' })).toBe(true);
    expect(blocker({ buyerVatId: 'GB123456782', buyerAddress: { zipCode: 'SW1A 1AA' } })).toBe(false);
    expect(blocker({})).toBe(false);
    expect(blocker({ buyerAddress: { city: 'Belfast' } })).toBe(true);
    expect(blocker({ buyerAddress: { state: 'Northern Ireland', city: 'Bangor' } })).toBe(true);
    // not a postcode in Northern Ireland
    expect(blocker({ buyerAddress: { zipCode: 'B1 1BT' } })).toBe(false);
    expect(blocker({ buyerAddress: { zipCode: 'X BT1' } })).toBe(false);
    expect(blocker({ sellerCountry: 'CH', buyerVatId: 'XI123456782' })).toBe(false);
    expect(blocker({ buyerCountry: 'US', buyerVatId: 'XI123456782' })).toBe(false);
    expect(blocker({ buyerVatId: 'XI123456782', statements: { ...goods, exportsGoods: false } })).toBe(false);
  });
});

describe('the tax rule for a line', () => {
  const august = toPeriod('2026-08');
  const held = {
    ...{ rule: rule('19'), services: new Map([['Books', rule('7')]]) },
    late: new Map([[august, { rule: rule('16'), services: new Map([['Books', rule('5')]]) }]]),
  };

  it.each([
    ['Servers', null, '19'],
    ['Books', null, '7'],
    ['Servers', august, '16'],
    ['Books', august, '5'],
    // a period without terms of its own
    ['Books', toPeriod('2026-07'), '7'],
  ])('for %s, late from %s, has the rate %s', (serviceName, lateFrom, rate) => {
    expect(ruleFor(held, { serviceName, lateFrom }).rate.toFixed()).toBe(rate);
  });

  it('is the same without terms for late costs', () => {
    const { late, ...bare } = held;
    expect(ruleFor(bare, { serviceName: 'Servers', lateFrom: august }).rate.toFixed()).toBe('19');
  });
});

describe('tax amounts', () => {
  const base = (amount: string) => new Decimal(amount);
  const exempt = (reason: string | null, why = 'Why.') => ({ ...rule('0', 'E'), reason, why });

  it('are computed once per category and rate, the higher rate first', () => {
    const amounts = taxAmounts(
      [
        { rule: rule('0', 'O'), base: base('5') },
        { rule: rule('7'), base: base('0.03') },
        { rule: rule('19'), base: base('1') },
        { rule: rule('7'), base: base('0.04') },
        { rule: rule('0', 'Z'), base: base('2') },
      ],
      'EUR',
    );
    expect(amounts.map((one) => `${taxKey(one)}: ${one.base} ${one.amount}`)).toEqual([
      ...['S 19: 1 0.19', 'S 7: 0.07 0', 'Z 0: 2 0'],
      'O 0: 5 0',
    ]);
  });

  it('are rounded half up', () => {
    expect(taxOn(base('0.05'), base('10'), 'EUR').toFixed()).toBe('0.01');
    expect(taxOn(base('0.0499'), base('10'), 'EUR').toFixed()).toBe('0');
    expect(taxOn(base('-0.05'), base('10'), 'EUR').toFixed()).toBe('-0.01');
    expect(taxOn(base('5'), base('10'), 'JPY').toFixed()).toBe('1');
  });

  it('name each reason and explanation once', () => {
    const of = (...rules: ReturnType<typeof exempt>[]) =>
      taxAmounts(
        rules.map((one) => ({ rule: one, base: base('1') })),
        'EUR',
      );
    expect(of(exempt('A', 'One.'), exempt('B', 'Two.'), exempt('A', 'One.'))).toMatchObject([
      { reason: 'A; B', why: 'One. Two.', base: base('3') },
    ]);
    expect(of(exempt(null), exempt('B'))).toMatchObject([{ reason: 'B' }]);
    expect(of(exempt(null), exempt(null))).toMatchObject([{ reason: null }]);
  });

  it('keep any blocker, except where nothing is charged', () => {
    const blocked = { ...rule('0', 'O'), blocker: 'Not like this.' };
    const amounts = (amount: string) =>
      taxAmounts(
        [
          { rule: rule('0', 'O'), base: base('0') },
          { rule: blocked, base: base(amount) },
        ],
        'EUR',
      );
    expect(amounts('1')).toMatchObject([{ blocker: 'Not like this.' }]);
    expect(taxBlockers(amounts('1'))).toEqual(['Not like this.']);
    expect(taxBlockers(amounts('0'))).toEqual([]);
    expect(taxAmounts([{ rule: rule('19'), base: base('1') }], 'EUR')[0]).not.toHaveProperty('blocker');
    const both = taxAmounts(
      [
        { rule: blocked, base: base('1') },
        { rule: rule('19'), base: base('1') },
      ],
      'EUR',
    );
    // one reason is enough
    expect(taxBlockers(both)).toEqual(['Not like this.']);
  });

  it('outside the scope block others, also where the charges of one cancel each other', () => {
    const amounts = (outside: string, standard: string) =>
      taxAmounts(
        [
          { rule: rule('0', 'O'), base: base(outside) },
          { rule: rule('19'), base: base(standard) },
        ],
        'EUR',
      );
    expect(taxBlockers(amounts('1', '1'))).toHaveLength(1);
    expect(taxBlockers(amounts('0', '1'))).toHaveLength(1);
    expect(taxBlockers(amounts('1', '0'))).toHaveLength(1);
    expect(taxBlockers(amounts('1', '0').slice(0, 1))).toEqual([]);
    const rates = taxAmounts(
      [
        { rule: rule('7'), base: base('1') },
        { rule: rule('19'), base: base('1') },
      ],
      'EUR',
    );
    expect(taxBlockers(rates)).toEqual([]);
  });
});

describe('the tax rules that an invoice states', () => {
  const [outside, standard, reduced] = [rule('0', 'O'), rule('19'), rule('7')];
  const stated = (...lines: [typeof outside, string][]) =>
    statedRules(lines.map(([held, total]) => ({ rule: held, total: new Decimal(total) }))).map(taxKey);

  it('are those of its lines', () => {
    expect(stated()).toEqual([]);
    expect(stated([standard, '1'], [reduced, '0'])).toEqual(['S 19', 'S 7']);
    expect(stated([outside, '0'], [outside, '1'])).toEqual(['O 0', 'O 0']);
  });

  it('state lines of 0 like the first that charges something, where O would otherwise stand beside others', () => {
    expect(stated([outside, '0'], [reduced, '0'], [standard, '1'])).toEqual(['S 19', 'S 7', 'S 19']);
    expect(stated([standard, '0'], [outside, '-1'], [outside, '0'])).toEqual(['O 0', 'O 0', 'O 0']);
    expect(stated([standard, '0'], [outside, '0'])).toEqual(['S 19', 'S 19']);
  });

  it('stay as they are where both charge something, even if that adds up to 0', () => {
    expect(stated([outside, '10'], [outside, '-10'], [standard, '1'])).toEqual(['O 0', 'O 0', 'S 19']);
    expect(stated([standard, '1'], [outside, '1'], [outside, '0'])).toEqual(['S 19', 'O 0', 'O 0']);
  });
});
