import { createHash } from 'node:crypto';
import { cleanName, cutName } from '../../billing/group/names.ts';
import { count } from '../../billing/money/count.ts';
import { addDays, dayIn, dayName } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { BankLine, BankStatement } from '../../billing/statement/bank-line.ts';
import { toDecimal128 } from '../../store/kit/decimal.ts';
import { newId } from '../../store/kit/ids.ts';
import { type BankLineDoc, insertBankLines, knownBankLines } from '../../store/settlement/bank-lines.ts';
import { inChange } from '../kit/account-change.ts';
import { actorName, type Ctx } from '../kit/context.ts';

/** More than the busiest month of a business that this product is for. One transaction stores them. */
const MOST_LINES = 5_000;
/** Some banks book what they receive on a weekend or holiday on the next working day. */
const MOST_DAYS_AHEAD = 7;
const TEXT_LIMIT = 500;
const FILE_NAME_LIMIT = 200;

/** The result of reading a statement. */
export interface StatementOutcome {
  /** How many incoming payments the file has. */
  readonly found: number;
  /** How many of them weren’t known yet. */
  readonly isNew: number;
  /** How many lines are outgoing, reversed or not booked yet. */
  readonly leftOut: number;
}

/**
 * Stores the incoming payments of a bank statement, so that people can match them with invoices. A payment that was read
 * before, also from an overlapping statement, isn’t stored again. Records no payments of invoices.
 *
 * @throws {Refusal} `statement_file` if it has too many incoming payments, or one dated in the future; `role_needed`
 */
export async function readStatement(
  ctx: Ctx,
  { accountId, fileName, statement }: { accountId: string; fileName: string; statement: BankStatement },
): Promise<StatementOutcome> {
  const { lines, leftOut, bankAccount } = statement;
  if (lines.length > MOST_LINES) {
    throw new Refusal('statement_file', {
      problem: `The file has ${lines.length} incoming payments. One file can have at most ${MOST_LINES}.`,
      remedy: 'Export fewer days.',
    });
  }
  const identities = identitiesOf(bankAccount, lines);
  return inChange(ctx, accountId, 'issue', async (tx, { account }) => {
    assertReceived(lines, addDays(dayIn(tx.clock.now(), account.timeZone), MOST_DAYS_AHEAD));
    const known = await knownBankLines(accountId, identities);
    const isFresh = (identity: string) => !known.has(identity);
    const fresh = lines.flatMap((line, at) => {
      const identity = identities[at] ?? '';
      return isFresh(identity) ? [toDoc(tx, { accountId, fileName, identity }, line)] : [];
    });
    const outcome = { found: lines.length, isNew: fresh.length, leftOut };
    if (fresh.length === 0) return outcome;
    await insertBankLines(tx, fresh);
    await tx.record({
      accountId,
      type: 'bank_statement_read',
      description: `Read bank statement ${cutName(cleanName(fileName), FILE_NAME_LIMIT)}: ${count(fresh.length, 'new incoming payment')}`,
      after: { ...outcome },
    });
    return outcome;
  });
}

/** Days and months that were mixed up are noticed where they make a day of the future. */
function assertReceived(lines: readonly BankLine[], last: string): void {
  const ahead = lines.find(({ date }) => date > last);
  if (!ahead) return;
  throw new Refusal('statement_file', {
    problem: `The file has a payment of ${dayName(ahead.date)}, which is in the future.`,
    remedy: 'Check how it writes dates.',
  });
}

/**
 * What identifies each payment: our bank account, and everything the bank says about it. Equal payments of one day are
 * numbered, and every statement with that day has all of them.
 */
function identitiesOf(bankAccount: string, lines: readonly BankLine[]): string[] {
  const seen = new Map<string, number>();
  return lines.map((line) => {
    const { date, amount, currency, name, purpose, bankReference } = line;
    const what = [bankAccount, date, currency, amount.toFixed(), bankReference, name, purpose].map(cleanName);
    const key = JSON.stringify(what);
    const place = (seen.get(key) ?? 0) + 1;
    seen.set(key, place);
    return createHash('sha256').update(`${key} ${place}`).digest('hex');
  });
}

function toDoc(
  { actor, clock }: Ctx,
  of: Pick<BankLineDoc, 'accountId' | 'fileName' | 'identity'>,
  line: BankLine,
): BankLineDoc {
  const text = (typed: string) => cutName(cleanName(typed), TEXT_LIMIT);
  return {
    _id: newId('bnk'),
    ...of,
    fileName: cutName(cleanName(of.fileName), FILE_NAME_LIMIT),
    date: line.date,
    amount: toDecimal128(line.amount),
    currency: line.currency,
    name: text(line.name),
    purpose: text(line.purpose),
    bankReference: text(line.bankReference),
    state: 'open',
    paymentIds: [],
    readBy: actorName(actor),
    readAt: clock.now(),
  };
}
