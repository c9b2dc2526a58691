import { createHash } from 'node:crypto';
import { FIELD_NAMES, fieldOf } from '../../billing/group/billing-fields.ts';
import type { BillingInformation } from '../../billing/group/billing-information.ts';
import type { BillingInput } from '../../billing/group/billing-input.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { Refusal } from '../../billing/refusal.ts';
import { isEuVatId } from '../../billing/tax/vat-id.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { hasCostsInOther } from '../../store/costs/cost-records.ts';
import { creditLeftInOther } from '../../store/credits/credit-queries.ts';
import { eachVatToCheck, groupById } from '../../store/groups/group-reads.ts';
import { postponeVatCheck, setGroupSettings } from '../../store/groups/group-writes.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { projectIdsForGood } from '../../store/groups/membership-reads.ts';
import { hasFrozenInOther, periodsWithEstimates } from '../../store/invoicing/invoice-reads.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { touchMethod } from '../../store/settlement/payment-methods.ts';
import { admitTo } from '../access/rights.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { touchEstimates, touchOpenEstimates } from '../invoicing/estimates.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { billingEvents, checkedBilling, isVatChanged, mergedBilling, vatEvent } from './billing-changes.ts';
import { activeGroup } from './groups.ts';

/** Confirms VAT IDs: the EU's VIES service, or a substitute for it. */
export interface VatOffice {
  /** @returns `unavailable` if there is no answer at present */
  check(countryCode: string, vatId: string): Promise<'valid' | 'invalid' | 'unavailable'>;
}

const BATCH = 20;
/** The fields that affect a group's tax in addition to the state of the VAT ID, including its territory. */
const TAXED_BY = FIELD_NAMES.filter((name) => fieldOf(name).isTaxed);
/** Fields that electronic invoices need, and which an invoice that requires one waits for. */
const ELECTRONIC = FIELD_NAMES.filter((name) => fieldOf(name).documents.ubl !== null);
/** The pauses between attempts grow from minutes to a day. After thirty days a number stays unconfirmed. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 86_400_000;
const GIVE_UP_AFTER_TRIES = 40;

/** The version of the billing information that a form was opened on. */
export function versionOf(billing: BillingInformation): string {
  const { vatState: _state, ...said } = billing;
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(said).sort()))
    .digest('hex')
    .slice(0, 16);
}

/**
 * Sets whom a group's invoices are addressed to. A VAT ID is checked for its country's form immediately, and stays
 * unconfirmed until the tax office responds. Everything else keeps working in the meantime. One event for each changed
 * field.
 *
 * @param version of what the person saw: changes made by others since then aren't overwritten
 * @throws {Refusal} `invalid_input` with every field at fault, `changed_meanwhile`, `billing_group_not_found`, `role_needed`
 */
export async function setBillingInformation(
  ctx: Ctx,
  of: { accountId: string; billingGroupId: string; version?: string },
  input: BillingInput,
): Promise<BillingInformation> {
  checkedBilling(input);
  return inChange(ctx, of.accountId, 'edit_groups', async (tx, { account }) => {
    const group = await activeGroup(account._id, of.billingGroupId);
    if (of.version !== undefined && of.version !== versionOf(group.billing)) throw changedMeanwhile();
    return changeBilling(tx, group, input);
  });
}

/**
 * Sets some of a group's billing information and leaves the rest unchanged.
 *
 * @throws {Refusal} `invalid_input` with every field at fault
 */
export async function changeBilling(
  tx: Change,
  group: GroupDoc,
  input: Partial<BillingInput>,
): Promise<BillingInformation> {
  const before = group.billing;
  const after = mergedBilling(before, input);
  const events = billingEvents({ accountId: group.accountId, billingGroupId: group._id }, before, after);
  if (events.length === 0) return after;
  const stateChanged = isVatChanged(before, after);
  const asks = after.vatState === 'unconfirmed' && isEuVatId(after.countryCode, after.vatId);
  const vat = stateChanged ? { vatCheckAt: asks ? tx.clock.now() : null, vatTries: 0 } : {};
  await setGroupSettings(tx, group.accountId, group._id, { billing: after, ...vat });
  if (stateChanged || [...TAXED_BY, ...ELECTRONIC].some((field) => before[field] !== after[field])) {
    await touchOpenEstimates(tx, { accountId: group.accountId, billingGroupId: group._id });
    tx.nudge('estimates');
  }
  await tx.recordAll(events);
  if (asks) tx.nudge('vat');
  return after;
}

/**
 * Changes a group's currency, if nothing uses the current one: no costs of its projects in an open period, no issued
 * invoice, and no credit with money left.
 *
 * @throws {Refusal} `currency_in_use` with what uses it, `invalid_input`, `billing_group_not_found`, `role_needed`
 */
export async function setCurrency(
  ctx: Ctx,
  input: { accountId: string; billingGroupId: string; currency: string },
): Promise<void> {
  await inChange(ctx, input.accountId, 'edit_groups', async (tx, { account }) => {
    const group = await activeGroup(account._id, input.billingGroupId);
    await changeCurrency(tx, account, group, input.currency);
  });
}

