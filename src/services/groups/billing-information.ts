import { createHash } from 'node:crypto';
import type { BillingInformation } from '../../billing/group/billing-information.ts';
import type { BillingInput } from '../../billing/group/billing-input.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { ZERO } from '../../billing/money/money.ts';
import { Refusal } from '../../billing/refusal.ts';
import { isEuVatId } from '../../billing/tax/vat-id.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { Costs } from '../../store/costs/costs.ts';
import { countingRecords } from '../../store/costs/loads.ts';
import { Credits } from '../../store/credits/credits.ts';
import { type GroupDoc, Groups, Memberships } from '../../store/groups/groups.ts';
import { Invoices } from '../../store/invoicing/invoices.ts';
import { isTimeFor } from '../../store/kit/back-off.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { PaymentMethods } from '../../store/settlement/payment-methods.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { touchEstimates, touchOpenEstimates } from '../invoicing/estimates.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { billingEvents, checkedBilling, isVatChanged, mergedBilling, vatEvent } from './billing-changes.ts';
import { activeGroup } from './groups.ts';

/** Confirms VAT IDs: the EU's VIES service, or what stands in for it. */
export interface VatOffice {
  /** @returns `unavailable` when nobody can say at present */
  check(countryCode: string, vatId: string): Promise<'valid' | 'invalid' | 'unavailable'>;
}

const BATCH = 20;
/** What decides, beside the state of the VAT ID, how a group is taxed: its territory is part of it. */
const TAXED_BY = ['countryCode', 'state', 'city', 'zipCode', 'vatId'] as const;
/** Pauses between tries grow from minutes to a day; after thirty days a number stays unconfirmed. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 86_400_000;
const GIVE_UP_AFTER_TRIES = 40;

/** Which state of the billing information a form was opened on. */
export function versionOf(billing: BillingInformation): string {
  const { vatState: _state, ...said } = billing;
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(said).sort()))
    .digest('hex')
    .slice(0, 16);
}

/**
 * Sets who a group's invoices are made out to. A VAT ID is checked for its country's form at once, and is unconfirmed
 * until the tax office's word; everything else keeps working meanwhile. One event for each thing that changed.
 *
 * @param version of what the person saw: what another has changed since is not overwritten
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
 * Sets some of a group's billing information, and leaves the rest as it is.
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
  await Groups.updateOne({ _id: group._id }, { $set: { billing: after, ...vat } });
  if (stateChanged || TAXED_BY.some((field) => before[field] !== after[field])) {
    await touchOpenEstimates(tx, { accountId: group.accountId, billingGroupId: group._id });
    tx.nudge('estimates');
  }
  await tx.recordAll(events);
  if (asks) tx.nudge('vat');
  return after;
}

/**
 * Gives a group another currency, while nothing is in another one: no cost of its projects in an open period, no
 * issued invoice, and no credit with money left.
 *
 * @throws {Refusal} `currency_in_use` with what stands in the way, `invalid_input`, `billing_group_not_found`, `role_needed`
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
  await assertFree(account, group, currency);
  await Groups.updateOne({ _id: group._id }, { $set: { currency } });
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
 * Asks the tax office about numbers that are unconfirmed, each when its time has come. An answer counts only for the
 * very number that was asked about; no answer is tried again after a growing pause. Safe to run twice and at once.
 *
 * @returns how many were confirmed or refuted
 */
export async function checkVatIds(ctx: Ctx, office: VatOffice): Promise<number> {
  const isDue = { state: 'active', ...isTimeFor('vatCheckAt', ctx.clock.now(), LONGEST_PAUSE_MS) } as const;
  let settled = 0;
  await eachOfAll(ctx, CHECKING, Groups.find(isDue).sort({ vatCheckAt: 1 }).lean().cursor(), async (group) => {
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
    const group = await Groups.findOne({ _id: asked._id, vatCheckAt: { $ne: null } }).lean();
    if (!group || group.billing.vatId !== vatId || group.billing.countryCode !== countryCode) return false;
    const billing = { ...group.billing, vatState: answer };
    await Groups.updateOne({ _id: group._id }, { $set: { billing, vatCheckAt: null, vatTries: 0 } });
    const common = { accountId: group.accountId, billingGroupId: group._id };
    await touchOpenEstimates(tx, common);
    await tx.recordAll([vatEvent(common, group.billing.vatState, answer)]);
    return true;
  });
}

async function postpone(ctx: Ctx, { _id, vatTries }: GroupDoc): Promise<void> {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(vatTries, 20));
  const next = vatTries + 1 >= GIVE_UP_AFTER_TRIES ? null : new Date(ctx.clock.now().getTime() + pause);
  await Groups.updateOne({ _id, vatTries }, { $set: { vatCheckAt: next }, $inc: { vatTries: 1 } });
}

/** What is in another currency than the wanted one, and so would be changed in its meaning. */
async function assertFree(account: AccountDoc, group: GroupDoc, currency: string): Promise<void> {
  if (await Invoices.exists({ billingGroupId: group._id, state: { $ne: 'estimate' }, currency: { $ne: currency } })) {
    throw new Refusal('currency_in_use', { because: 'invoices', group: group.name, currency: group.currency });
  }
  const members = await Memberships.distinct('projectId', { billingGroupId: group._id, to: null });
  const own = {
    projectId: { $in: members },
    period: { $gte: group.nextPeriod },
    ...(await countingRecords(account._id)),
  };
  if (await Costs.exists({ accountId: account._id, ...own, currency: { $ne: currency } })) {
    throw new Refusal('currency_in_use', { because: 'costs', group: group.name, currency });
  }
  // a claim writes the group too, so that none is missed
  const left = { billingGroupId: group._id, state: 'claimed', currency: { $ne: currency } } as const;
  const credit = await Credits.findOne({ ...left, remaining: { $gt: toDecimal128(ZERO) } }).lean();
  if (credit) {
    const amountLeft = fromDecimal128(credit.remaining);
    throw new Refusal('currency_in_use', {
      ...{ because: 'credit', group: group.name, code: credit.code },
      ...{ left: amountLeft, currency: credit.currency },
    });
  }
  // anyone who changes the method writes it too
  const method =
    group.paymentMethodId === null
      ? null
      : await PaymentMethods.findByIdAndUpdate(group.paymentMethodId, { $inc: { changes: 1 } }).lean();
  if (method?.method.kind === 'bank_transfer' && method.method.currency !== currency) {
    throw new Refusal('currency_in_use', { because: 'payment_method', currency: method.method.currency });
  }
}

/** Every estimate there is: each is in the group's currency. */
async function touchOpen(tx: Change, account: AccountDoc, group: GroupDoc): Promise<void> {
  const open = await Invoices.distinct('period', { billingGroupId: group._id, state: 'estimate' });
  for (const period of open) await touchEstimates(tx, account, period, [group]);
}

function changedMeanwhile(): Refusal {
  return new Refusal('changed_meanwhile', { what: 'billing information' });
}

/** A group's billing information, for those who may see it. @throws {Refusal} `billing_group_not_found` */
export async function billingOf(
  ctx: Ctx,
  accountId: string,
  billingGroupId: string,
): Promise<Pick<GroupDoc, 'accountId' | 'name' | 'billing' | 'currency' | 'paymentMethodId'>> {
  await admit(ctx, accountId, 'see');
  const group = await Groups.findOne({ _id: billingGroupId, accountId }).lean();
  if (!group) throw new Refusal('billing_group_not_found', {});
  const { name, billing, currency, paymentMethodId } = group;
  return { accountId, name, billing, currency, paymentMethodId };
}
