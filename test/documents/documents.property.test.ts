import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { minorUnits } from '../../src/billing/money/currency.ts';
import { Decimal } from '../../src/billing/money/money.ts';
import type { BillingDocument, DocumentLine, TaxCategory } from '../../src/documents/document.ts';
import { figure } from '../../src/documents/document-words.ts';
import { documentJson } from '../../src/documents/json.ts';
import { invoicePdf } from '../../src/documents/pdf/invoice-pdf.ts';
import { invoiceUbl } from '../../src/documents/ubl/invoice-ubl.ts';
import { BUYER, documentOf, line } from './documents.ts';
import { readPdf } from './pdf/read-pdf.ts';
import { number, readXml } from './ubl/read-ubl.ts';
import { broken } from './ubl/rules.ts';

const RATES: readonly (readonly [TaxCategory, string])[] = [
  ['S', '19'],
  ['S', '7'],
  ['S', '5.5'],
  ['Z', '0'],
  ['E', '0'],
];
const TAXED_ALIKE: readonly (readonly [TaxCategory, string])[] = [
  ['AE', '0'],
  ['G', '0'],
  ['O', '0'],
];

const text = fc.string({ unit: 'grapheme', maxLength: 60 });

const lineOf = (currency: string, rates: readonly (readonly [TaxCategory, string])[]): fc.Arbitrary<DocumentLine> =>
  fc
    .record({
      project: fc.constantFrom('', 'web', 'data lake', 'שירות', '東京'),
      description: text,
      cents: fc.integer({ min: -1_000_000, max: 100_000_000 }),
      discount: fc.integer({ min: 0, max: 5000 }),
      lineType: fc.constantFrom('service_charge' as const, 'extra_charge' as const, 'credit_consumption' as const),
      rate: fc.constantFrom(...rates),
    })
    .map(({ project, description, cents, discount, lineType, rate: [taxCategory, rate] }) => {
      const unit = new Decimal(10).pow(-minorUnits(currency));
      const isCredit = lineType === 'credit_consumption';
      const total = new Decimal(isCredit ? -Math.abs(cents) : cents).times(unit);
      return line(isCredit ? '' : project, description, total.toFixed(), {
        lineType,
        taxCategory,
        taxRate: new Decimal(rate),
        preDiscount: isCredit ? total : total.plus(unit.times(discount)),
      });
    });

const documents: fc.Arbitrary<BillingDocument> = fc
  .record({
    currency: fc.constantFrom('EUR', 'USD', 'JPY', 'PLN'),
    rates: fc.constantFrom(RATES, ...TAXED_ALIKE.map((one) => [one])),
    kind: fc.constantFrom('invoice' as const, 'credit_memo' as const),
    name: text,
    paid: fc.integer({ min: 0, max: 100_000 }),
  })
  .chain(({ currency, rates, kind, name, paid }) =>
    fc.array(lineOf(currency, rates), { maxLength: 25 }).map((lines) =>
      documentOf(lines, {
        currency,
        kind,
        corrects: kind === 'invoice' ? null : { number: 'NW-1', issueDate: '2026-10-02' },
        buyer: { ...BUYER, company: `Ω ${name}`, extraText: name },
        prepaid:
          paid > 0 && kind === 'invoice'
            ? [{ code: 'P', amount: new Decimal(paid).times(new Decimal(10).pow(-minorUnits(currency))) }]
            : [],
      }),
    ),
  );

describe('any document', () => {
  it('has UBL that follows the rules, with the data’s totals', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const root = readXml(invoiceUbl(document));
        expect(broken(root)).toEqual([]);
        expect(number(root, 'LegalMonetaryTotal/TaxExclusiveAmount').equals(document.net)).toBe(true);
        expect(number(root, 'LegalMonetaryTotal/TaxInclusiveAmount').equals(document.total)).toBe(true);
        expect(number(root, 'TaxTotal/TaxAmount').equals(document.tax)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('has JSON with the data’s totals', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const parsed: Record<string, string> = JSON.parse(documentJson(document));
        expect(new Decimal(parsed.total_inc_vat ?? '').equals(document.total)).toBe(true);
        expect(new Decimal(parsed.amount_due ?? '').equals(document.amountDue)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('has a PDF with the totals and each line, within its margins, and the same bytes again', async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (document) => {
        const bytes = await invoicePdf(document);
        expect((await invoicePdf(document)).equals(bytes)).toBe(true);
        const { pages, text: words } = await readPdf(bytes);
        const { net, tax, total, amountDue, lines, currency } = document;
        for (const amount of [net, tax, total, amountDue, ...lines.map((one) => one.total)]) {
          expect(words).toContain(figure(amount, currency));
        }
        for (const { items, size } of pages) for (const { right } of items) expect(right).toBeLessThan(size[0] - 40);
      }),
      { numRuns: 12 },
    );
  });
});
