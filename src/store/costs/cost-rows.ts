import type { Period } from '../../billing/period/period.ts';
import { type InvoiceOf, recordsOf } from './cost-sums.ts';
import { type CostDoc, Costs } from './costs.ts';

/** Which line of an invoice: what its records have in common. */
export interface LineKey {
  readonly projectId: string;
  readonly serviceName: string;
  readonly servicePlan: string | null;
  readonly lineType: string;
  /** That the costs were booked in. */
  readonly currency: string;
  readonly lateFrom: Period | null;
}

/** The usage records behind a line of an invoice, the oldest first, a page of them. */
export async function rowsBehind(
  of: InvoiceOf,
  line: LineKey,
  page: { readonly skip: number; readonly size: number },
): Promise<CostDoc[]> {
  const matches = await recordsOf(of);
  const key = {
    projectId: line.projectId,
    serviceName: line.serviceName,
    servicePlan: line.servicePlan,
    lineType: line.lineType,
    currency: line.currency,
    ownPeriod: line.lateFrom ?? { $exists: false },
  };
  // a condition of its own: some of the matches name the project too
  return Costs.aggregate<CostDoc>([
    { $match: { $and: [key, { $or: matches }] } },
    { $sort: { begin: 1, _id: 1 } },
    { $skip: page.skip },
    { $limit: page.size },
  ]);
}
