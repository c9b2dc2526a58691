import type { BillingInput } from '../../billing/group/billing-input.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { chooseMethod } from '../settlement/payment-methods.ts';
import { changeBilling, changeCurrency } from './billing-information.ts';
import { activeGroup, changeName, type GroupCheck, makeNewGroup, type NewGroup } from './groups.ts';

/** Changes to a group. Absent fields stay as they are. */
export interface GroupChanges {
  readonly name?: string;
  readonly billing?: Partial<BillingInput>;
  /** ISO 4217. */
  readonly currency?: string;
  /** Null for the default terms. */
  readonly paymentMethodId?: string | null;
}

/**
 * Creates a group with its payment method. Safe to repeat: the name is unique among active groups.
 *
 * @throws {Refusal} of `createGroup` and `setMethod`
 */
export async function createGroupWith(
  ctx: Ctx,
  input: NewGroup & { readonly paymentMethodId?: string | null },
): Promise<string> {
  const { paymentMethodId, ...rest } = input;
  return inChange(ctx, input.accountId, 'edit_groups', async (tx, { account }) => {
    const made = await makeNewGroup(tx, account, rest);
    if (paymentMethodId !== undefined) await chooseMethod(tx, made, paymentMethodId);
    return made._id;
  });
}

/**
 * Makes several changes to a group at once: all of them, or none. Each has the same rules and events as when made
 * alone. Safe to repeat.
 *
 * @param check throws if the group isn't what the caller expects
 * @throws {Refusal} of `renameGroup`, `setBillingInformation`, `setCurrency` and `setMethod`
 */
export async function changeGroup(
  ctx: Ctx,
  of: { readonly accountId: string; readonly billingGroupId: string },
  changes: GroupChanges,
  check?: GroupCheck,
): Promise<void> {
  const { name, billing, currency, paymentMethodId } = changes;
  await inChange(ctx, of.accountId, 'edit_groups', async (tx, { account }) => {
    const group = () => activeGroup(account._id, of.billingGroupId);
    const found = await group();
    check?.(found);
    if (name !== undefined) await changeName(tx, found, name);
    if (billing !== undefined) await changeBilling(tx, await group(), billing);
    if (currency !== undefined) await changeCurrency(tx, account, await group(), currency);
    if (paymentMethodId !== undefined) await chooseMethod(tx, await group(), paymentMethodId);
  });
}
