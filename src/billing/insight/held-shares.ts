import { Decimal, sum, ZERO } from '../money/money.ts';
import { fileCurrency, type MonthCell } from './change.ts';

/**
 * Which share of a service’s costs of a project is on the invoices that are compared, where the rest is on those of
 * other groups; null if nothing or no part is known: without any costs, or where refunds hide what was paid.
 *
 * @param currency of the cost files
 */
export type HeldShare = (projectId: string, service: string, currency: string) => Decimal | null;

/** What a month’s invoices have, in their currency. */
export interface CellsIn {
  readonly currency: string;
  readonly cells: readonly MonthCell[];
}

/** Everything is held, since no other invoices are looked at. */
export const ALL_HELD: HeldShare = () => ALL;

const ALL = new Decimal(1);

/**
 * @param own what is on the invoices that are compared
 * @param others what is on those of other groups, which can have other currencies
 */
export function heldShares(own: readonly CellsIn[], others: readonly CellsIn[]): HeldShare {
  const [held, rest] = [filed(own), filed(others)];
  return (projectId, service, currency) => {
    const key = JSON.stringify([projectId, service, currency]);
    const [ours, theirs] = [held.get(key) ?? ZERO, rest.get(key) ?? ZERO];
    if (theirs.isZero()) return ours.isZero() ? null : new Decimal(1);
    const share = ours.dividedBy(sum([ours, theirs]));
    return share.isFinite() && share.gte(0) && share.lte(1) ? share : null;
  };
}

function filed(all: readonly CellsIn[]): Map<string, Decimal> {
  const totals = new Map<string, Decimal>();
  for (const { currency, cells } of all) {
    for (const cell of cells) {
      if (cell.kind !== 'costs') continue;
      const key = JSON.stringify([cell.projectId, cell.service, fileCurrency(cell, currency)]);
      totals.set(key, sum([totals.get(key) ?? ZERO, cell.original?.amount ?? cell.amount]));
    }
  }
  return totals;
}
