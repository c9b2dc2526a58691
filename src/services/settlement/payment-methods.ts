import { z } from 'zod';
import { isCountry } from '../../billing/group/country.ts';
import {
  DEFAULT_TERMS_DAYS,
  MOST_TERMS_DAYS,
  methodName,
  type PaymentMethod,
} from '../../billing/group/payment-method.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import { groupsWithMethod, groupsWithMethods } from '../../store/groups/group-reads.ts';
import { setGroupMethod } from '../../store/groups/group-writes.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { takeTurn } from '../../store/kit/holds.ts';
import { newId } from '../../store/kit/ids.ts';
import * as methods from '../../store/settlement/payment-methods.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { activeGroup } from '../groups/groups.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { reconsiderCarriedOver } from './uncharged-amounts.ts';

/** How long before its expiry a card is announced. */
const ANNOUNCE_DAYS = 30;
const DAY_MS = 86_400_000;
const MOST = 100;
const MOST_NAMED = 5;

/** A method in a list, with the groups that use it. */
export interface MethodSummary {
  readonly id: string;
  readonly method: PaymentMethod;
  readonly groups: readonly { readonly id: string; readonly name: string }[];
}

/** The kinds that people create; cards come from their provider (`addCard`). */
export const newMethodSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('bank_transfer'),
    currency: z.string().refine(isCurrency, 'Choose a currency from the list.'),
    termsDays: z
      .number('Enter the days as a number.')
      .int('Enter whole days.')
      .min(0, 'Enter 0 days or more.')
      .max(MOST_TERMS_DAYS, `Enter at most ${MOST_TERMS_DAYS} days.`)
      .default(DEFAULT_TERMS_DAYS),
  }),
  z.object({ kind: z.literal('no_payment_expected') }),
  z.object({ kind: z.literal('disabled') }),
]);
export type NewMethod = z.input<typeof newMethodSchema>;

const cardSchema = z.object({
  token: z.string().min(8).max(255),
  brand: z.string().min(1).max(40),
  last4: z.string().regex(/^\d{4}$/),
  expMonth: z.number().int().min(1).max(12),
  expYear: z.number().int().min(2000).max(2100),
  name: z.string().max(128).default(''),
  countryCode: z
    .string()
    .refine((code) => code === '' || isCountry(code))
    .default(''),
});
export type NewCard = z.input<typeof cardSchema>;

/**
 * Creates a payment method. @throws {Refusal} `invalid_input` with the fields at fault, `too_many_methods`,
 * `role_needed`
 */
export async function createMethod(ctx: Ctx, accountId: string, input: NewMethod): Promise<MethodSummary> {
  const method = checked(input);
  return inChange(ctx, accountId, 'edit_groups', (tx) => make(tx, accountId, method, null));
}

/**
 * Adds a card by its provider's token, with the details that the provider reveals. The card number never reaches this
 * product.
 *
 * @throws {Refusal} `role_needed`; {ZodError} for invalid data from the provider
 */
export async function addCard(ctx: Ctx, accountId: string, card: NewCard): Promise<MethodSummary> {
  return inChange(ctx, accountId, 'edit_groups', (tx) => makeCard(tx, accountId, card));
}

/** Adds a card with its event, after the permission was checked. @throws as `addCard` */
export function makeCard(tx: Change, accountId: string, card: NewCard): Promise<MethodSummary> {
  const { token, ...rest } = cardSchema.parse(card);
  return make(tx, accountId, { kind: 'credit_card', ...rest }, token);
}

/**
 * Changes a method created by people. Cards are changed through their provider. @throws {Refusal} also `wrong_currency`
 */
export async function changeMethod(ctx: Ctx, accountId: string, id: string, input: NewMethod): Promise<void> {
  const method = checked(input);
  await inChange(ctx, accountId, 'edit_groups', async (tx) => {
    const before = await methodOf(accountId, id);
    if (before.method.kind === 'credit_card') throw new Refusal('card_not_editable');
    const users = await groupsWithMethod(accountId, id);
    for (const group of users) assertCurrency(method, group);
    await methods.replaceMethod(tx, accountId, id, method);
    await tx.record({
      accountId,
      type: 'payment_method_changed',
      description: `Changed payment method "${methodName(before.method)}" to "${methodName(method)}"`,
      before: { ...before.method },
      after: { paymentMethodId: id, ...method },
    });
  });
}

