import { describe, expect, it } from '@jest/globals';
import jsQr from 'jsqr';
import { Decimal } from '../../src/billing/money/money.ts';
import type { BillingDocument } from '../../src/documents/document.ts';
import { epcPayload } from '../../src/documents/epc.ts';
import { qrMatrix } from '../../src/documents/pdf/qr.ts';
import { SELLER } from './documents.ts';
import { domestic } from './samples.ts';

const decode: (data: Uint8ClampedArray, width: number, height: number) => { readonly data: string } | null =
  'default' in jsQr && typeof jsQr.default === 'function' ? jsQr.default : (jsQr as never);

describe('the code for a SEPA transfer (EPC069-12)', () => {
  it('has the elements of version 2 in order, one per line', () => {
    expect(epcPayload(domestic())?.split('\n')).toEqual([
      ...['BCD', '002', '1', 'SCT', 'COBADEFFXXX', 'Northwind Cloud GmbH', 'DE89370400440532013000', 'EUR1415.08'],
      ...['', '', 'NW-2026-00042'],
    ]);
  });

  it('is read by another program as written, including umlauts and Greek', () => {
    const payload = epcPayload({ ...domestic(), seller: { ...SELLER, legalName: 'Größe Ωmega Łódź GmbH' } }) ?? '';
    const { pixels, size } = picture(qrMatrix(payload));
    expect(decode(pixels, size, size)?.data).toBe(payload);
  });

  it('has at most 331 bytes and 70 characters of a name, each on one line', () => {
    const payload = epcPayload({ ...domestic(), seller: { ...SELLER, legalName: `A\nB${'株'.repeat(300)}` } }) ?? '';
    expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(331);
    expect(payload.split('\n')).toHaveLength(11);
    expect([...(payload.split('\n')[5] ?? '')].length).toBeLessThanOrEqual(70);
    // version 13 of QR, with 69 modules, is the largest allowed
    expect(qrMatrix(payload).length).toBeLessThanOrEqual(69);
  });

  const cases: [string, Partial<BillingDocument>][] = [
    ['nothing is due', { amountDue: new Decimal(0) }],
    ['more than the scheme takes is due', { amountDue: new Decimal('1000000000') }],
    ['it is in another currency', { currency: 'USD' }],
    ['a card is charged', { payment: { kind: 'credit_card', brand: 'Visa', last4: '4242' } }],
    ['nothing is expected', { payment: { kind: 'none' } }],
    ['the seller has no account', { seller: { ...SELLER, bank: null } }],
    ['it is a credit memo', { kind: 'credit_memo' }],
  ];
  it.each(cases)('is omitted when %s', (_, over) => {
    expect(epcPayload({ ...domestic(), ...over })).toBeNull();
  });
});

/** The code in black on white, four pixels per module, with the quiet zone. */
function picture(matrix: readonly (readonly boolean[])[]): { pixels: Uint8ClampedArray; size: number } {
  const [scale, quiet] = [4, 4];
  const size = (matrix.length + 2 * quiet) * scale;
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const isDark = matrix[Math.floor(y / scale) - quiet]?.[Math.floor(x / scale) - quiet] ?? false;
      if (isDark) pixels.fill(0, (y * size + x) * 4, (y * size + x) * 4 + 3);
    }
  }
  return { pixels, size };
}
