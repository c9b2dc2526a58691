import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../../../src/billing/money/money.ts';
import type { BillingDocument } from '../../../src/documents/document.ts';
import { figure } from '../../../src/documents/document-words.ts';
import { invoicePdf } from '../../../src/documents/pdf/invoice-pdf.ts';
import { BUYER, documentOf, line, SELLER } from '../documents.ts';
import { domestic, long, reverseCharge, yen } from '../samples.ts';
import { type ReadPage, readPdf } from './read-pdf.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const read = async (document: BillingDocument) => readPdf(await invoicePdf(document));
/** Without spaces: a wrapped line is the same text. */
const packed = (text: string) => text.replace(/\s+/g, '');

describe('the PDF of an invoice', () => {
  it.each([
    ['domestic', domestic],
    ['reverse charge', reverseCharge],
    ['long', long],
    ['yen', yen],
  ])('is the same bytes each time: %s', async (_, sample) => {
    const first = await invoicePdf(sample());
    await invoicePdf(yen());
    expect((await invoicePdf(sample())).equals(first)).toBe(true);
  });

  it.each([
    ['domestic', domestic],
    ['reverse charge', reverseCharge],
    ['long', long],
    ['yen', yen],
  ])('has every figure and name in its data: %s', async (_, sample) => {
    const document = sample();
    const { text } = await read(document);
    const { currency, net, tax, total, amountDue } = document;
    const figures = [net, tax, total, amountDue, ...document.lines.map((one) => one.total)];
    for (const amount of figures) expect(text).toContain(figure(amount, currency));
    for (const { base, amount } of document.taxes) {
      expect(text).toContain(figure(base, currency));
      expect(text).toContain(figure(amount, currency));
    }
    const names = [document.number, document.seller.legalName, document.buyer.company, document.buyer.city];
    for (const name of names) expect(packed(text)).toContain(packed(name));
  });

  it('explains how to pay, with the account number in groups of four', async () => {
    const { text } = await read(domestic());
    expect(packed(text)).toContain(packed('Please transfer EUR 1,415.08 by 16 November 2026'));
    for (const words of ['DE89 3704 0044 0532 0130 00', 'COBADEFFXXX', 'Purchased credit PREPAID-26']) {
      expect(text).toContain(words);
    }
  });

  it('explains why there is no tax, and lists exchange rates with their day and source', async () => {
    expect(packed((await read(reverseCharge())).text)).toContain(
      packed('Reverse charge: the recipient is liable for the VAT'),
    );
    const { text } = await read(long());
    expect(text).toContain('1 EUR = 1.0834 USD (ECB, 30 October 2026)');
    expect(text).toContain('20,158.43');
    expect(packed(text)).toContain(packed('Visa ending in 4242'));
  });

  it('asks for no payment when nothing is due, and then shows no bank details', async () => {
    const { text } = await read(documentOf([]));
    expect(text).toContain('Nothing to pay.');
    expect(text).toContain('No costs in this period');
    expect(text).not.toContain('IBAN');
  });

  it('is Letter for a buyer in the United States, A4 for one in Germany', async () => {
    const [german, american] = [await read(domestic()), await read(long())];
    expect(german.pages[0]?.size.map(Math.round)).toEqual([595, 842]);
    expect(american.pages[0]?.size).toEqual([612, 792]);
  });

  it('numbers its pages and repeats the table header on each page with lines', async () => {
    const { pages } = await read(long());
    expect(pages.length).toBeGreaterThan(2);
    for (const [at, page] of pages.entries()) {
      expect(page.text).toContain(`${at + 1} / ${pages.length}`);
      if (page.text.includes('1–31 Oct 2026') && at > 0) expect(page.text.startsWith('DescriptionPeriod')).toBe(true);
    }
  });

  it('never leaves a project’s heading alone at the bottom of a page', async () => {
    for (let first = 1; first <= 3; first += 1) {
      const lines = Array.from({ length: 60 }, (_, at) => {
        const team = `team-${String(Math.max(0, at - first)).padStart(2, '0')}`;
        return line(team, 'Compute', '1.00', { projectLabel: at % 4 === first % 4 ? `label of ${team}` : null });
      });
      const { pages } = await read(documentOf(lines));
      for (const { text } of pages) {
        const body = text.slice(0, text.search(/Northwind Cloud GmbH · VAT/));
        expect(body).not.toMatch(/team-\d\d(label of team-\d\d)?Subtotal[\d.]+$/);
      }
    }
  });

  it('right-aligns amounts', async () => {
    const [page] = (await read(domestic())).pages;
    const edges = rightEdges(page, /^-?[\d,]+\.\d\d$/, 400);
    expect(edges.length).toBeGreaterThan(8);
    // the edges of the lines and totals, and of the tax table's two columns
    expect(new Set(edges.map((edge) => Math.round(edge))).size).toBeLessThanOrEqual(2);
  });

  it('is tagged, with a title, headings, tables with header rows, and alternative text', async () => {
    const { isTagged, pages, info } = await read({ ...domestic(), seller: { ...SELLER, logo: PNG } });
    expect(isTagged).toBe(true);
    const tags = new Set(pages.flatMap((page) => page.tags));
    for (const tag of ['Document', 'H1', 'H2', 'P', 'Table', 'TR', 'TH', 'TD', 'Figure']) expect(tags).toContain(tag);
    expect(info).toMatchObject({ Title: 'Invoice NW-2026-00042', Author: 'Northwind Cloud GmbH', Language: 'en' });
    expect(String(info.CreationDate)).toContain('20261102');
  });

  it('identifies a credit memo, with the invoice that it corrects', async () => {
    const { text } = await read(
      documentOf([line('web-shop', 'Compute', '100.00')], {
        kind: 'credit_memo',
        number: 'NW-CM-7',
        corrects: { number: 'NW-2026-00042', issueDate: '2026-11-02' },
      }),
    );
    for (const words of ['Credit memo', 'NW-CM-7', 'NW-2026-00042', '2 November 2026', '119.00', 'Credited to you']) {
      expect(text).toContain(words);
    }
    expect(text).not.toContain('IBAN');
  });

  const memo = {
    kind: 'credit_memo',
    number: 'NW-CM-7',
    corrects: { number: 'NW-2026-00042', issueDate: '2026-11-02' },
  } as const;

  it('explains a credit memo’s effect: reduces an invoice, reverses a credit, or changes no amount', async () => {
    const words = async (total: string, over: Partial<BillingDocument> = {}) => {
      const document = documentOf([line('web-shop', 'Compute', total)], memo);
      return packed((await read({ ...document, amountDue: document.total, note: 'Wrong price', ...over })).text);
    };
    expect(await words('100.00')).toContain(packed('This credit memo reduces invoice NW-2026-00042 by EUR 119.00.'));
    const reversed = await words('-60.00');
    expect(reversed).toContain(packed('This credit memo reverses the credit of EUR 71.40 on invoice NW-2026-00042.'));
    expect(reversed).toContain(packed('Credit reversed'));
    expect(await words('0.00')).toContain(packed('corrects invoice NW-2026-00042 without changing its total.'));
    const settlement = { offset: new Decimal('100'), refund: new Decimal('19'), returned: new Decimal('0') };
    const settled = await words('100.00', {
      settlement,
      payment: { kind: 'credit_card', brand: 'Visa', last4: '4242' },
    });
    expect(settled).toContain(packed('EUR 100.00 is deducted from the amount due on invoice NW-2026-00042.'));
    expect(settled).toContain(packed('EUR 19.00 is refunded to your Visa ending in 4242.'));
    expect(settled).not.toContain(packed('returned to your credits'));
    for (const text of [reversed, settled]) expect(text).not.toContain(packed('takes back EUR 0.00'));
  });

  it('shows a discount note without an amount', async () => {
    const note = line('', '', '0.00', {
      lineType: 'multiplier',
      description: 'Volume discount (10%), on all costs: EUR -617.00',
      records: 0,
    });
    const { pages } = await read(
      documentOf([line('p', 'Compute', '5553.00', { preDiscount: new Decimal('6170.00') }), note]),
    );
    const items = pages.flatMap((page) => page.items);
    const at = items.find(({ text }) => text.startsWith('Volume discount'));
    expect(items.filter(({ y, text }) => y === at?.y && /\d\.\d\d$/.test(text) && !text.includes('EUR'))).toEqual([]);
  });

  it.each([
    ['without a space', 'x'.repeat(400)],
    ['from right to left', 'شركة البيانات السحابية (Cloud) 2026 שירותי ענן'],
    ['with joined emoji', '👩‍👩‍👧‍👦🏳️‍🌈👍🏽'.repeat(20)],
    ['in scripts without a font', '\u{1F8FF}\u{E000}ᚠ\u{12000}\uD800 ok'],
    ['with control characters', 'a\u0000b\u0007\tc\r\nd\u202Ee'],
    ['with only spaces', '   '],
  ])('keeps its layout with a name %s', async (_, name) => {
    const document = documentOf([line(name, name, '12.50', { description: name })], {
      buyer: { ...BUYER, company: name, groupName: name, addressLines: [name], city: name, extraText: name },
      seller: { ...SELLER, legalName: name },
    });
    const { pages, text } = await read(document);
    expect(text).toContain('14.88');
    for (const { items, size } of pages) {
      for (const { x, right } of items) {
        expect(x).toBeGreaterThan(40);
        expect(right).toBeLessThan(size[0] - 40);
      }
    }
  });

  it('accepts an invalid color, and one too pale to read', async () => {
    const first = await invoicePdf({ ...domestic(), seller: { ...SELLER, color: 'red; drop' } });
    expect(first.equals(await invoicePdf(domestic()))).toBe(true);
    expect((await read({ ...domestic(), seller: { ...SELLER, color: '#FFFF00' } })).text).toContain('Invoice');
  });

  it('shows all three decimals of an amount', async () => {
    const { text } = await read(
      documentOf([line('p', 'Compute', '1234567.891')], { currency: 'KWD', amountDue: new Decimal('1469135.790') }),
    );
    expect(text).toContain('1,234,567.891');
    expect(text).toContain('1,469,135.790');
  });
});

function rightEdges(page: ReadPage | undefined, pattern: RegExp, from: number): number[] {
  return (page?.items ?? []).filter(({ text, right }) => pattern.test(text) && right > from).map(({ right }) => right);
}
