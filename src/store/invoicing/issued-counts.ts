import type { Period } from '../../billing/period/period.ts';
import type { IssuedCounts } from '../costs/imports.ts';
import { countFrozen } from './invoice-reads.ts';

/**
 * How many of an account's invoices for each of these periods have been issued. Issued invoices stay issued, so two
 * equal counts mean that nothing was issued in between.
 */
export async function issuedCounts(accountId: string, periods: readonly Period[]): Promise<IssuedCounts> {
  const counts: Record<string, number> = {};
  for (const period of periods) counts[period] = await countFrozen(accountId, period);
  return counts;
}

/** A period for which invoices have been issued since they were counted; undefined if there is none. */
export async function issuedSince(accountId: string, before: IssuedCounts): Promise<Period | undefined> {
  const now = await issuedCounts(accountId, Object.keys(before) as Period[]);
  return Object.keys(before).find((period) => now[period] !== before[period]) as Period | undefined;
}
