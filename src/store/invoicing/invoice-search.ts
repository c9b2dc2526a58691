import type { Sight } from '../../billing/account/sight.ts';
import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import type { Period } from '../../billing/period/period.ts';
import { type InvoiceDoc, Invoices } from './invoices.ts';

/** Selects invoices and estimates of an account. Absent conditions are met by all. */
export interface InvoiceSearch {
  readonly groupIds?: readonly string[] | undefined;
  readonly states?: readonly InvoiceState[] | undefined;
  /** The first period, and the last, which is included. */
  readonly from?: Period | undefined;
  readonly to?: Period | undefined;
  /** Only those that changed at or after this instant, in the time of the machines that change them. */
  readonly changedSince?: Date | undefined;
}

/** Invoices and estimates in the order of their IDs, which never change. `limit` at most, after an ID. */
export async function searchInvoices(
  accountId: string,
  sight: Sight,
  { groupIds, states, from, to, changedSince }: InvoiceSearch,
  { after, limit }: { readonly after?: string | undefined; readonly limit?: number | undefined },
): Promise<InvoiceDoc[]> {
  const found = Invoices.find({
    accountId,
    ...(after !== undefined && { _id: { $gt: after } }),
    ...((groupIds || !sight.isWhole) && {
      billingGroupId: { ...(groupIds && { $in: [...groupIds] }), $nin: [...sight.hidden] },
    }),
    ...(states && { state: { $in: [...states] } }),
    ...((from ?? to) !== undefined && {
      period: { ...(from !== undefined && { $gte: from }), ...(to !== undefined && { $lte: to }) },
    }),
    ...(changedSince && { changedAt: { $gte: changedSince } }),
  }).sort({ _id: 1 });
  return limit === undefined ? found.lean() : found.limit(limit).lean();
}

/** The time by which changes of invoices are dated: the machine's own, whatever the time of the accounts is. */
export function invoicesNow(): Date {
  return new Date();
}
