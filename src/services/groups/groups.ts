import { NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import type { BillingInput } from '../../billing/group/billing-input.ts';
import { cleanName, compareProjects, NAME_LIMITS, nameKey, nameLength } from '../../billing/group/names.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { periodAt } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { unsetPrimaryGroup } from '../../store/accounts/account-writes.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { isGroupNameTaken } from '../../store/groups/active-groups.ts';
import { activeGroupById, hasOtherActiveGroup } from '../../store/groups/group-reads.ts';
import { holdGroup, markGroupDeleted, setGroupSettings } from '../../store/groups/group-writes.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { heldFrom } from '../../store/groups/membership-reads.ts';
import { projectsByIds } from '../../store/groups/project-reads.ts';
import { redateInvoicesOf } from '../../store/invoicing/invoice-writes.ts';
import { touchMethod } from '../../store/settlement/payment-methods.ts';
import { admit } from '../access/rights.ts';
import { inAccountChange, inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import { makeGroup, makePrimary } from '../projects/projects.ts';
import { billingEvents, mergedBilling } from './billing-changes.ts';

/** How many of the projects that prevent a deletion are named. */
const MOST_NAMED = 10;
/** The maximum length of an environment label, the same as of a tag's value. */
const ENVIRONMENT_LIMIT = 64;
const MOST_APPROVERS = 20;

export interface NewGroup {
  readonly accountId: string;
  readonly name: string;
  /** ISO 4217; by default the copied group's or the account's. */
  readonly currency?: string;
  /** Such as dev, test or prod. */
  readonly environment?: string;
  /** A group from which the new one copies currency, environment, billing information, payment method and approvers. */
  readonly copyFrom?: string;
  /** Billing information that replaces the copied information. */
  readonly billing?: Partial<BillingInput>;
  readonly isPrimary?: boolean;
}

/** What prevents a group from being deleted (domain.md, Membership). */
export interface DeletionObstacles {
  readonly isPrimary: boolean;
  /** How many projects are in the group, or will be. */
  readonly projects: number;
  /** IDs and names of the first of them. */
  readonly first: readonly { readonly id: string; readonly name: string; readonly label: string | null }[];
}

/**
 * Creates a billing group. Safe to repeat: the name is unique among active groups, so a second call is refused.
 *
 * @throws {Refusal} `billing_group_name_taken`, `invalid_input` with the field at fault, `billing_group_not_found` if
 * the group to copy doesn't exist, `role_needed`
 */
export async function createGroup(ctx: Ctx, input: NewGroup): Promise<GroupDoc> {
  const right = input.isPrimary ? 'administer' : 'edit_groups';
  const change = input.isPrimary ? inAccountChange : inChange;
  const group = await change(ctx, input.accountId, right, (tx, { account }) => makeNewGroup(tx, account, input));
  return group;
}

/** The same, as part of a change. @throws {Refusal} as `createGroup` */
export async function makeNewGroup(tx: Change, account: AccountDoc, input: NewGroup): Promise<GroupDoc> {
  const name = checkedName(input.name);
  const environment = checkedEnvironment(input.environment);
  if (input.currency !== undefined && !isCurrency(input.currency)) {
    throw faultIn('currency', `“${input.currency}” isn’t a supported currency. Use a code such as EUR.`);
  }
  await assertNameFree(account._id, name);
  const model = input.copyFrom === undefined ? undefined : await activeGroup(account._id, input.copyFrom);
  const before = model?.billing ?? NO_BILLING_INFORMATION;
  const billing = input.billing ? mergedBilling(before, input.billing) : before;
  const paymentMethodId = model?.paymentMethodId ?? null;
  // prevents it from being deleted concurrently
  if (paymentMethodId !== null) await touchMethod(tx, account._id, paymentMethodId);
  const made = await makeGroup(tx, account, {
    name,
    billing,
    currency: input.currency ?? model?.currency ?? account.currency,
    environment: environment ?? model?.environment ?? '',
    ...(model && { paymentMethodId, approverIds: model.approverIds }),
  });
  const common = { accountId: account._id, billingGroupId: made._id };
  if (input.billing) await tx.recordAll(billingEvents(common, before, billing));
  if (input.isPrimary) await makePrimary(tx, account._id, made);
  return made;
}

/**
 * Renames a group. Safe to repeat: nothing changes if the group already has the name.
 *
 * @throws {Refusal} `billing_group_name_taken`, `invalid_input`, `billing_group_not_found`, `role_needed`
 */
export async function renameGroup(
  ctx: Ctx,
  input: { accountId: string; billingGroupId: string; name: string },
): Promise<{ before: string; after: string }> {
  const name = checkedName(input.name);
  const before = await inChange(ctx, input.accountId, 'edit_groups', async (tx, { account }) => {
    const group = await activeGroup(account._id, input.billingGroupId);
    await changeName(tx, group, name);
    return group.name;
  });
  return { before, after: name };
}

/** The same, as part of a change. @throws {Refusal} `billing_group_name_taken`, `invalid_input` */
export async function changeName(tx: Change, group: GroupDoc, typed: string): Promise<void> {
  const name = checkedName(typed);
  if (group.name === name) return;
  if (group.nameKey !== nameKey(name)) await assertNameFree(group.accountId, name);
  await setGroupSettings(tx, group.accountId, group._id, { name, nameKey: nameKey(name) });
  await redateInvoicesOf(tx, group.accountId, group._id);
  await tx.record({
    accountId: group.accountId,
    type: 'billing_group_renamed',
    description: `Renamed billing group "${group.name}" to "${name}"`,
    billingGroupId: group._id,
    before: { name: group.name },
    after: { name },
  });
}

/** Sets or removes a group's environment label. Safe to repeat. @throws {Refusal} as `renameGroup` */
export async function setEnvironment(
  ctx: Ctx,
  input: { accountId: string; billingGroupId: string; environment: string },
): Promise<void> {
  const environment = checkedEnvironment(input.environment) ?? '';
  await changeSettings(ctx, input, { environment }, ({ name }) => {
    return `Set environment of billing group "${name}" to ${environment || 'none'}`;
  });
}

/**
 * Sets who may approve a group's moves in addition to people whose role allows it. Only members are asked; people who
 * leave the account can no longer approve. Safe to repeat. @throws {Refusal} as `renameGroup`, `invalid_input`
 */
export async function setApprovers(
  ctx: Ctx,
  input: { accountId: string; billingGroupId: string; userIds: readonly string[] },
): Promise<void> {
  const approverIds = [...new Set(input.userIds)];
  if (approverIds.length > MOST_APPROVERS) throw faultIn('approvers', `Choose at most ${MOST_APPROVERS} people.`);
  await changeSettings(ctx, input, { approverIds }, ({ name }) => {
    return `Set approvers of billing group "${name}" to ${approverIds.join(', ') || 'none'}`;
  });
}

/** Changes a setting of an active group with its event, unless it has that value already. */
async function changeSettings(
  ctx: Ctx,
  { accountId, billingGroupId }: { accountId: string; billingGroupId: string },
  after: { readonly environment: string } | { readonly approverIds: readonly string[] },
  description: (group: GroupDoc) => string,
): Promise<void> {
  await inChange(ctx, accountId, 'edit_groups', async (tx, { account }) => {
    const group = await activeGroup(account._id, billingGroupId);
    const { environment, approverIds } = group;
    const before = 'environment' in after ? { environment } : { approverIds };
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    await setGroupSettings(tx, account._id, group._id, after);
    await tx.record({
      accountId: account._id,
      type: 'billing_group_changed',
      description: description(group),
      billingGroupId: group._id,
      before,
      after,
    });
  });
}

/**
 * Makes a group the one that new projects join. Safe to repeat. @throws {Refusal} `billing_group_not_found`,
 * `primary_group_private`, `role_needed`
 */
export async function setPrimaryGroup(
  ctx: Ctx,
  input: { accountId: string; billingGroupId: string },
): Promise<GroupDoc> {
  const group = await inAccountChange(ctx, input.accountId, 'administer', async (tx, { account }) => {
    const wanted = await activeGroup(account._id, input.billingGroupId);
    if (account.privateGroupIds?.includes(wanted._id))
      throw new Refusal('primary_group_private', { name: wanted.name });
    await holdGroup(tx, account._id, wanted._id);
    await makePrimary(tx, account._id, wanted);
    return wanted;
  });
  return group;
}

/** What prevents a group from being deleted. @throws {Refusal} `billing_group_not_found`, `role_needed` */
export async function deletionObstacles(
  ctx: Ctx,
  accountId: string,
  billingGroupId: string,
): Promise<DeletionObstacles & { group: GroupDoc }> {
  const { account } = await admit(ctx, accountId, 'edit_groups');
  const group = await activeGroup(account._id, billingGroupId);
  return { group, ...(await obstacles(ctx, account, group)) };
}

/**
 * Deletes a group (domain.md, Membership): no data is removed, its name can be used again, and its last period is still
 * invoiced. Safe to repeat: a second call finds no such group.
 *
 * @throws {Refusal} `billing_group_not_empty` with the projects' names, `billing_group_is_primary`,
 * `billing_group_not_found`, `role_needed`
 */
export async function deleteGroup(
  ctx: Ctx,
  input: { accountId: string; billingGroupId: string },
  check?: GroupCheck,
): Promise<GroupDoc> {
  // a primary group can only be deleted if it is the only group, so no other may be created or chosen concurrently
  const group = await inAccountChange(ctx, input.accountId, 'edit_groups', async (tx, { account }) => {
    const found = await activeGroup(account._id, input.billingGroupId);
    check?.(found);
    // changes that put a project into the group also write it, so that they conflict with this one
    await holdGroup(tx, account._id, found._id);
    const inTheWay = await obstacles(tx, account, found);
    if (inTheWay.projects > 0 || inTheWay.isPrimary) throw notDeletable(found, inTheWay);
    const deletedAt = tx.clock.now();
    const finalPeriod = periodAt(deletedAt, account.timeZone);
    await markGroupDeleted(tx, account._id, found._id, { deletedAt, finalPeriod });
    await redateInvoicesOf(tx, account._id, found._id);
    if (account.primaryBillingGroupId === found._id) await unsetPrimaryGroup(tx, account._id);
    await tx.record({
      accountId: account._id,
      type: 'billing_group_deleted',
      description: `Deleted billing group "${found.name}"`,
      billingGroupId: found._id,
      before: { state: 'active' },
      after: { state: 'deleted' },
    });
    return found;
  });
  return group;
}

/** Throws if a group isn't what the caller expects. Called in the transaction that changes it. */
export type GroupCheck = (group: GroupDoc) => void;

/** An active group of an account. @throws {Refusal} `billing_group_not_found` */
export async function activeGroup(accountId: string, billingGroupId: string): Promise<GroupDoc> {
  const group = await activeGroupById(accountId, billingGroupId);
  if (group) return group;
  throw new Refusal('billing_group_not_found', {});
}

/** Memberships of projects that are or will be in the group: those that haven't ended. */
async function obstacles(ctx: Ctx, account: AccountDoc, group: GroupDoc): Promise<DeletionObstacles> {
  const { count, firstIds } = await heldFrom(account._id, group._id, ctx.clock.now(), MOST_NAMED);
  const first = await projectsByIds(account._id, firstIds);
  const hasOther = await hasOtherActiveGroup(account._id, group._id);
  return {
    isPrimary: account.primaryBillingGroupId === group._id && hasOther,
    projects: count,
    first: first.sort(compareProjects).map(({ _id, name, label }) => ({ id: _id, name, label })),
  };
}

function notDeletable(group: GroupDoc, { isPrimary, projects, first }: DeletionObstacles): Refusal {
  if (projects === 0 && isPrimary) {
    return new Refusal('billing_group_is_primary', { name: group.name });
  }
  const names = first.map(({ name, label }) => label ?? name);
  return new Refusal('billing_group_not_empty', { name: group.name, projects, first: names });
}

async function assertNameFree(accountId: string, name: string): Promise<void> {
  if (await isGroupNameTaken(accountId, nameKey(name))) throw new Refusal('billing_group_name_taken', { name });
}

function checkedName(typed: string): string {
  const name = cleanName(typed);
  if (name === '') throw faultIn('name', 'Enter a name for the billing group.');
  if (nameLength(name) > NAME_LIMITS.billingGroup) {
    throw faultIn('name', `The name can have at most ${NAME_LIMITS.billingGroup} characters.`);
  }
  return name;
}

function checkedEnvironment(typed: string | undefined): string | undefined {
  if (typed === undefined) return undefined;
  const label = cleanName(typed);
  if (nameLength(label) <= ENVIRONMENT_LIMIT) return label;
  throw faultIn('environment', `The environment can have at most ${ENVIRONMENT_LIMIT} characters.`);
}

function faultIn(field: string, sentence: string): Refusal {
  return new Refusal('invalid_input', { fields: { [field]: sentence } });
}