/**
 * Deletes a method that no group uses.
 *
 * @throws {Refusal} `payment_method_in_use` with the groups, `payment_method_not_found`
 */
export async function deleteMethod(ctx: Ctx, accountId: string, id: string): Promise<void> {
  await inChange(ctx, accountId, 'edit_groups', async (tx) => {
    const before = await methodOf(accountId, id);
    // changes that make a group use it also write it, so that they conflict with this one
    await methods.touchMethod(tx, accountId, id);
    const users = await groupsWithMethod(accountId, id);
    if (users.length > 0) {
      const names = users.slice(0, MOST_NAMED).map(({ name }) => name);
      throw new Refusal('payment_method_in_use', { groups: names, more: users.length - names.length });
    }
    await methods.deleteMethod(tx, accountId, id);
    await tx.record({
      accountId,
      type: 'payment_method_deleted',
      description: `Deleted payment method "${methodName(before.method)}"`,
      before: { paymentMethodId: id, ...before.method },
    });
  });
}

/**
 * Chooses how a group pays; null for the default terms. Safe to repeat.
 *
 * @throws {Refusal} `wrong_currency` for a bank transfer in another currency, `payment_method_not_found`,
 * `billing_group_not_found`, `role_needed`
 */
export async function setMethod(
  ctx: Ctx,
  input: { accountId: string; billingGroupId: string; paymentMethodId: string | null },
): Promise<void> {
  const { accountId, billingGroupId, paymentMethodId } = input;
  await inChange(ctx, accountId, 'edit_groups', async (tx) => {
    await chooseMethod(tx, await activeGroup(accountId, billingGroupId), paymentMethodId);
  });
}

/** The same, as part of a change. @throws {Refusal} `wrong_currency`, `payment_method_not_found` */
export async function chooseMethod(tx: Change, group: GroupDoc, paymentMethodId: string | null): Promise<void> {
  const { accountId } = group;
  if (group.paymentMethodId === paymentMethodId) return;
  const chosen = paymentMethodId === null ? null : await methodOf(accountId, paymentMethodId);
  if (chosen) {
    assertCurrency(chosen.method, group);
    await methods.touchMethod(tx, accountId, chosen._id);
  }
  await setGroupMethod(tx, accountId, group._id, paymentMethodId);
  if (chosen?.method.kind !== 'credit_card') await reconsiderCarriedOver(tx, { accountId, billingGroupId: group._id });
  await tx.record({
    accountId,
    type: 'payment_method_set',
    description: `Set payment method of billing group "${group.name}" to ${chosen ? methodName(chosen.method) : 'the default terms'}`,
    billingGroupId: group._id,
    before: { paymentMethodId: group.paymentMethodId },
    after: { paymentMethodId },
  });
}

/**
 * The account's methods, oldest first, with the groups that use each. A method that only pays for groups that the caller
 * doesn't see is left out.
 */
export async function listMethods(
  ctx: Ctx,
  accountId: string,
): Promise<(MethodSummary & { readonly createdAt: Date })[]> {
  const { sight } = await admit(ctx, accountId, 'see');
  const docs = await methods.methodsOf(accountId, MOST);
  const users = await groupsWithMethods(
    accountId,
    docs.map(({ _id }) => _id),
  );
  return docs.flatMap(({ _id, method, createdAt }) => {
    const using = users.filter((group) => group.paymentMethodId === _id);
    const seen = using.filter((group) => sight.sees(group._id));
    if (using.length > 0 && seen.length === 0) return [];
    return [{ id: _id, method, createdAt, groups: seen.map((group) => ({ id: group._id, name: group.name })) }];
  });
}

/** How a group pays. */
type Paying = Pick<GroupDoc, 'accountId' | 'paymentMethodId' | 'currency'>;

/** How a group currently pays: the chosen method, otherwise the default terms. */
export async function methodFor(group: Paying): Promise<PaymentMethod> {
  const [method] = await methodsFor(group.accountId, [group]);
  return method ?? defaultTerms(group);
}

