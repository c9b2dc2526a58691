import PDFDocument from 'pdfkit';
import type { BillingDocument } from '../document.ts';
import { fullTitle, PREVIEW_BANNER } from '../document-words.ts';
import { type Face, fontBytes, fontName, type Han, hanOf, type Weight } from './fonts.ts';
import { accentOf, readable } from './look.ts';
import { MARGIN, paperOf } from './paper.ts';

export type Pdf = PDFKit.PDFDocument;
export type Element = PDFKit.PDFStructureElement;

/** A PDF under construction: the paper, its colors and fonts. */
export interface Kit {
  readonly pdf: Pdf;
  /** The root element of the document structure. */
  readonly root: Element;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  /** For bars and lines, and for text. */
  readonly accent: string;
  readonly accentInk: string;
  /** Sets the font for the next drawing or measuring. */
  readonly use: (face: Face, weight: Weight, size: number) => void;
  readonly hanFor: (text: string) => Han;
}

/**
 * An empty, tagged PDF with a fixed date and ID, and a first page. Values that the library would take from the clock
 * are set to the day of issue.
 */
export function kitOf(document: BillingDocument): Kit {
  const { seller, buyer } = document;
  const issued = new Date(`${document.issueDate}T00:00:00Z`);
  const size = paperOf(buyer.countryCode || seller.countryCode);
  const pdf = new PDFDocument({
    size,
    margins: { left: 0, right: 0, top: 0, bottom: 0 },
    bufferPages: true,
    tagged: true,
    lang: 'en',
    displayTitle: true,
    pdfVersion: '1.7',
    font: '',
    info: {
      Title: document.isPreview ? PREVIEW_BANNER : fullTitle(document),
      Author: seller.legalName,
      CreationDate: issued,
      ModDate: issued,
    },
  });
  const root = pdf.struct('Document');
  pdf.addStructure(root);
  const { width, height } = pdf.page;
  const known = new Set<string>();
  const accent = accentOf(seller.color);
  return {
    pdf,
    root,
    left: MARGIN.side,
    right: width - MARGIN.side,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
    width: width - 2 * MARGIN.side,
    accent,
    accentInk: readable(accent),
    use(face, weight, points) {
      const name = fontName(face, weight);
      if (!known.has(name)) pdf.registerFont(name, fontBytes(face, weight));
      known.add(name);
      pdf.font(name).fontSize(points);
    },
    hanFor: (text) => hanOf(text, buyer.countryCode),
  };
}

/** The PDF's bytes, once everything is drawn. */
export function bytesOf({ pdf, root }: Kit): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    pdf.on('data', (piece: Buffer) => pieces.push(piece));
    pdf.on('end', () => resolve(Buffer.concat(pieces)));
    pdf.on('error', reject);
    root.end();
    pdf.end();
  });
}
