import {
  DEFAULT_NUMBERING,
  formatNumber,
  type NumberedKind,
  numberPrefix,
  seriesOf,
} from '../../billing/invoice/numbering.ts';
import { dayIn } from '../../billing/period/day.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import {
  type DrawnNumber,
  draftsWithoutNumber,
  highestOf,
  isNumberTaken,
  takeNumber,
  takeNumbers,
} from '../../store/invoicing/document-numbers.ts';
import { inTransaction, isDuplicateKey } from '../../store/kit/transaction.ts';

/** How many times numbering is retried if another process takes the number first. */
const NUMBER_TRIES = 1000;

/** A frozen invoice or credit memo that needs a number. */
export interface NumberedDraft {
  readonly kind: NumberedKind;
  readonly id: string;
  readonly frozenAt: Date;
}

/**
 * Gives drafts the next numbers of their series, in their order: the highest one plus one, protected by the unique
 * index on (series, seq). Invoices get theirs in one transaction, so that a kill leaves no gap. Where that isn't
 * possible, each gets its number in a single write; if another process is quicker, the next number is tried. Nothing is
 * locked, and nobody is blocked. A yearly series is that of the year in which the draft was frozen, in the account's
 * time zone. A draft that has a number keeps it.
 *
 * Changes of the format are rejected if they would repeat numbers (numbers-taken.ts). If a number was used anyway, for
 * example by an earlier version, its position is skipped, so that nothing waits for a person.
 */
export async function drawNumbers(account: AccountDoc, drafts: readonly NumberedDraft[]): Promise<void> {
  if (drafts.length > 1 && drafts.every(({ kind }) => kind === 'invoice') && (await drawTogether(account, drafts)))
    return;
  // positions that are known to be used: a number is never returned
  const used = new Map<string, number>();
  for (const draft of drafts) await drawNumber(account, draft, used);
}

/** @returns whether all have numbers now: false if another process was quicker again and again, or a number is used */
async function drawTogether(account: AccountDoc, drafts: readonly NumberedDraft[]): Promise<boolean> {
  const accountId = account._id;
  try {
    await inTransaction(async (tx) => {
      const ids = drafts.map(({ id }) => id);
      const waiting = new Set(await draftsWithoutNumber(accountId, ids));
      const highest = new Map<string, number>();
      const drawn = new Map<string, DrawnNumber>();
      for (const { kind, id, frozenAt } of drafts) {
        if (!waiting.has(id)) continue;
        const { series, year, format, prefix } = seriesFor(account, kind, frozenAt);
        const seq = (highest.get(series) ?? (await highestOf(accountId, kind, series))) + 1;
        highest.set(series, seq);
        drawn.set(id, { series, seq, number: formatNumber(format, { prefix, year, seq }) });
      }
      await takeNumbers(tx, accountId, drawn);
    });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

async function drawNumber(
  account: AccountDoc,
  { kind, id, frozenAt }: NumberedDraft,
  used: Map<string, number>,
): Promise<void> {
  const accountId = account._id;
  const { series, year, format, prefix } = seriesFor(account, kind, frozenAt);
  let passedOver = 0;
  for (let tries = 0; tries < NUMBER_TRIES; tries++) {
    const highest = used.get(series) ?? (await highestOf(accountId, kind, series));
    const seq = Math.max(passedOver, highest) + 1;
    const drawn = { series, seq, number: formatNumber(format, { prefix, year, seq }) };
    try {
      if (await takeNumber(accountId, kind, id, drawn)) used.set(series, seq);
      return;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      used.delete(series);
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
