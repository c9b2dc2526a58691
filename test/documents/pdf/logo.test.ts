import { describe, expect, it } from '@jest/globals';
import { pictureFault } from '../../../src/billing/account/picture.ts';
import { invoicePdf } from '../../../src/documents/pdf/invoice-pdf.ts';
import { JPEG, pngOf } from '../../support/invoices/pictures.ts';
import { documentOf, line, SELLER } from '../documents.ts';

describe('a logo', () => {
  it.each([
    ['PNG', pngOf(120, 40)],
    ['JPEG', JPEG],
  ])('is a %s that can be printed', async (_, bytes) => {
    expect(pictureFault(bytes)).toBeUndefined();
    const pdf = await invoicePdf(documentOf([line('p', 'Compute', '1.00')], { seller: { ...SELLER, logo: bytes } }));
    expect(pdf.includes('/Subtype /Image')).toBe(true);
  });
});
