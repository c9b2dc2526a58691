import { FULL_SIGHT, type Sight } from '../../billing/account/sight.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import type { SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import { sightOfUser } from '../access/sight.ts';

/**
 * Which groups a subscription may tell about: those that the person who set it up sees, by their role now (domain.md,
 * Permissions). The channel in the account's settings, which only owners choose, is notified of all.
 */
export async function sightOfMaker(
  account: AccountDoc,
  { madeBy }: Pick<SubscriptionDoc, 'madeBy'>,
  now: Date,
): Promise<Sight> {
  return madeBy === null ? FULL_SIGHT : sightOfUser(account, madeBy, now);
}
