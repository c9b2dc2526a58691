import { createHash } from 'node:crypto';
import type { BillingInformation, VatState } from '../billing/billing-information.ts';
import { type BillingInput, billingInputSchema } from '../billing/billing-input.ts';
import { countryName } from '../billing/country.ts';
import { isCurrency } from '../billing/currency.ts';
import { Refusal } from '../billing/refusal.ts';
import { isEuVatId, judgeVatId } from '../billing/vat.ts';
import type { AccountDoc } from '../store/accounts.ts';
import { Costs } from '../store/costs.ts';
import { type GroupDoc, Groups, Memberships } from '../store/groups.ts';
import { Invoices } from '../store/invoices.ts';
import { PaymentMethods } from '../store/payment-methods.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Ctx } from './context.ts';
import { touchEstimates, touchOpenEstimates } from './estimates.ts';
import { activeGroup } from './groups.ts';
import { recordAll } from './log.ts';
import { admit } from './rights.ts';

/** Confirms VAT IDs: the EU's VIES service, or what stands in for it. */
export interface VatOffice {
  /** @returns `unavailable` when nobody can say at present */
  check(countryCode: string, vatId: string): Promise<'valid' | 'invalid' | 'unavailable'>;
}

const BATCH = 20;
/** Pauses between tries grow from minutes to a day; after thirty days a number stays unconfirmed. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 86_400_000;
const GIVE_UP_AFTER_TRIES = 40;

type Field =
  | 'company'
  | 'address'
  | 'city'
  | 'state'
  | 'postal code'
  | 'country'
  | 'VAT ID'
  | 'billing email address'
  | 'billing contact email address'
  | 'invoice text';

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
  const { account } = await admit(ctx, of.accountId, 'edit_groups');
  const wanted = checked(input);
  const billing = await inTransaction(async () => {
    const group = await activeGroup(account._id, of.billingGroupId);
    if (of.version !== undefined && of.version !== versionOf(group.billing)) throw changedMeanwhile();
    const after: BillingInformation = { ...wanted, vatState: stateAfter(group.billing, wanted) };
    await store(ctx, group, after);
    return after;
  });
  ctx.nudge('number-events');
  ctx.nudge('vat');
  return billing;
}

/**
 * Gives a group another currency, while nothing is in another one: no cost of its projects in an open period, and no
 * issued invoice.
 *
 * @throws {Refusal} `currency_in_use` with what stands in the way, `invalid_input`, `billing_group_not_found`, `role_needed`
 */
export async function setCurrency(
  ctx: Ctx,
  input: { accountId: string; billingGroupId: string; currency: string },
): Promise<void> {
  const { account } = await admit(ctx, input.accountId, 'edit_groups');
  if (!isCurrency(input.currency)) throw faultIn('invalid_input', 'Choose a currency from the list.');
  await inTransaction(async () => {
    const group = await activeGroup(account._id, input.billingGroupId);
    if (group.currency === input.currency) return;
    await assertFree(account, group, input.currency);
    await Groups.updateOne({ _id: group._id }, { $set: { currency: input.currency } });
    await touchOpen(ctx, account, { ...group, currency: input.currency });
    await recordAll(ctx, [
      {
        accountId: account._id,
        type: 'currency_changed',
        description: `Set currency of billing group "${group.name}" to ${input.currency}`,
        billingGroupId: group._id,
        before: { currency: group.currency },
        after: { currency: input.currency },
      },
    ]);
  });
  ctx.nudge('number-events');
  ctx.nudge('estimates');
}

/**
 * Asks the tax office about numbers that are unconfirmed, each when its time has come. An answer counts only for the
 * very number that was asked about; no answer is tried again after a growing pause. Safe to run twice and at once.
 *
 * @returns how many were confirmed or refuted
 */
export async function checkVatIds(ctx: Ctx, office: VatOffice): Promise<number> {
  const due = await Groups.find({ vatCheckAt: { $ne: null, $lte: ctx.clock.now() }, state: 'active' })
    .sort({ vatCheckAt: 1 })
    .limit(BATCH)
    .lean();
  let settled = 0;
  for (const group of due) {
    const { countryCode, vatId } = group.billing;
    const answer = await office.check(countryCode, vatId);
    if (answer === 'unavailable') await postpone(ctx, group);
    else if (await settle(ctx, group, answer)) settled += 1;
  }
  if (settled > 0) ctx.nudge('number-events');
  return settled;
}

function checked(input: BillingInput): Omit<BillingInformation, 'vatState'> {
  const parsed = billingInputSchema.safeParse(input);
  const fields: Record<string, string> = {};
  for (const issue of parsed.error?.issues ?? []) fields[String(issue.path[0])] ??= issue.message;
  const judged = judgeVatId(input.vatId, input.countryCode);
  if ('fault' in judged) fields.vatId ??= judged.fault;
  if (!parsed.success || 'fault' in judged) {
    throw new Refusal('invalid_input', Object.values(fields).join(' '), { fields });
  }
  const { address: addressLines, vatId: _typed, ...rest } = parsed.data;
  return { ...rest, addressLines, vatId: judged.vatId };
}

/** The office's word holds as long as number and country stay the same. */
function stateAfter(before: BillingInformation, wanted: Omit<BillingInformation, 'vatState'>): VatState {
  if (wanted.vatId === '') return 'none';
  const isSame = wanted.vatId === before.vatId && wanted.countryCode === before.countryCode;
  return isSame ? before.vatState : 'unconfirmed';
}

