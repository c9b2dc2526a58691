import { countryName } from '../../billing/group/country.ts';
import { type Decimal, formatMoney } from '../../billing/money/money.ts';
import { labeledFields } from '../buyer-fields.ts';
import type { BillingDocument } from '../document.ts';
import { dayName, fullTitle, PREVIEW_BANNER, spanName, titleOf } from '../document-words.ts';
import type { Block, Part } from './flow.ts';
import type { Element, Kit } from './kit.ts';
import { BODY, COLORS, LABEL, LARGE, SMALL, STRONG, type Style, TITLE } from './look.ts';
import { type Align, band, drawLine, lineHeight, ornament, wrap } from './text.ts';

interface Paragraph {
  readonly text: string;
  readonly style: Style;
}

const LOGO = { width: 170, height: 46 } as const;
const BAR = 4;
const BANNER: Style = { ...STRONG, size: 11, color: COLORS.paper };
const GAP = 18;
const FACT_NAME = 62;
/** A reference of a thousand letters is shown in full below the addresses. */
const REFERENCE_LINES = 20;

/** The top of the first page: seller, buyer, number, dates, and the amount due. */
export function headOf(kit: Kit, document: BillingDocument): Part[] {
  return [
    { space: 0, blocks: [masthead(kit, document)] },
    { space: 16, blocks: [parties(kit, document)] },
    ...(document.buyer.extraText.trim() === '' || isShort(document.buyer.extraText)
      ? []
      : [{ space: 10, blocks: [reference(kit, document)] }]),
    { space: 14, blocks: [callout(kit, document)] },
  ];
}

function masthead(kit: Kit, document: BillingDocument): Block {
  const { seller } = document;
  const half = (kit.width - GAP) / 2;
  const name: Paragraph[] = [{ text: seller.legalName, style: { ...LARGE, color: kit.accentInk } }];
  const title: Paragraph[] = [{ text: titleOf(document), style: { ...TITLE, color: kit.accentInk } }];
  const number: Paragraph[] = [{ text: document.number, style: { ...BODY, size: 11 } }];
  const titles = heightOf(kit, title, half) + heightOf(kit, number, half);
  const height = BAR + 14 + Math.max(titles, seller.logo ? LOGO.height : heightOf(kit, name, half));
  const draw = (y: number) => {
    band(kit, 0, 0, kit.pdf.page.width, BAR, kit.accent);
    const top = y + BAR;
    if (document.isPreview) {
      const { x, y: bannerTop, width, align } = drawBanner(kit);
      say(kit, 'P', [{ text: PREVIEW_BANNER, style: BANNER }], x, bannerTop, width, align);
    }
    if (seller.logo) drawLogo(kit, seller.logo, seller.legalName, top);
    else say(kit, 'P', name, kit.left, top, half);
    const x = kit.left + half + GAP;
    say(kit, 'H1', title, x, top, half, 'right');
    say(kit, 'P', number, x, top + heightOf(kit, title, half), half, 'right');
  };
  return { height, draw };
}

function drawLogo(kit: Kit, logo: Uint8Array, name: string, y: number): void {
  const figure = kit.pdf.struct('Figure', { alt: `Logo of ${name}` }, () => {
    kit.pdf.image(Buffer.from(logo), kit.left, y, { fit: [LOGO.width, LOGO.height], valign: 'center' });
  });
  kit.root.add(figure);
  figure.end();
}

function parties(kit: Kit, document: BillingDocument): Block {
  const width = (kit.width - 2 * GAP) / 3;
  const columns = [
    { title: document.kind === 'invoice' ? 'Bill to' : 'For', paragraphs: buyerLines(document) },
    { title: 'From', paragraphs: sellerLines(document) },
  ];
  const label = lineHeight(LABEL) + 2;
  const right = kit.left + 2 * (width + GAP);
  const draw = (y: number) => {
    for (const [at, { title, paragraphs }] of columns.entries()) {
      const x = kit.left + at * (width + GAP);
      say(kit, 'H2', [{ text: title, style: LABEL }], x, y, width);
      say(kit, 'P', paragraphs, x, y + label, width);
    }
    say(kit, 'H2', [{ text: 'Details', style: LABEL }], right, y, width);
    drawFacts(kit, document, right, y + label, width);
  };
  const heights = columns.map(({ paragraphs }) => heightOf(kit, paragraphs, width));
  return { height: label + Math.max(...heights, factsHeight(kit, document, width - FACT_NAME)), draw };
}

