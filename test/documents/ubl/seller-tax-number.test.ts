import { describe, expect, it } from '@jest/globals';
import type { DocumentSeller } from '../../../src/documents/document.ts';
import { invoiceUbl } from '../../../src/documents/ubl/invoice-ubl.ts';
import { documentOf, line, SELLER, taxed } from '../documents.ts';
import { all, readXml, text } from './read-ubl.ts';

const LINES = [line('Web shop', 'Compute', '100')];

/** The seller's registrations, each as its scheme and its number. */
function registrations(seller: Partial<DocumentSeller>, lines = LINES, kind: 'invoice' | 'credit_memo' = 'invoice') {
  const corrects = kind === 'invoice' ? null : { number: 'NW-1', issueDate: '2026-11-02' };
  const document = documentOf(lines, { kind, corrects, seller: { ...SELLER, ...seller } });
  return all(readXml(invoiceUbl(document)), 'AccountingSupplierParty/Party/PartyTaxScheme').map((one) => [
    text(one, 'TaxScheme/ID'),
    text(one, 'CompanyID'),
  ]);
}

describe('the seller’s tax number (BT-32)', () => {
  const withoutVatId = { vatId: '', taxNumber: '27/123/45678' };

  it('is present when the seller has no VAT ID, on invoices and credit memos', () => {
    expect(registrations(withoutVatId)).toEqual([['TAX', '27/123/45678']]);
    expect(registrations(withoutVatId, LINES, 'credit_memo')).toEqual([['TAX', '27/123/45678']]);
  });

  it('is absent beside a VAT ID (BT-31), and when there is neither', () => {
    expect(registrations({ taxNumber: '27/123/45678' })).toEqual([['VAT', SELLER.vatId]]);
    expect(registrations({ vatId: '', taxNumber: '' })).toEqual([]);
  });

  it('is absent outside the scope of VAT (BR-O-02)', () => {
    expect(registrations(withoutVatId, taxed(LINES, 'O'))).toEqual([]);
  });

  it('is the number in the VAT field if it isn’t an EU VAT ID, such as Japan’s', () => {
    expect(registrations({ vatId: 'T1234567890123', countryCode: 'JP' })).toEqual([['TAX', 'T1234567890123']]);
  });

  it('is omitted in Sweden, and names the register of companies in Norway, where no number is allowed', () => {
    expect(registrations({ ...withoutVatId, countryCode: 'SE' })).toEqual([]);
    expect(registrations({ ...withoutVatId, countryCode: 'NO', legalName: 'Nordlys AS' })).toEqual([
      ['TAX', 'Foretaksregisteret'],
    ]);
  });
});
