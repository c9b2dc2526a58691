import { spanOf } from '../../billing/period/period.ts';
import { accountById } from '../../store/accounts/account-reads.ts';
import type { ExpiringCredit } from '../../store/credits/credit-queries.ts';
import { periodsLeftOf } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { hasDraftEndingBy } from '../../store/invoicing/invoice-reads.ts';

/** The end of a group's next period to be invoiced; null if a deleted group has none left. */
export function openPeriodEnd(group: Pick<GroupDoc, 'nextPeriod' | 'finalPeriod'>, timeZone: string): Date | null {
  const { nextPeriod, finalPeriod } = group;
  return finalPeriod !== null && nextPeriod > finalPeriod ? null : spanOf(nextPeriod, timeZone).end;
}

/** Whether a group still has to be invoiced for a period at whose last instant a credit was valid. */
export async function awaitsInvoice(
  { accountId, billingGroupId }: Pick<ExpiringCredit, 'accountId' | 'billingGroupId'>,
  expireTime: Date,
): Promise<boolean> {
  const group = await periodsLeftOf(accountId, billingGroupId);
  const account = group && (await accountById(accountId));
  if (!group || !account) return false;
  const openEnd = openPeriodEnd(group, account.timeZone);
  if (openEnd !== null && openEnd <= expireTime) return true;
  return hasDraftEndingBy(accountId, billingGroupId, expireTime);
}
