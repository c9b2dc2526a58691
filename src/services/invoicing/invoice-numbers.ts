import {
  DEFAULT_NUMBERING,
  formatNumber,
  type NumberedKind,
  numberPrefix,
  seriesOf,
} from '../../billing/invoice/numbering.ts';
import { dayIn } from '../../billing/period/day.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { isDuplicateKey } from '../../store/kit/transaction.ts';
import { highestOf } from './numbers-taken.ts';

/** How often a number is tried again that another was quicker to take. */
const NUMBER_TRIES = 1000;

/** A place in a series, and the number that it makes. */
export interface DrawnNumber {
  readonly series: string;
  readonly seq: number;
  readonly number: string;
}

/** Where numbers of one kind are kept. */
export interface NumberStore {
  /** Gives the number to the draft, unless it has one. @throws a duplicate key when the place is taken */
  take(drawn: DrawnNumber): Promise<void>;
  /** Whether the draft has its number. */
  isDone(): Promise<boolean>;
  /** Whether the account has given this number, in another place. */
  isTaken(drawn: DrawnNumber): Promise<boolean>;
}

/**
 * Gives a draft the next number of its series: the highest there is and one, in one write under the unique index on
 * (series, seq). Whoever loses the race tries the next. Nothing is held while it runs, so a kill leaves no gap and makes
 * nobody wait. A yearly series is that of the year in which the draft was frozen, by the account's clock.
 *
 * Changes of the format are refused where numbers would be given twice (numbers-taken.ts). Should one have been given all
 * the same, such as by an earlier version, its place is passed over: nothing that is to be issued waits for a person.
 */
export async function drawNumber(
  account: AccountDoc,
  kind: NumberedKind,
  frozenAt: Date,
  store: NumberStore,
): Promise<void> {
  const numbering = account.numbering ?? DEFAULT_NUMBERING;
  const year = Number(dayIn(frozenAt, account.timeZone).slice(0, 4));
  const series = seriesOf(account._id, kind, numbering, year);
  const { format, prefix } = numberPrefix(kind, numbering.format, account.invoicePrefix);
  let passedOver = 0;
  for (let tries = 0; tries < NUMBER_TRIES; tries++) {
    if (await store.isDone()) return;
    const seq = Math.max(passedOver, await highestOf(kind, series)) + 1;
    const drawn = { series, seq, number: formatNumber(format, { prefix, year, seq }) };
    try {
      await store.take(drawn);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      if (await store.isTaken(drawn)) {
        passedOver = seq;
        tries -= 1;
      }
    }
  }
  throw new Error(`No number could be drawn in ${NUMBER_TRIES} tries`);
}