function buyerLines({ buyer }: BillingDocument): Paragraph[] {
  const name = buyer.company || buyer.groupName;
  const place = [[buyer.zipCode, buyer.city].filter(Boolean).join(' '), buyer.state].filter(Boolean).join(', ');
  return [
    { text: name, style: STRONG },
    ...plain([...buyer.addressLines, place, buyer.countryCode && countryName(buyer.countryCode)]),
    ...plain([buyer.vatId && `VAT ID ${buyer.vatId}`]),
    ...(buyer.company && buyer.company !== buyer.groupName ? [{ text: buyer.groupName, style: SMALL }] : []),
  ];
}

function sellerLines({ seller }: BillingDocument): Paragraph[] {
  const place = [seller.zipCode, seller.city].filter(Boolean).join(' ');
  return [
    { text: seller.legalName, style: STRONG },
    ...plain([...seller.addressLines, place, seller.countryCode && countryName(seller.countryCode)]),
    ...plain([
      seller.vatId && `VAT ID ${seller.vatId}`,
      seller.taxNumber ? `Tax number ${seller.taxNumber}` : '',
      seller.email,
    ]),
  ];
}

/** Names and values, side by side. */
function facts(document: BillingDocument): [string, string][] {
  const { kind, dueDate, corrects, buyer, isPreview } = document;
  return [
    ...(isPreview ? [] : [['Number', document.number] satisfies [string, string]]),
    [isPreview ? 'As of' : 'Date of issue', dayName(document.issueDate)],
    ...(corrects ? [['Corrects', corrects.number] satisfies [string, string]] : []),
    ...(corrects ? [['issued on', dayName(corrects.issueDate)] satisfies [string, string]] : []),
    ...(dueDate && kind === 'invoice' && !isPreview ? [['Due', dayName(dueDate)] satisfies [string, string]] : []),
    ['Period', spanName(document.periodBegin, document.periodEnd)],
    ...(isShort(buyer.extraText) ? [['Your reference', buyer.extraText.trim()] satisfies [string, string]] : []),
    ...labeledFields(buyer, 'pdf').map(({ label, text }): [string, string] => [label, text]),
  ];
}

function factsHeight(kit: Kit, document: BillingDocument, width: number): number {
  return facts(document).reduce((sum, [, value]) => sum + heightOf(kit, [{ text: value, style: BODY }], width), 0);
}

function drawFacts(kit: Kit, document: BillingDocument, x: number, top: number, width: number): void {
  let y = top;
  for (const [name, value] of facts(document)) {
    const paragraphs = [{ text: value, style: BODY }];
    say(kit, 'P', [{ text: name, style: SMALL }], x, y + (lineHeight(BODY) - lineHeight(SMALL)) / 2, FACT_NAME);
    say(kit, 'P', paragraphs, x + FACT_NAME, y, width - FACT_NAME);
    y += heightOf(kit, paragraphs, width - FACT_NAME);
  }
}

function isShort(extraText: string): boolean {
  const text = extraText.trim();
  return text !== '' && text.length <= 40 && !text.includes('\n');
}

function reference(kit: Kit, { buyer }: BillingDocument): Block {
  const label: Paragraph[] = [{ text: 'Your reference', style: LABEL }];
  const words: Paragraph[] = buyer.extraText.split(/\r?\n/).map((text) => ({ text, style: BODY }));
  const draw = (y: number) => {
    say(kit, 'H2', label, kit.left, y, kit.width);
    say(kit, 'P', words, kit.left, y + lineHeight(LABEL) + 2, kit.width);
  };
  return { height: lineHeight(LABEL) + 2 + heightOf(kit, words, kit.width), draw };
}

/** The most important amount. */
function callout(kit: Kit, document: BillingDocument): Block {
  const [label, amount] = [dueLabel(document), formatMoney(shownDue(document), document.currency)];
  const padding = 7;
  const big: Style = { ...LARGE, size: 16, color: kit.accentInk };
  const height = lineHeight(big) + 2 * padding;
  const draw = (y: number) => {
    band(kit, kit.left, y, kit.width, height, COLORS.band);
    band(kit, kit.left, y, 3, height, kit.accent);
    const half = kit.width / 2 - 14;
    say(
      kit,
      'P',
      [{ text: label, style: BODY }],
      kit.left + 14,
      y + padding + (lineHeight(big) - lineHeight(BODY)) / 2,
      half,
    );
    say(kit, 'P', [{ text: amount, style: big }], kit.left + kit.width / 2, y + padding, half, 'right');
  };
  return { height, draw };
}

