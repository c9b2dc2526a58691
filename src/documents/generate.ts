import type { BillingDocument } from './document.ts';
import { documentJson } from './json.ts';
import { invoicePdf } from './pdf/invoice-pdf.ts';
import { invoiceUbl } from './ubl/invoice-ubl.ts';
import { ublObstacles } from './ubl/obstacles.ts';

/** The formats of a whole document. CSV is streamed line by line instead. */
export type WholeFormat = 'pdf' | 'json' | 'xml';

/** A document's bytes, or sentences that say what it lacks for an electronic invoice. */
export type Generated =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'incomplete'; readonly obstacles: readonly string[] };

/**
 * The version of layouts and wording. Documents stored with another version are generated again: increase it only when
 * documents that have been issued must change.
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
