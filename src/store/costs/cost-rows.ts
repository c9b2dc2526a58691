import type { Period } from '../../billing/period/period.ts';
import { type InvoiceOf, recordsOf } from './cost-sums.ts';
import { type CostDoc, Costs } from './costs.ts';

/** Identifies an invoice line by what its records have in common. */
export interface LineKey {
  readonly projectId: string;
  readonly serviceName: string;
  readonly servicePlan: string | null;
  readonly lineType: string;
  /** The currency in which the costs were booked. */
  readonly currency: string;
  readonly lateFrom: Period | null;
}

/** A page of the usage records behind an invoice line, oldest first. */
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
  // a separate condition, because some of the matches name the project, too
  return Costs.aggregate<CostDoc>([
    { $match: { $and: [key, { $or: matches }] } },
    { $sort: { begin: 1, _id: 1 } },
    { $skip: page.skip },
    { $limit: page.size },
  ]);
}
