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
 * Makes sure that a way of numbering gives no number, to an invoice or a credit memo, that either has had before: by
 * another prefix, another template or another way of counting. Every change of one of
 * these. A series that is taken up again goes on where it ended, and is no obstacle.
 *
 * @throws {Refusal} `numbers_taken` with a number that was given before
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

/** A number that was given before and that is still ahead in its series by this way of numbering. */
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