/** The same, as part of a change. @throws {Refusal} `currency_in_use`, `invalid_input` */
export async function changeCurrency(
  tx: Change,
  account: AccountDoc,
  group: GroupDoc,
  currency: string,
): Promise<void> {
  if (!isCurrency(currency))
    throw new Refusal('invalid_input', { fields: { currency: 'Choose a currency from the list.' } });
  if (group.currency === currency) return;
  await assertFree(tx, group, currency);
  await setGroupSettings(tx, account._id, group._id, { currency });
  await touchOpen(tx, account, { ...group, currency });
  tx.nudge('estimates');
  await tx.recordAll([
    {
      accountId: account._id,
      type: 'currency_changed',
      description: `Set currency of billing group "${group.name}" to ${currency}`,
      billingGroupId: group._id,
      before: { currency: group.currency },
      after: { currency },
    },
  ]);
}

const CHECKING: Loop<GroupDoc> = {
  kind: 'vat-id',
  name: ({ _id: id, accountId }) => ({ id, accountId, billingGroupId: id }),
  what: 'check the VAT ID',
  most: BATCH,
  atOnce: 4,
};

/**
 * Asks the tax office about unconfirmed numbers that are due. A response only counts for the number it was requested
 * for. Without a response, the check is retried after a growing pause. Safe to run twice and concurrently.
 *
 * @returns how many were confirmed or rejected
 */
export async function checkVatIds(ctx: Ctx, office: VatOffice): Promise<number> {
  const due = eachVatToCheck(ctx.clock.now(), LONGEST_PAUSE_MS);
  let settled = 0;
  await eachOfAll(ctx, CHECKING, due, async (group) => {
    const { countryCode, vatId } = group.billing;
    const answer = await office.check(countryCode, vatId);
    if (answer === 'unavailable') await postpone(ctx, group);
    else if (await settle(ctx, group, answer)) settled += 1;
  });
  return settled;
}

async function settle(ctx: Ctx, asked: GroupDoc, answer: 'valid' | 'invalid'): Promise<boolean> {
  const { countryCode, vatId } = asked.billing;
  return inTransaction(ctx, async (tx) => {
    const group = await groupById(asked.accountId, asked._id);
    if (!group?.vatCheckAt || group.billing.vatId !== vatId || group.billing.countryCode !== countryCode) return false;
    const billing = { ...group.billing, vatState: answer };
    await setGroupSettings(tx, group.accountId, group._id, { billing, vatCheckAt: null, vatTries: 0 });
    const common = { accountId: group.accountId, billingGroupId: group._id };
    await touchOpenEstimates(tx, common);
    await tx.recordAll([vatEvent(common, group.billing.vatState, answer)]);
    return true;
  });
}

async function postpone(ctx: Ctx, group: GroupDoc): Promise<void> {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(group.vatTries, 20));
  const next = group.vatTries + 1 >= GIVE_UP_AFTER_TRIES ? null : new Date(ctx.clock.now().getTime() + pause);
  await postponeVatCheck(group, next);
}

/** What is in a currency other than the requested one, and would change its meaning. */
async function assertFree(tx: Change, group: GroupDoc, currency: string): Promise<void> {
  const { _id: billingGroupId, accountId, paymentMethodId } = group;
  if (await hasFrozenInOther(accountId, billingGroupId, currency)) {
    throw new Refusal('currency_in_use', { because: 'invoices', group: group.name, currency: group.currency });
  }
  const projectIds = await projectIdsForGood(accountId, billingGroupId);
  if (await hasCostsInOther(accountId, { projectIds, from: group.nextPeriod, currency })) {
    throw new Refusal('currency_in_use', { because: 'costs', group: group.name, currency });
  }
  // claiming a credit writes the group, too, so that none is missed
  const credit = await creditLeftInOther({ accountId, billingGroupId }, currency);
  if (credit) {
    const amountLeft = fromDecimal128(credit.remaining);
    throw new Refusal('currency_in_use', {
      ...{ because: 'credit', group: group.name, code: credit.code },
      ...{ left: amountLeft, currency: credit.currency },
    });
  }
  // changing the method writes it, too
  const method = paymentMethodId === null ? null : await touchMethod(tx, accountId, paymentMethodId);
  if (method?.method.kind === 'bank_transfer' && method.method.currency !== currency) {
    throw new Refusal('currency_in_use', { because: 'payment_method', currency: method.method.currency });
  }
}

/** All open estimates, because each is in the group's currency. */
async function touchOpen(tx: Change, account: AccountDoc, group: GroupDoc): Promise<void> {
  for (const period of await periodsWithEstimates(account._id, [group._id]))
    await touchEstimates(tx, account, period, [group]);
}

function changedMeanwhile(): Refusal {
  return new Refusal('changed_meanwhile', { what: 'billing information' });
}

/** A group's billing information, for people who may see it. @throws {Refusal} `billing_group_not_found` */
export async function billingOf(
  ctx: Ctx,
  accountId: string,
  billingGroupId: string,
): Promise<Pick<GroupDoc, 'accountId' | 'name' | 'billing' | 'currency' | 'paymentMethodId'>> {
  await admitTo(ctx, accountId, billingGroupId);
  const group = await groupById(accountId, billingGroupId);
  if (!group) throw new Refusal('billing_group_not_found', {});
  const { name, billing, currency, paymentMethodId } = group;
  return { accountId, name, billing, currency, paymentMethodId };
}
