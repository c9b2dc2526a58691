import { Decimal } from '../../../src/billing/money/money.ts';
import { Anomalies, type AnomalyDoc } from '../../../src/store/anomalies/anomalies.ts';
import { toDecimal128 } from '../../../src/store/kit/decimal.ts';

/** Stores an anomaly of EUR 90.00 on 1 March 2026 as the check would, or what differs from it. @returns its ID */
export async function storedAnomaly(
  of: Pick<AnomalyDoc, '_id' | 'accountId'> & Partial<AnomalyDoc> & { readonly billingGroupId: string | null },
): Promise<string> {
  const amount = (digits: string) => toDecimal128(new Decimal(digits));
  await Anomalies.create([
    {
      ...{ kind: 'costs', projectId: null, service: 'Compute', currency: 'EUR', side: 'above' },
      billingGroupIds: of.billingGroupId === null ? [] : [of.billingGroupId],
      ...{ since: '2026-03-01', until: '2026-03-02', peak: '2026-03-01' },
      ...{ amount: amount('90'), low: amount('8'), high: amount('12.5') },
      ...{ state: 'open', foundAt: new Date('2026-03-03T12:00:00Z') },
      ...of,
    },
  ]);
  return of._id;
}
