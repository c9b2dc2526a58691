import type { BillingDocument } from './document.ts';
import { documentJson } from './json.ts';
import { invoicePdf } from './pdf/invoice-pdf.ts';
import { invoiceUbl } from './ubl/invoice-ubl.ts';
import { ublObstacles } from './ubl/obstacles.ts';

/** The forms that show a document whole. CSV is streamed line by line instead. */
export type WholeFormat = 'pdf' | 'json' | 'xml';

/** The bytes of a document, or what it lacks for an electronic invoice, in sentences. */
export type Generated =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'incomplete'; readonly obstacles: readonly string[] };

/**
 * Which generation of layouts and wording this is. Documents stored under another generation are generated again: raise
 * it only when documents that were already issued must change.
 */
export const GENERATION = 1;

/** Generates a document. Pure: the same document gives the same bytes in any thread and process. */
export async function generate(document: BillingDocument, format: WholeFormat): Promise<Generated> {
  switch (format) {
    case 'pdf':
      return { kind: 'bytes', bytes: await invoicePdf(document) };
    case 'json':
      return { kind: 'bytes', bytes: Buffer.from(documentJson(document)) };
    case 'xml': {
      const obstacles = ublObstacles(document);
      if (obstacles.length > 0) return { kind: 'incomplete', obstacles };
      return { kind: 'bytes', bytes: Buffer.from(invoiceUbl(document)) };
    }
  }
}
