import { type Decimal, roundToMinor, sum, ZERO } from '../money/money.ts';
import { type ChangePart, fileCurrency, fileTotal, type MonthCell, totalOf, type UsageBasis } from './change.ts';
import type { HeldShare } from './held-shares.ts';

/** The share of what is held in full. */
const WHOLE = ZERO.plus(1);

/** One service of a project in both months. */
export interface ServiceMonths {
  readonly projectId: string;
  readonly service: string;
  readonly now: readonly MonthCell[];
  readonly before: readonly MonthCell[];
}

export interface Held {
  readonly now: HeldShare;
  readonly before: HeldShare;
}

/**
 * The parts of the change of one service of a project that stays, which add up to it. Those of zero are left out.
 *
 * - Moved in or out is what comes from another share of its costs being on the invoices: a project that changed its
 *   group within a month has a part of that month’s costs here and a part there.
 * - Of the rest, the exchange rate’s part is what this month’s costs would have been less at the rate of the month
 *   before. Rates are those that the amounts of each month come to.
 * - What is left is usage; or the service is new or gone.
 */
export function serviceParts(currency: string, months: ServiceMonths, held: Held): ChangePart[] {
  const { projectId, service, now, before } = months;
  const currencies = new Set<string>();
  for (const cells of [now, before]) for (const cell of cells) currencies.add(fileCurrency(cell, currency));
  const filed = [...currencies].map((from) => changeIn(currency, from, months, held));
  const [first, ...further] = filed;
  const of = (name: 'movedIn' | 'movedOut' | 'rates') =>
    first && further.length === 0 ? first[name] : sum(filed.map((one) => one[name]));
  const [movedIn, movedOut, rates] = [of('movedIn'), of('movedOut'), of('rates')];
  const rest = sum([totalOf(now), totalOf(before).neg(), movedIn.neg(), movedOut.neg()]);
  const moves = [
    { kind: 'moved_in' as const, projectId, service, amount: movedIn },
    { kind: 'moved_out' as const, projectId, service, amount: movedOut },
  ].filter(isThere);
  if (before.length === 0) return [...moves, { kind: 'new_services', projectId, service, amount: rest }];
  if (now.length === 0) return [...moves, { kind: 'removed_services', projectId, service, amount: rest }];
  const basis = further.length === 0 ? first?.basis : undefined;
  const usage: ChangePart = { kind: 'usage', projectId, service, amount: rest.minus(rates), ...(basis && { basis }) };
  return [...moves, { kind: 'exchange_rates' as const, projectId, service, amount: rates }, usage].filter(isThere);
}

/** Nearly all parts come to zero. */
function isThere({ amount }: Pick<ChangePart, 'amount'>): boolean {
  return !amount.isZero();
}

interface FiledChange {
  readonly movedIn: Decimal;
  readonly movedOut: Decimal;
  readonly rates: Decimal;
  readonly basis: UsageBasis | undefined;
}

/** Of the costs that came in one currency. */
function changeIn(currency: string, from: string, months: ServiceMonths, held: Held): FiledChange {
  const { projectId, service } = months;
  const isFiled = (cell: MonthCell) => fileCurrency(cell, currency) === from;
  const [now, before] = [months.now.filter(isFiled), months.before.filter(isFiled)];
  const [is, was] = [held.now(projectId, service, from), held.before(projectId, service, from)];
  const kept = { now: keptShare(is, was), before: keptShare(was, is) };
  const total = { now: totalOf(now), before: totalOf(before) };
  const keptNow = keptOf(total.now, kept.now, currency);
  const keptBefore = keptOf(total.before, kept.before, currency);
  const moved = { movedIn: total.now.minus(keptNow), movedOut: keptBefore.minus(total.before) };
  const share = is === null || was === null ? null : minimum(is, was);
  if (from === currency) return { ...moved, rates: ZERO, basis: share ? { currency, factor: share } : undefined };
  const rateBefore = quotient(total.before, fileTotal(before));
  const factor = share && rateBefore?.times(share);
  return {
    ...moved,
    rates: rateChange(keptNow, fileTotal(now).times(kept.now), rateBefore, currency),
    basis: factor ? { currency: from, factor } : undefined,
  };
}

/** Which part of a month’s costs would be here with the other month’s share. 1 if its share isn’t larger. */
function keptShare(own: Decimal | null, other: Decimal | null): Decimal {
  return own === null || other === null || own.lte(other) ? WHOLE : other.dividedBy(own);
}

/** Amounts of invoices are rounded already, so that all of one stays what it is. */
function keptOf(amount: Decimal, share: Decimal, currency: string): Decimal {
  return share.eq(WHOLE) ? amount : roundToMinor(amount.times(share), currency);
}

/** How much of a change comes from the exchange rate alone: none where one of the months has nothing to compare. */
function rateChange(amount: Decimal, filed: Decimal, rateBefore: Decimal | null, currency: string): Decimal {
  if (filed.isZero() || rateBefore === null) return ZERO;
  return roundToMinor(amount.minus(filed.times(rateBefore)), currency);
}

function quotient(a: Decimal, b: Decimal): Decimal | null {
  return b.isZero() ? null : a.dividedBy(b);
}

function minimum(a: Decimal, b: Decimal): Decimal {
  return a.lt(b) ? a : b;
}
