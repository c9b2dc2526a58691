import { type Decimal, roundToMinor, sum, ZERO } from '../money/money.ts';
import { type ChangePart, fileCurrency, fileTotal, type MonthCell, totalOf, type UsageBasis } from './change.ts';
import type { HeldShare } from './held-shares.ts';

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
 * The parts of the change of one service of a project that stays, which add up to it.
 *
 * - Moved in or out is what comes from another share of its costs being on the invoices: a project that changed its
 *   group within a month has a part of that month’s costs here and a part there.
 * - Of the rest, the exchange rate’s part is what this month’s costs would have been less at the rate of the month
 *   before. Rates are those that the amounts of each month come to.
 * - What is left is usage; or the service is new or gone.
 */
export function serviceParts(currency: string, months: ServiceMonths, held: Held): ChangePart[] {
  const { projectId, service, now, before } = months;
  const own = (kind: ChangePart['kind'], amount: Decimal, basis?: UsageBasis): ChangePart => ({
    ...{ kind, projectId, service, amount },
    ...(basis && { basis }),
  });
  const filed = [...new Set([...now, ...before].map((cell) => fileCurrency(cell, currency)))].map((from) =>
    changeIn(currency, from, months, held),
  );
  const of = (name: 'movedIn' | 'movedOut' | 'rates') => sum(filed.map((one) => one[name]));
  const moves = [own('moved_in', of('movedIn')), own('moved_out', of('movedOut'))];
  const rest = sum([totalOf(now), totalOf(before).neg(), of('movedIn').neg(), of('movedOut').neg()]);
  if (before.length === 0) return [...moves, own('new_services', rest)];
  if (now.length === 0) return [...moves, own('removed_services', rest)];
  const [only] = filed;
  const basis = filed.length === 1 && only ? only.basis : undefined;
  return [...moves, own('exchange_rates', of('rates')), own('usage', rest.minus(of('rates')), basis)];
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
  const of = (cells: readonly MonthCell[]) => cells.filter((cell) => fileCurrency(cell, currency) === from);
  const [now, before] = [of(months.now), of(months.before)];
  const [is, was] = [held.now(projectId, service, from), held.before(projectId, service, from)];
  const kept = { now: keptShare(is, was), before: keptShare(was, is) };
  const keptNow = roundToMinor(totalOf(now).times(kept.now), currency);
  const keptBefore = roundToMinor(totalOf(before).times(kept.before), currency);
  const rateBefore = quotient(totalOf(before), fileTotal(before));
  const rates = from === currency ? ZERO : rateChange(keptNow, fileTotal(now).times(kept.now), rateBefore, currency);
  const share = is === null || was === null ? null : minimum(is, was);
  const factor = from === currency ? share : share && rateBefore?.times(share);
  return {
    movedIn: totalOf(now).minus(keptNow),
    movedOut: keptBefore.minus(totalOf(before)),
    rates,
    basis: factor ? { currency: from, factor } : undefined,
  };
}

/** Which part of a month’s costs would be here with the other month’s share. 1 if its share isn’t larger. */
function keptShare(own: Decimal | null, other: Decimal | null): Decimal {
  const whole = ZERO.plus(1);
  return own === null || other === null || own.lte(other) ? whole : other.dividedBy(own);
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
