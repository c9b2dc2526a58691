import { currencyUnit, Decimal, roundToMinor, sum } from '../money/money.ts';
import type { ChangePart } from './change.ts';

/** What was used of one item, such as a kind of instance, by one service of a project in a month. */
export interface ItemMonth {
  /** In the item’s unit. */
  readonly quantity: Decimal;
  /** In the currency of the cost files. */
  readonly amount: Decimal;
}

/** An item that is sold by quantity, in both months; null for a month without it. */
export interface ItemMonths {
  readonly now: ItemMonth | null;
  readonly before: ItemMonth | null;
}

/** A difference of fewer minor units than this comes from rounding lines. */
const ROUNDING_UNITS = 3;

/**
 * Splits a change in usage into what comes from other prices and what from other quantities, which add up to it with the
 * rest. For each item that both months have, the price’s part is what this month’s quantity would have cost less at the
 * price of the month before, and the volume’s part what the difference in quantity costs at that price. What has no
 * quantity, or only in one month, stays usage.
 *
 * @param part of the kind `usage`, with a basis
 */
export function pricedParts(part: ChangePart, items: readonly ItemMonths[], currency: string): ChangePart[] {
  const { basis, projectId, service, amount } = part;
  const known = items.flatMap(({ now, before }) => (isSold(now) && isSold(before) ? [{ now, before }] : []));
  if (!basis || known.length === 0) return [part];
  const inPart = (filed: readonly Decimal[]) => roundToMinor(sum(filed).times(basis.factor), currency);
  const atPriceBefore = ({ before }: (typeof known)[number], quantity: Decimal) =>
    new Decimal(before.amount.times(quantity).dividedBy(before.quantity));
  const price = inPart(known.map((item) => item.now.amount.minus(atPriceBefore(item, item.now.quantity))));
  const volume = inPart(known.map((item) => atPriceBefore(item, item.now.quantity.minus(item.before.quantity))));
  const rest = sum([amount, price.neg(), volume.neg()]);
  const isRounding = rest.abs().lt(currencyUnit(currency).times(ROUNDING_UNITS));
  const toVolume = isRounding && !volume.isZero();
  const toPrice = isRounding && volume.isZero() && !price.isZero();
  const split = [
    ['price', toPrice ? price.plus(rest) : price],
    ['volume', toVolume ? volume.plus(rest) : volume],
    ['usage', toVolume || toPrice ? sum([]) : rest],
  ] as const;
  return split.map(([kind, own]) => ({ ...{ kind, projectId, service, amount: own } })).filter(isThere);
}

/** Refunds have no price. */
function isSold(item: ItemMonth | null): item is ItemMonth {
  return item?.quantity.gt(0) ?? false;
}

function isThere({ amount }: ChangePart): boolean {
  return !amount.isZero();
}
