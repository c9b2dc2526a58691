import { Decimal, formatMoney, sum, ZERO } from '../../billing/money/money.ts';
import { addDays, dayIn, dayName, startOfDay } from '../../billing/period/day.ts';
import { creditsByIds, reviveCredit, setReturned, usesByInvoice } from '../../store/credits/credit-queries.ts';
import type { ConsumptionDoc, CreditDoc } from '../../store/credits/credits.ts';
import { returnsTo } from '../../store/events/event-reads.ts';
import { memoLinesBelowZero } from '../../store/invoicing/credit-memo-queries.ts';
import type { CreditMemoDoc } from '../../store/invoicing/credit-memos.ts';
import { linesIn } from '../../store/invoicing/current-lines.ts';
import { creditLinesAt } from '../../store/invoicing/invoice-lines.ts';
import { invoiceOrFail } from '../../store/invoicing/invoice-reads.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { touchOpenEstimates } from '../invoicing/estimates.ts';
import type { Change } from '../kit/transaction.ts';

/** How long money can be used that is returned to an expired credit (domain.md, Money 4; our rule). */
const EXTENSION_DAYS = 90;

/** Where money is returned: the credit, and an invoice's use of it. */
interface Source {
  readonly credit: CreditDoc;
  readonly use: ConsumptionDoc;
  /** The amount the invoice used and hasn't returned yet. */
  readonly left: Decimal;
}

/**
 * Returns a memo's amount to the purchased credits that paid its invoice, starting with the last one, each up to what
 * it paid and with its event. Part of issuing the memo.
 */
export async function returnPurchased(tx: Change, memo: CreditMemoDoc, amount: Decimal): Promise<void> {
  let left = amount;
  for (const source of await sourcesOf(memo)) {
    const part = source.credit.type === 'purchase' ? Decimal.min(left, source.left) : ZERO;
    if (part.gt(0)) await giveBack(tx, memo, source, part);
    left = left.minus(part);
  }
  await touchOpenEstimates(tx, { accountId: memo.accountId, billingGroupId: memo.billingGroupId });
  tx.nudge('estimates');
}

/**
 * Returns a memo's amount for credit lines to the promotional credits: the invoice charges less, so they pay less. Only
 * a memo for the whole invoice does this. Part of issuing the memo.
 */
export async function returnPromotional(tx: Change, memo: CreditMemoDoc): Promise<void> {
  const { _id: memoId, invoiceId, accountId, billingGroupId } = memo;
  const taken = await memoLinesBelowZero(accountId, memoId);
  const places = taken.map(({ place }) => place);
  const uses = await creditLinesAt(linesIn(await invoiceOrFail(accountId, invoiceId)), places);
  if (uses.length === 0) return;
  for (const source of await sourcesOf(memo)) {
    if (source.credit.type === 'purchase') continue;
    const own = new Set(uses.filter(({ code }) => code === source.credit.code).map(({ place }) => place));
    const amounts = taken.filter(({ place }) => own.has(place)).map(({ amount }) => fromDecimal128(amount).neg());
    const part = Decimal.min(sum(amounts), source.left);
    if (part.gt(0)) await giveBack(tx, memo, source, part);
  }
  await touchOpenEstimates(tx, { accountId, billingGroupId });
  tx.nudge('estimates');
}

async function sourcesOf({ accountId, invoiceId }: Pick<CreditMemoDoc, 'accountId' | 'invoiceId'>): Promise<Source[]> {
  const uses = await usesByInvoice(accountId, invoiceId);
  const credits = await creditsByIds(
    accountId,
    uses.map(({ creditId }) => creditId),
  );
  const sources: Source[] = [];
  for (const use of uses) {
    const credit = credits.find(({ _id }) => _id === use.creditId);
    if (!credit) continue;
    const returned = use.returned ? fromDecimal128(use.returned) : await returnedByEvents(use);
    sources.push({ credit, use, left: fromDecimal128(use.amount).minus(returned) });
  }
  return sources;
}

/** The amount returned before it was stored with the use itself, from the log. */
async function returnedByEvents({ accountId, invoiceId, creditId }: ConsumptionDoc): Promise<Decimal> {
  const events = await returnsTo(accountId, invoiceId, creditId);
  return sum(events.map(({ before, after }) => remainingIn(after).minus(remainingIn(before))));
}

function remainingIn(value: unknown): Decimal {
  const isTold = typeof value === 'object' && value !== null && 'remaining' in value;
  return new Decimal(isTold ? String(value.remaining) : 0);
}

/** An expired credit holds only the returned amount: what expired with it stays expired. */
async function giveBack(tx: Change, memo: CreditMemoDoc, { credit, use, left }: Source, part: Decimal): Promise<void> {
  const { accountId, billingGroupId, invoiceId, currency } = memo;
  const now = tx.clock.now();
  const before = fromDecimal128(credit.remaining);
  const after = credit.state === 'expired' ? part : before.plus(part);
  const isOver = credit.expireTime !== null && credit.expireTime <= now;
  const zone = memo.snapshot.timeZone;
  const lastDay = addDays(dayIn(now, zone), EXTENSION_DAYS);
  const extended = isOver ? { expireTime: startOfDay(addDays(lastDay, 1), zone) } : {};
  await reviveCredit(tx, accountId, credit._id, { remaining: toDecimal128(after), ...extended });
  const returned = fromDecimal128(use.amount).minus(left).plus(part);
  await setReturned(tx, accountId, use._id, toDecimal128(returned));
  const until = isOver ? `, which had expired and is now valid until ${dayName(lastDay)}` : '';
  await tx.record({
    accountId,
    type: 'credit_returned',
    description: `Returned ${formatMoney(part, currency)} to credit ${credit.code}${until}`,
    billingGroupId,
    invoiceId,
    before: { creditId: credit._id, remaining: before.toFixed(), ...expiry(credit.expireTime) },
    after: { creditId: credit._id, remaining: after.toFixed(), ...expiry(extended.expireTime ?? credit.expireTime) },
  });
}

function expiry(expireTime: Date | null): { readonly expireTime?: string } {
  return expireTime === null ? {} : { expireTime: expireTime.toISOString() };
}
