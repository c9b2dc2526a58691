import {
  DEFAULT_NUMBERING,
  formatNumber,
  type NumberedKind,
  numberPrefix,
  seriesOf,
} from '../../billing/invoice/numbering.ts';
import { dayIn } from '../../billing/period/day.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { hasNumber, highestOf, isNumberTaken, takeNumber } from '../../store/invoicing/document-numbers.ts';
import { isDuplicateKey } from '../../store/kit/transaction.ts';

/** How many times numbering is retried if another process takes the number first. */
const NUMBER_TRIES = 1000;

/** A frozen invoice or credit memo that needs a number. */
export interface NumberedDraft {
  readonly kind: NumberedKind;
  readonly id: string;
  readonly frozenAt: Date;
}

/**
 * Gives a draft the next number of its series: the highest one plus one, in a single write protected by the unique
 * index on (series, seq). If another process is quicker, the next number is tried. Nothing is locked, so a kill leaves
 * no gap and blocks nobody. A yearly series is that of the year in which the draft was frozen, in the account's time
 * zone.
 *
 * Changes of the format are rejected if they would repeat numbers (numbers-taken.ts). If a number was used anyway, for
 * example by an earlier version, its position is skipped, so that nothing waits for a person.
 */
export async function drawNumber(account: AccountDoc, { kind, id, frozenAt }: NumberedDraft): Promise<void> {
  const accountId = account._id;
  const { series, year, format, prefix } = seriesFor(account, kind, frozenAt);
  let passedOver = 0;
  for (let tries = 0; tries < NUMBER_TRIES; tries++) {
    if (await hasNumber(accountId, kind, id)) return;
    const seq = Math.max(passedOver, await highestOf(accountId, kind, series)) + 1;
    const drawn = { series, seq, number: formatNumber(format, { prefix, year, seq }) };
    try {
      await takeNumber(accountId, kind, id, drawn);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      if (await isNumberTaken(accountId, kind, drawn)) {
        passedOver = seq;
        tries -= 1;
      }
    }
  }
  throw new Error(`No invoice number could be assigned in ${NUMBER_TRIES} attempts`);
}

/** The number that the next invoice or credit memo gets if it is frozen at an instant. Doesn't reserve it. */
export async function nextNumber(account: AccountDoc, kind: NumberedKind, at: Date): Promise<string> {
  const { series, year, format, prefix } = seriesFor(account, kind, at);
  const seq = (await highestOf(account._id, kind, series)) + 1;
  return formatNumber(format, { prefix, year, seq });
}

/** The series of a draft frozen at an instant, and the format of its numbers. */
function seriesFor(account: AccountDoc, kind: NumberedKind, frozenAt: Date) {
  const numbering = account.numbering ?? DEFAULT_NUMBERING;
  const year = Number(dayIn(frozenAt, account.timeZone).slice(0, 4));
  const series = seriesOf(account._id, kind, numbering, year);
  return { series, year, ...numberPrefix(kind, numbering.format, account.invoicePrefix) };
}
