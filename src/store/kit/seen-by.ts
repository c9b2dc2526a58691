import type { Sight } from '../../billing/account/sight.ts';

/** Matches what belongs to groups that a reader sees. Adds nothing to a query if they see all. */
export function seenBy({ hidden }: Sight): { billingGroupId?: { $nin: string[] } } {
  return hidden.length === 0 ? {} : { billingGroupId: { $nin: [...hidden] } };
}
