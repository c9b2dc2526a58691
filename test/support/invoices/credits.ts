import { Decimal } from '../../../src/billing/money/money.ts';
import { type CreditDoc, Credits } from '../../../src/store/credits/credits.ts';
import type { GroupDoc } from '../../../src/store/groups/groups.ts';
import { fromDecimal128, toDecimal128 } from '../../../src/store/kit/decimal.ts';

let made = 0;

/** A credit of a group, as a claim makes it; in EUR, for all projects and without expiry unless it is said otherwise. */
export async function creditFor(
  group: Pick<GroupDoc, '_id' | 'accountId'>,
  value: string,
  over: Partial<Pick<CreditDoc, 'type' | 'expireTime' | 'currency' | 'projectId' | 'claimedAt'>> = {},
): Promise<CreditDoc> {
  made += 1;
  const id = `crd_${process.pid}_${made}`;
  const amount = toDecimal128(new Decimal(value));
  const credit: CreditDoc = {
    ...{ _id: id, accountId: group.accountId, billingGroupId: group._id },
    ...{ campaignId: 'cmp', codeId: `code_${id}`, code: `CODE-${made}`, type: 'purchase' },
    ...{ currency: 'EUR', value: amount, remaining: amount, projectId: null },
    ...{ claimedBy: 'U1', claimedAt: new Date('2026-10-20T00:00:00Z'), startTime: new Date('2026-10-01T00:00:00Z') },
    ...{ expireTime: null, state: 'claimed' },
    ...over,
  };
  await Credits.create([credit]);
  return credit;
}

/** What is left of a credit, with two decimals. */
export async function leftOf(id: string): Promise<string> {
  return fromDecimal128((await Credits.findById(id).orFail().lean()).remaining).toFixed(2);
}
