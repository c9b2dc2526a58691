import type { BillingDocument } from '../document.ts';
import { layOut } from './flow.ts';
import { footers, headOf, previewBanners } from './head.ts';
import { bytesOf, kitOf } from './kit.ts';
import { linesOf } from './lines.ts';
import { totalsOf } from './totals.ts';

/**
 * An invoice or credit memo as a PDF for its buyer: A4, or Letter in countries that use it; with embedded font subsets;
 * tagged for screen readers. The same document gives the same bytes.
 *
 * @throws {Error} when the logo is neither PNG nor JPEG
 */
export function invoicePdf(document: BillingDocument): Promise<Buffer> {
  const kit = kitOf(document);
  layOut(kit, [...headOf(kit, document), ...linesOf(kit, document), ...totalsOf(kit, document)]);
  previewBanners(kit, document);
  footers(kit, document);
  return bytesOf(kit);
}
