import { spanOf } from '../../billing/period/period.ts';
import { Accounts } from '../../store/accounts/accounts.ts';
import { type GroupDoc, Groups } from '../../store/groups/groups.ts';
import { Invoices } from '../../store/invoicing/invoices.ts';

/** The end of a group's next period to be invoiced; null when a deleted group has none left. */
export function openPeriodEnd(group: Pick<GroupDoc, 'nextPeriod' | 'finalPeriod'>, timeZone: string): Date | null {
  const { nextPeriod, finalPeriod } = group;
  return finalPeriod !== null && nextPeriod > finalPeriod ? null : spanOf(nextPeriod, timeZone).end;
}

/**
 * Matches credits that still pay for something: those that are valid now, and those that were valid at the last instant
 * of a period whose invoice is to come (domain.md, Money 4).
 *
 * @param openEnd as `openPeriodEnd`
 */
export function stillPays(now: Date, openEnd: Date | null) {
  return {
    $or: [
      { expireTime: null },
      { expireTime: { $gt: now } },
      ...(openEnd === null ? [] : [{ expireTime: { $gte: openEnd } }]),
    ],
  };
}

/** Whether a group has yet to issue an invoice for a period at whose last instant a credit was valid. */
export async function awaitsInvoice(billingGroupId: string, expireTime: Date): Promise<boolean> {
  const group = await Groups.findById(billingGroupId, { accountId: 1, nextPeriod: 1, finalPeriod: 1 }).lean();
  const account = group && (await Accounts.findById(group.accountId, { timeZone: 1 }).lean());
  if (!group || !account) return false;
  const openEnd = openPeriodEnd(group, account.timeZone);
  if (openEnd !== null && openEnd <= expireTime) return true;
  const draft = { billingGroupId, state: 'draft', periodEnd: { $lte: expireTime } } as const;
  return (await Invoices.exists(draft)) !== null;
}