async function store(ctx: Ctx, group: GroupDoc, after: BillingInformation): Promise<void> {
  const before = group.billing;
  const changed = changes(before, after);
  const stateChanged = before.vatState !== after.vatState || (after.vatId !== before.vatId && after.vatId !== '');
  if (changed.length === 0 && !stateChanged) return;
  const asks = after.vatState === 'unconfirmed' && isEuVatId(after.countryCode, after.vatId);
  const vat = stateChanged ? { vatCheckAt: asks ? ctx.clock.now() : null, vatTries: 0 } : {};
  await Groups.updateOne({ _id: group._id }, { $set: { billing: after, ...vat } });
  const common = { accountId: group.accountId, billingGroupId: group._id };
  // how it is taxed rests on both
  if (stateChanged || before.countryCode !== after.countryCode) await touchOpenEstimates(ctx, common);
  await recordAll(ctx, [
    ...changed.map(({ field, from, to, shown }) => ({
      ...common,
      type: 'billing_information_changed' as const,
      description: shown === '' ? `Removed ${field}` : `Set ${field} to ${shown}`,
      before: { [field]: from },
      after: { [field]: to },
    })),
    ...(stateChanged ? [vatEvent(common, before.vatState, after.vatState)] : []),
  ]);
}

interface Change {
  readonly field: Field;
  readonly from: string | readonly string[];
  readonly to: string | readonly string[];
  readonly shown: string;
}

function changes(before: BillingInformation, after: BillingInformation): Change[] {
  const fields: readonly [
    Field,
    (of: BillingInformation) => string | readonly string[],
    ((value: string) => string)?,
  ][] = [
    ['company', (of) => of.company],
    ['address', (of) => of.addressLines],
    ['city', (of) => of.city],
    ['state', (of) => of.state],
    ['postal code', (of) => of.zipCode],
    ['country', (of) => of.countryCode, countryName],
    ['VAT ID', (of) => of.vatId],
    ['billing email address', (of) => of.billingEmails],
    ['billing contact email address', (of) => of.contactEmails],
    ['invoice text', (of) => of.extraText],
  ];
  return fields.flatMap(([field, get, show = String]) => {
    const [from, to] = [get(before), get(after)];
    if (JSON.stringify(from) === JSON.stringify(to)) return [];
    return [{ field, from, to, shown: typeof to === 'string' ? (to === '' ? '' : show(to)) : to.join(', ') }];
  });
}

function vatEvent(common: { accountId: string; billingGroupId: string }, from: VatState, to: VatState) {
  return {
    ...common,
    type: 'vat_state_changed' as const,
    description: `Set VAT ID state to ${to}`,
    before: { vatState: from },
    after: { vatState: to },
  };
}

async function settle(ctx: Ctx, asked: GroupDoc, answer: 'valid' | 'invalid'): Promise<boolean> {
  const { countryCode, vatId } = asked.billing;
  return inTransaction(async () => {
    const group = await Groups.findOne({ _id: asked._id, vatCheckAt: { $ne: null } }).lean();
    if (!group || group.billing.vatId !== vatId || group.billing.countryCode !== countryCode) return false;
    const billing = { ...group.billing, vatState: answer };
    await Groups.updateOne({ _id: group._id }, { $set: { billing, vatCheckAt: null, vatTries: 0 } });
    const common = { accountId: group.accountId, billingGroupId: group._id };
    await touchOpenEstimates(ctx, common);
    await recordAll(ctx, [vatEvent(common, group.billing.vatState, answer)]);
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
    throw faultIn('currency_in_use', `“${group.name}” has invoices in ${group.currency} already.`);
  }
  const members = await Memberships.distinct('projectId', { billingGroupId: group._id, to: null });
  const own = { projectId: { $in: members }, period: { $gte: group.nextPeriod } };
  if (await Costs.exists({ accountId: account._id, ...own, currency: { $ne: currency } })) {
    throw faultIn('currency_in_use', `Projects of “${group.name}” have costs in another currency than ${currency}.`);
  }
  const method = group.paymentMethodId === null ? null : await PaymentMethods.findById(group.paymentMethodId).lean();
  if (method?.method.kind === 'bank_transfer' && method.method.currency !== currency) {
    throw faultIn('currency_in_use', `Its payment method is a bank transfer in ${method.method.currency}.`);
  }
}

/** Every estimate there is: each is in the group's currency. */
async function touchOpen(ctx: Ctx, account: AccountDoc, group: GroupDoc): Promise<void> {
  const open = await Invoices.distinct('period', { billingGroupId: group._id, state: 'estimate' });
  for (const period of open) await touchEstimates(ctx, account, period, [group]);
}

function changedMeanwhile(): Refusal {
  return new Refusal('changed_meanwhile', 'Somebody has changed the billing information since you opened this form.', {
    wayOut: 'Look at the group’s view for what it says now; saving once more puts yours in its place.',
  });
}

function faultIn(code: string, sentence: string): Refusal {
  return new Refusal(code, sentence, { fields: { currency: sentence } });
}

/** A group's billing information, for those who may see it. @throws {Refusal} `billing_group_not_found` */
export async function billingOf(
  ctx: Ctx,
  accountId: string,
  billingGroupId: string,
): Promise<Pick<GroupDoc, 'name' | 'billing' | 'currency' | 'paymentMethodId'>> {
  await admit(ctx, accountId, 'see');
  const group = await Groups.findOne({ _id: billingGroupId, accountId }).lean();
  if (!group) throw new Refusal('billing_group_not_found', 'There is no such billing group.');
  const { name, billing, currency, paymentMethodId } = group;
  return { name, billing, currency, paymentMethodId };
}