/** The amount at the end of a document: for a reversed credit, the reversed amount. */
export function shownDue({ kind, amountDue }: BillingDocument): Decimal {
  return kind === 'credit_memo' ? amountDue.abs() : amountDue;
}

/** The label of the amount at the end of the document. */
export function dueLabel({ kind, isPreview, amountDue, dueDate, payment }: BillingDocument): string {
  if (isPreview) return 'Amount due if issued now';
  if (kind === 'credit_memo') return creditLabel(amountDue);
  if (payment.kind === 'none' || amountDue.lte(0) || dueDate === null) return 'Amount due';
  return payment.kind === 'credit_card' ? 'Amount charged to your card' : `Amount due by ${dayName(dueDate)}`;
}

/** The label of a credit memo's total. A negative total takes back what its invoice credited. */
export function creditLabel(total: Decimal): string {
  return total.isNegative() && !total.isZero() ? 'Credit reversed' : 'Credited to you';
}

/** A paragraph of the document structure, with each text wrapped to the width. */
export function say(
  kit: Kit,
  tag: string,
  paragraphs: readonly Paragraph[],
  x: number,
  top: number,
  width: number,
  align: Align = 'left',
): void {
  const element: Element = kit.pdf.struct(tag, {}, () => {
    let y = top;
    for (const { text, style } of paragraphs) {
      for (const line of wrap(kit, text, style, width, REFERENCE_LINES)) {
        drawLine(kit, line, style, { x, y, width, align });
        y += lineHeight(style);
      }
    }
  });
  kit.root.add(element);
  element.end();
}

export function heightOf(kit: Kit, paragraphs: readonly Paragraph[], width: number): number {
  return paragraphs.reduce(
    (sum, { text, style }) => sum + wrap(kit, text, style, width, REFERENCE_LINES).length * lineHeight(style),
    0,
  );
}

/**
 * A banner above everything else on each page of a preview, so that no page can be taken for an invoice's. On the first
 * page it is part of the header for screen readers, which skip the others.
 */
export function previewBanners(kit: Kit, { isPreview }: BillingDocument): void {
  if (!isPreview) return;
  const { count } = kit.pdf.bufferedPageRange();
  for (let page = 1; page < count; page++) {
    kit.pdf.switchToPage(page);
    const at = drawBanner(kit);
    ornament(kit, () => drawLine(kit, PREVIEW_BANNER, BANNER, at), 'Pagination');
  }
}

/** Draws the banner's background. @returns where its text goes */
function drawBanner(kit: Kit) {
  const [top, height] = [BAR + 8, 20];
  band(kit, kit.left, top, kit.width, height, COLORS.warning);
  return { x: kit.left, y: top + (height - lineHeight(BANNER)) / 2, width: kit.width, align: 'center' } as const;
}

/** Footers on every page, with the document, the seller and the page number. */
export function footers(kit: Kit, document: BillingDocument): void {
  const { count } = kit.pdf.bufferedPageRange();
  const { seller } = document;
  const words = [seller.legalName, seller.vatId && `VAT ID ${seller.vatId}`].filter(Boolean).join(' · ');
  for (let page = 0; page < count; page++) {
    kit.pdf.switchToPage(page);
    const y = kit.pdf.page.height - 38;
    ornament(
      kit,
      () => {
        const line = wrap(kit, words, SMALL, kit.width / 2 - GAP, 1)[0] ?? '';
        drawLine(kit, line, SMALL, { x: kit.left, y, width: kit.width / 2 });
        const place = `${fullTitle(document)}   ${page + 1} / ${count}`;
        drawLine(kit, place, SMALL, { x: kit.left, y, width: kit.width, align: 'right' });
      },
      'Pagination',
    );
  }
}

function plain(texts: readonly string[]): Paragraph[] {
  return texts.filter((text) => text.trim() !== '').map((text) => ({ text, style: BODY }));
}
