import { describe, expect, it } from '@jest/globals';
import { type TaxFacts, taxTerms } from '../../src/billing/tax.ts';

function taxOf(over: Partial<TaxFacts>) {
  const facts = { sellerCountry: 'DE', buyerCountry: 'DE', buyerVatState: 'none' as const, date: '2026-10-31' };
  const { rule } = taxTerms({ ...facts, overrides: [], ...over });
  return `${rule.category} ${rule.rate.toFixed()}`;
}

describe('the category and rate of tax', () => {
  it('is the seller’s own rate for buyers in the same country, whatever their VAT ID', () => {
    expect(taxOf({})).toBe('S 19');
    expect(taxOf({ buyerVatState: 'valid' })).toBe('S 19');
  });

  it('is the reverse charge for buyers in another EU country with a confirmed VAT ID, and for no others', () => {
    expect(taxOf({ buyerCountry: 'FR', buyerVatState: 'valid' })).toBe('AE 0');
    for (const buyerVatState of ['none', 'unconfirmed', 'invalid'] as const) {
      expect(taxOf({ buyerCountry: 'FR', buyerVatState })).toBe('S 19');
    }
    expect(taxOf({ buyerCountry: 'CH', buyerVatState: 'valid' })).toBe('G 0');
  });

  it('is export outside the EU, also for sellers outside it', () => {
    expect(taxOf({ buyerCountry: 'US' })).toBe('G 0');
    expect(taxOf({ sellerCountry: 'CH', buyerCountry: 'DE', buyerVatState: 'valid' })).toBe('G 0');
    expect(taxOf({ sellerCountry: 'CH', buyerCountry: 'CH' })).toBe('S 8.1');
  });

  it('is outside the scope without a seller’s country, and where there is no rate for it', () => {
    expect(taxOf({ sellerCountry: '' })).toBe('O 0');
    expect(taxOf({ sellerCountry: 'US', buyerCountry: 'US' })).toBe('O 0');
    expect(taxOf({ sellerCountry: 'US', buyerCountry: 'DE' })).toBe('O 0');
  });

  it('takes a buyer whose country is not known for one of the seller’s own', () => {
    expect(taxOf({ buyerCountry: '' })).toBe('S 19');
  });

  it('follows the rates by the day from which they hold', () => {
    const rates = ['2023-12-31', '2024-01-01', '2025-06-30', '2025-07-01'].map((date) =>
      taxOf({ sellerCountry: 'EE', buyerCountry: 'EE', date }),
    );
    expect(rates).toEqual(['S 20', 'S 22', 'S 22', 'S 24']);
  });

  it('is what the account says instead, from its day on, also for one service alone', () => {
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
    const terms = taxTerms({
      ...{ sellerCountry: 'DE', buyerCountry: 'DE', buyerVatState: 'none', date: '2026-10-31', overrides },
    });
    expect(terms.services.get('Books')?.rate.toFixed()).toBe('7');
    // abroad, neither holds
    expect(taxOf({ overrides, buyerCountry: 'US' })).toBe('G 0');
  });

  it('gives a reason for the buyer where there is no tax (BR-AE-10, BR-E-10, BR-G-10, BR-O-10), and none where there is', () => {
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
