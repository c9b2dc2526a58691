import {
  type NumberedKind,
  type Numbering,
  numberPrefix,
  placeOfNumber,
  seriesOf,
} from '../../billing/invoice/numbering.ts';
import { Refusal } from '../../billing/refusal.ts';
import { highestOf, numbersLike } from '../../store/invoicing/document-numbers.ts';
import type { Tx } from '../../store/kit/transaction.ts';

const KINDS: readonly NumberedKind[] = ['invoice', 'credit_memo'];

/**
 * Ensures that a number format doesn't repeat numbers of invoices or credit memos that were assigned with another
 * prefix, template or way of counting. Must be called for every such change. A series that is resumed continues where
 * it ended, and isn't a conflict.
 *
 * @throws {Refusal} `numbers_taken` with a number that was already used
 */
export async function assertNumbersFree(
  _tx: Tx,
  accountId: string,
  { numbering, invoicePrefix }: { readonly numbering: Numbering; readonly invoicePrefix: string },
  field: 'format' | 'invoicePrefix',
): Promise<void> {
  for (const kind of KINDS) {
    const number = await takenNumber(accountId, kind, numbering, invoicePrefix);
    if (number === undefined) continue;
    throw new Refusal('numbers_taken', { number }, { fields: [field] });
  }
}

/** A number that was already used and that the format's series would reach again. */
async function takenNumber(
  accountId: string,
  kind: NumberedKind,
  numbering: Numbering,
  invoicePrefix: string,
): Promise<string | undefined> {
  const { format, prefix } = numberPrefix(kind, numbering.format, invoicePrefix);
  const highest = new Map<string, number>();
  for (const number of await numbersLike(accountId, placeOfNumber(format, prefix).pattern)) {
    const place = placeOfNumber(format, prefix).read(number);
    if (!place) continue;
    const series = seriesOf(accountId, kind, numbering, place.year);
    const top = highest.get(series) ?? (await highestOf(accountId, kind, series));
    highest.set(series, top);
    if (place.seq > top) return number;
  }
  return undefined;
}
