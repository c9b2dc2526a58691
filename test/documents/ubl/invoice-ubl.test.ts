import { describe, expect, it } from '@jest/globals';
import type { BillingDocument } from '../../../src/documents/document.ts';
import { invoiceUbl } from '../../../src/documents/ubl/invoice-ubl.ts';
import { ublObstacles } from '../../../src/documents/ubl/obstacles.ts';
import { BUYER, documentOf, line, SELLER, taxed } from '../documents.ts';
import { domestic, long, reverseCharge } from '../samples.ts';
import { KINDS } from './kinds.ts';
import { all, type Node, number, readXml, text } from './read-ubl.ts';
import { broken } from './rules.ts';

const file = (document: BillingDocument): Node => readXml(invoiceUbl(document));

describe('the UBL of an invoice', () => {
  it.each(KINDS)('follows EN 16931 and PEPPOL BIS Billing 3.0: %s', (_, make) => {
    expect(ublObstacles(make())).toEqual([]);
    expect(broken(file(make()))).toEqual([]);
  });

  it.each(KINDS)('has the totals of its data, and is the same text each time: %s', (_, make) => {
    const document = make();
    const root = file(document);
    const [totals] = all(root, 'LegalMonetaryTotal');
    expect(totals && number(totals, 'TaxExclusiveAmount').toFixed()).toBe(document.net.toFixed());
    expect(totals && number(totals, 'TaxInclusiveAmount').toFixed()).toBe(document.total.toFixed());
    expect(number(root, 'TaxTotal/TaxAmount').toFixed()).toBe(document.tax.toFixed());
    if (document.total.gte(0))
      expect(totals && number(totals, 'PayableAmount').toFixed()).toBe(document.amountDue.toFixed());
    expect(invoiceUbl(make())).toBe(invoiceUbl(document));
  });

  it('breaks a rule when a figure is changed by a cent', () => {
    const xml = invoiceUbl(domestic()).replace(
      '>1609.31</cbc:TaxExclusiveAmount>',
      '>1609.32</cbc:TaxExclusiveAmount>',
    );
    expect(broken(readXml(xml))).toEqual(['BR-CO-13', 'BR-CO-15']);
    const other = invoiceUbl(reverseCharge()).replace('<cbc:Percent>0</cbc:Percent>', '<cbc:Percent>19</cbc:Percent>');
    expect(broken(readXml(other)).length).toBeGreaterThan(0);
  });

  it('has credits before tax as allowances, and purchased ones as the prepaid amount', () => {
    const root = file(reverseCharge());
    expect(
      all(root, 'AllowanceCharge').map((one) => [text(one, 'AllowanceChargeReason'), text(one, 'Amount')]),
    ).toEqual([
      ['Credit STARTUP-2026', '2500.00'],
      ['Credit OUTAGE-0917', '42.80'],
    ]);
    expect(text(file(domestic()), 'LegalMonetaryTotal/PrepaidAmount')).toBe('500.00');
  });

  it('uses a SEPA transfer in euros, otherwise a transfer, or a card with its last digits', () => {
    const means = (document: BillingDocument) => text(file(document), 'PaymentMeans/PaymentMeansCode');
    expect(means(domestic())).toBe('58');
    expect(means({ ...domestic(), currency: 'USD' })).toBe('30');
    expect(means(long())).toBe('54');
    expect(means({ ...long(), payment: { kind: 'credit_card', brand: 'Maestro', last4: '1111' } })).toBe('48');
    expect(text(file(long()), 'PaymentMeans/CardAccount/PrimaryAccountNumberID')).toBe('4242');
  });

  it('uses an order number as one, and anything else as the buyer’s reference', () => {
    const root = (extraText: string) => file({ ...domestic(), buyer: { ...BUYER, extraText } });
    expect(text(root('PO-2026-0815'), 'OrderReference/ID')).toBe('PO-2026-0815');
    expect(text(root('PO-2026-0815'), 'BuyerReference')).toBe('Platform');
    expect(text(root('Portfolio 7'), 'BuyerReference')).toBe('Portfolio 7');
    expect(text(root('Cost centre 4711'), 'BuyerReference')).toBe('Cost centre 4711');
    expect(text(root('a\nb'), 'BuyerReference')).toBe('Platform');
    expect(text(root('a\nb'), 'Note')).toContain('a\nb');
  });

  it('has both the buyer’s reference and the order number, whatever the invoice prints', () => {
    const references = { buyerReference: '04011000-1234512345-06', orderNumber: '4500012345' };
    const root = file({ ...domestic(), buyer: { ...BUYER, ...references, extraText: 'PO-2026-0815' } });
    expect(text(root, 'BuyerReference')).toBe('04011000-1234512345-06');
    expect(text(root, 'OrderReference/ID')).toBe('4500012345');
  });

  it('explains in a negative credit memo’s payment terms that it reverses a credit', () => {
    const corrects = { number: 'NW-1', issueDate: '2026-10-02' };
    const memo = (amount: string) =>
      documentOf([line('p', 'Compute', amount)], { kind: 'credit_memo', corrects, number: 'NW-CM-1' });
    const termsOf = (document: BillingDocument) => text(file(document), 'PaymentTerms/Note');
    const below = memo('-10.00');
    expect(below.total.isNegative()).toBe(true);
    expect(termsOf(below)).toBe(
      `This credit memo reverses the credit of EUR ${below.total.abs().toFixed(2)} on invoice NW-1. No payment is due.`,
    );
    expect(termsOf(memo('10.00'))).toBe('This amount is credited. No payment is due.');
    expect(termsOf(memo('0.00'))).toBe('No payment is due.');
  });

  it('always has payment means: for memos, for nothing to pay, for a card without digits', () => {
    const means = (document: BillingDocument) => text(file(document), 'PaymentMeans/PaymentMeansCode');
    const memo = { kind: 'credit_memo', corrects: { number: 'NW-1', issueDate: '2026-10-02' } } as const;
    expect(means({ ...domestic(), ...memo })).toBe('1');
    expect(means(documentOf([]))).toBe('1');
    const card = { ...domestic(), payment: { kind: 'credit_card', brand: 'Visa', last4: '' } } as const;
    expect(means(card)).toBe('1');
    expect(all(file(card), 'PaymentMeans/CardAccount')).toEqual([]);
  });

  it('states a rate of 0 between German parties outside the scope of VAT', () => {
    const root = file(documentOf(taxed([line('p', 'Compute', '7.00')], 'O')));
    expect(text(root, 'TaxTotal/TaxSubtotal/TaxCategory/Percent')).toBe('0');
    expect(text(root, 'InvoiceLine/Item/ClassifiedTaxCategory/Percent')).toBe('');
  });

  it('states the tax in the seller’s currency beside the invoice’s', () => {
    const root = file(long());
    expect(text(root, 'TaxCurrencyCode')).toBe('EUR');
    expect(all(root, 'TaxTotal').map((one) => all(one, 'TaxAmount')[0]?.attributes.currencyID)).toEqual(['USD', 'EUR']);
  });

  it('has a late line’s days as text, since they are outside the period', () => {
    const late = all(file(domestic()), 'InvoiceLine').find((one) => text(one, 'Item/Name').startsWith('Late cost'));
    expect(late && text(late, 'Note')).toBe('28–30 Sep 2026');
    expect(late && all(late, 'InvoicePeriod')).toEqual([]);
  });

  it('keeps any text except what XML can’t represent', () => {
    const name = '<&>"\' ]]> \u0000\u0008\uD800\uFFFE 株 😀';
    const root = file(documentOf([line(name, name, '1.00')], { buyer: { ...BUYER, company: name } }));
    const shown = '<&>"\' ]]>  株 😀';
    expect(text(root, 'AccountingCustomerParty/Party/PartyLegalEntity/RegistrationName')).toBe(shown);
    expect(text(root, 'InvoiceLine/Item/Name')).toBe(shown);
  });

  it('explains why no valid file can be created', () => {
    const document = {
      ...domestic(),
      currency: 'KWD',
      seller: { ...SELLER, countryCode: '', vatId: '', email: '' },
      buyer: { ...BUYER, countryCode: '', vatId: '', emails: [] },
    };
    expect(ublObstacles(document)).toHaveLength(7);
    expect(
      ublObstacles({ ...reverseCharge(), buyer: { ...BUYER, vatId: '', electronicAddress: '0204:04011000-1-06' } }),
    ).toEqual([expect.stringContaining('BR-AE-02')]);
  });
});
