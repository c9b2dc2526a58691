import { describe, expect, it } from '@jest/globals';
import { documentJson } from '../../src/documents/json.ts';
import { domestic, long, yen } from './samples.ts';

describe('the JSON of an invoice', () => {
  it('has every amount as a string with the decimals of its currency', () => {
    const parsed: unknown = JSON.parse(documentJson(domestic()));
    expect(parsed).toMatchObject({
      number: 'NW-2026-00042',
      currency: 'EUR',
      total_vat_zero: '1609.31',
      tax: '305.77',
      total_inc_vat: '1915.08',
      amount_due: '1415.08',
      prepaid: [{ code: 'PREPAID-26', amount: '500.00' }],
      taxes: [{ category: 'S', rate: '19', base: '1609.31', amount: '305.77', reason: null }],
      payment: { kind: 'bank_transfer', payment_terms_days: 14 },
    });
    expect(JSON.parse(documentJson(yen()))).toMatchObject({ total_inc_vat: '337217', lines: expect.any(Array) });
  });

  it('has all lines in order, with the price before the discount', () => {
    const parsed: { lines: Record<string, unknown>[] } = JSON.parse(documentJson(domestic()));
    expect(parsed.lines.map((line) => line.line_total_local)).toEqual(['1240.00', '212.37', '87.04', '19.90', '50.00']);
    expect(parsed.lines[0]).toMatchObject({
      line_pre_discount_local: '1550.00',
      local_currency: 'EUR',
      tax_rate: '19',
    });
  });

  it('has no numbers except counts, and no logo', () => {
    const parsed: unknown = JSON.parse(
      documentJson({ ...long(), seller: { ...long().seller, logo: new Uint8Array(9) } }),
      (key, value) => {
        if (typeof value === 'number') expect(['usage_records', 'payment_terms_days']).toContain(key);
        return value;
      },
    );
    expect(parsed).toMatchObject({ conversions: [{ from: 'EUR', to: 'USD', rate: '1.0834' }] });
    expect(JSON.stringify(parsed)).not.toContain('logo');
  });

  it('is the same text each time', () => {
    expect(documentJson(long())).toBe(documentJson(long()));
  });
});
