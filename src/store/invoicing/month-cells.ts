import type { LineType } from '../../billing/invoice/invoice.ts';
import type { Decimal } from '../../billing/money/money.ts';
import type { Period } from '../../billing/period/period.ts';
import { sumLines } from './current-lines.ts';
import { COST } from './invoices.ts';

/** The lines of some invoices of a period for one service of a project, of one type and in one currency. */
export interface LineCell {
  readonly period: Period;
  readonly projectId: string;
  readonly service: string;
  readonly lineType: LineType;
  /** Whether they come from usage records, and those from an earlier month than the invoice. */
  readonly isCost: boolean;
  readonly isLate: boolean;
  readonly currency: string;
  /** Before discounts. */
  readonly cost: Decimal;
  readonly total: Decimal;
  /** Before conversion; null for lines that were in the invoice's currency from the start. */
  readonly original: { readonly currency: string; readonly amount: Decimal } | null;
}

type Key = Omit<LineCell, 'cost' | 'total' | 'original'> & { readonly from: string | null };

/**
 * Whose lines: of some invoices, or of all of an account for some periods. The database compares each line with each
 * invoice that is named, which for those of a large account takes as long as adding up their lines.
 */
export type LinesOn = { readonly invoiceIds: readonly string[] } | { readonly periods: readonly Period[] };

/** The sums of the lines on invoices; optionally only those of some projects. */
export async function lineCellsOf(accountId: string, on: LinesOn, projectIds?: readonly string[]): Promise<LineCell[]> {
  if (projectIds?.length === 0 || ('invoiceIds' in on && on.invoiceIds.length === 0)) return [];
  const only = projectIds && { projectId: { $in: [...projectIds] } };
  const match = { accountId, ...matchOf(on), ...only };
  const key = {
    ...{
      period: '$period',
      projectId: '$projectId',
      service: '$serviceName',
      lineType: '$lineType',
      currency: '$currency',
    },
    isCost: { $gt: ['$records', 0] },
    isLate: { $ne: [{ $ifNull: ['$lateFrom', null] }, null] },
    from: { $ifNull: ['$original.currency', null] },
  };
  const sums = { cost: COST, total: '$total', original: '$original.amount' };
  const rows = await sumLines<Key, keyof typeof sums>(match, key, sums);
  return rows.map(({ key: { from, ...cell }, cost, total, original }) => ({
    ...{ ...cell, cost, total },
    original: from === null ? null : { currency: from, amount: original },
  }));
}

function matchOf(on: LinesOn) {
  return 'invoiceIds' in on ? { invoiceId: { $in: [...on.invoiceIds] } } : { period: { $in: [...on.periods] } };
}