/** The same for groups of an account, in their order, with one query. Called by the close, in its transaction. */
export async function methodsFor(accountId: string, groups: readonly Paying[]): Promise<PaymentMethod[]> {
  const ids = [...new Set(groups.flatMap(({ paymentMethodId }) => paymentMethodId ?? []))];
  const docs = ids.length === 0 ? [] : await methods.methodsByIds(accountId, ids);
  const chosen = new Map(docs.map(({ _id, method }) => [_id, method]));
  return groups.map((group) => chosen.get(group.paymentMethodId ?? '') ?? defaultTerms(group));
}

function defaultTerms({ currency }: Pick<GroupDoc, 'currency'>): PaymentMethod {
  return { kind: 'bank_transfer', termsDays: DEFAULT_TERMS_DAYS, currency };
}

const ANNOUNCING: Loop<methods.PaymentMethodDoc> = {
  kind: 'card',
  name: ({ _id: id, accountId }) => ({ id, accountId }),
  what: 'announce that a credit card expires soon',
};

/**
 * Announces cards that expire within thirty days and are used by a group, once per expiry. A card is valid until the
 * last instant of its month; time zone differences don't matter here. @returns how many
 */
export async function announceCards(ctx: Ctx): Promise<number> {
  const soon = new Date(ctx.clock.now().getTime() + ANNOUNCE_DAYS * DAY_MS);
  let announced = 0;
  const look = async ({ _id, accountId, method, announced: before }: methods.PaymentMethodDoc) => {
    if (method.kind !== 'credit_card') return;
    const end = new Date(Date.UTC(method.expYear, method.expMonth, 1));
    if (end > soon || before === keyOf(method)) return;
    if (await inTransaction(ctx, (tx) => announce(tx, { accountId, id: _id, key: keyOf(method) }))) announced += 1;
  };
  await eachOfAll(ctx, ANNOUNCING, methods.eachCard(), look);
  return announced;
}

async function announce(
  tx: Change,
  { accountId, id, key }: { readonly accountId: string; readonly id: string; readonly key: string },
): Promise<boolean> {
  const users = await groupsWithMethod(accountId, id);
  const [first] = users;
  if (!first) return false;
  const before = await methods.markAnnounced(tx, accountId, id, key);
  if (!before) return false;
  const names = users
    .slice(0, MOST_NAMED)
    .map(({ name }) => `"${name}"`)
    .join(', ');
  await tx.record({
    accountId,
    type: 'payment_card_expiring',
    description: `${methodName(before.method)} expires soon. It pays for ${names}${users.length > MOST_NAMED ? ` and ${users.length - MOST_NAMED} more` : ''}`,
    billingGroupId: first._id,
    after: { paymentMethodId: id, expires: key, billingGroupIds: users.map((group) => group._id) },
  });
  return true;
}

async function make(
  tx: Change,
  accountId: string,
  method: PaymentMethod,
  token: string | null,
): Promise<MethodSummary> {
  const id = newId('pm');
  const account = await accountOrFail(accountId);
  await takeTurn(tx, `methods:${accountId}`);
  if ((await methods.countMethods(accountId)) >= MOST) {
    throw new Refusal('too_many_methods', { limit: MOST });
  }
  await methods.insertMethod(tx, { _id: id, accountId: account._id, method, token, createdAt: tx.clock.now() });
  await tx.record({
    accountId,
    type: 'payment_method_created',
    description: `Created payment method "${methodName(method)}"`,
    after: { paymentMethodId: id, ...method },
  });
  return { id, method, groups: [] };
}

function checked(input: NewMethod): PaymentMethod {
  const parsed = newMethodSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) fields[String(issue.path[0])] ??= issue.message;
  throw new Refusal('invalid_input', { fields });
}

async function methodOf(accountId: string, id: string): Promise<methods.PaymentMethodDoc> {
  const found = await methods.methodById(accountId, id);
  if (found) return found;
  throw new Refusal('payment_method_not_found');
}

function assertCurrency(method: PaymentMethod, group: Pick<GroupDoc, 'name' | 'currency'>): void {
  if (method.kind !== 'bank_transfer' || method.currency === group.currency) return;
  const { currency } = method;
  throw new Refusal('wrong_currency', { currency, group: group.name, groupCurrency: group.currency });
}

function keyOf({ expMonth, expYear }: { expMonth: number; expYear: number }): string {
  return `${expYear}-${String(expMonth).padStart(2, '0')}`;
}
