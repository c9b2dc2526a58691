import { Decimal } from '../../../src/billing/money/money.ts';
import { type CreditDoc, Credits } from '../../../src/store/credits/credits.ts';
import type { GroupDoc } from '../../../src/store/groups/groups.ts';
import { fromDecimal128, toDecimal128 } from '../../../src/store/kit/decimal.ts';

let made = 0;

/** A group's credit, as a claim creates it. By default in EUR, for all projects, without expiry. */
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

/** A credit's balance, with two decimals. */
export async function leftOf(id: string): Promise<string> {
  return fromDecimal128((await Credits.findById(id).orFail().lean()).remaining).toFixed(2);
}
