import { ROLES, type Role, roleName } from '../../billing/account/role.ts';
import { capitalized } from '../../billing/normalized.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type AccountDoc, activeUsersOf, type MemberDoc, type MemberKind } from '../../store/accounts/accounts.ts';
import {
  countMembers,
  hasOtherOwner,
  inactiveUsersOf,
  memberByUser,
  memberPage,
  membershipsHeldBy,
} from '../../store/accounts/member-reads.ts';
import { deleteMember, insertMember, setMemberRole } from '../../store/accounts/member-writes.ts';
import { newId } from '../../store/kit/ids.ts';
import { inAccountChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, pageOf } from '../kit/page.ts';
import type { Change } from '../kit/transaction.ts';
import { noteOwners } from './deactivation.ts';
import { admit, mightiest } from './rights.ts';

export type { MemberKind } from '../../store/accounts/accounts.ts';

/** A Slack user, or all users of a Slack user group. */
export interface Who {
  readonly kind: MemberKind;
  readonly id: string;
}

export interface Invitation {
  readonly accountId: string;
  readonly who: Who;
  readonly role: Role;
  /** For a user group: its current users. */
  readonly users?: readonly string[];
}

export interface MemberSummary extends Who {
  readonly role: Role;
  readonly since: Date;
  /** How many users a user group has; 1 for a user. */
  readonly people: number;
  /** Whether it is a user who is deactivated in Slack, so that the role doesn't count. */
  readonly isDeactivated: boolean;
}

const IDS: Readonly<Record<MemberKind, RegExp>> = { user: /^[UW]\w+$/, usergroup: /^S\w+$/ };

/**
 * Gives a person a role in an account, replacing the previous one. Safe to repeat. @throws {Refusal} `last_owner`,
 * `role_needed`
 */
export async function setMember(ctx: Ctx, accountId: string, userId: string, role: Role): Promise<void> {
  await inAccountChange(ctx, accountId, 'administer', (tx, { account }) =>
    enrol(tx, account, { kind: 'user', id: userId }, role),
  );
}

/**
 * Makes a person an owner, for the operator of the app when an account has no active owner. Safe to repeat. Doesn't
 * check the person with Slack.
 *
 * @returns false if they already were one
 * @throws {Refusal} `member_id_invalid`, `member_deactivated`, `role_needed`
 */
export async function makeOwner(ctx: Ctx, accountId: string, userId: string): Promise<boolean> {
  if (!IDS.user.test(userId)) {
    throw new Refusal('member_id_invalid', { id: userId });
  }
  return inAccountChange(ctx, accountId, 'administer', async (tx, { account }) => {
    if ((await inactiveUsersOf(accountId)).includes(userId)) {
      throw new Refusal('member_deactivated', { id: userId });
    }
    const before = await memberByUser(accountId, userId);
    await enrol(tx, account, { kind: 'user', id: userId }, 'owner');
    return before?.role !== 'owner';
  });
}

/**
 * Adds a person, or all users of a user group, to an account. Safe to repeat: nothing changes if they already have this
 * role. The caller must check with Slack that they belong to this workspace.
 *
 * @returns whether they were added, or already had the role
 * @throws {Refusal} `already_a_member` if they have a different role, `member_invalid`, `role_unknown`, `role_needed`
 */
export async function inviteMember(ctx: Ctx, input: Invitation): Promise<'added' | 'was_member'> {
  const { who, role, users } = input;
  assertRole(role);
  if (!IDS[who.kind].test(who.id) || (who.kind === 'usergroup' && !users)) {
    throw new Refusal('member_invalid');
  }
  const outcome = await inAccountChange(ctx, input.accountId, 'administer', async (tx, { account }) => {
    const before = await memberByUser(account._id, who.id);
    if (before?.role === role) return 'was_member' as const;
    if (before) {
      throw new Refusal('already_a_member', { role: before.role });
    }
    await enrol(tx, account, who, role, users);
    return 'added' as const;
  });
  return outcome;
}

/**
 * Gives a member another role. Safe to repeat.
 *
 * @throws {Refusal} `member_not_found`, `last_owner`, `member_invalid`, `role_unknown`, `role_needed`
 */
export async function changeRole(ctx: Ctx, input: { accountId: string; id: string; role: Role }): Promise<void> {
  assertRole(input.role);
  await inAccountChange(ctx, input.accountId, 'administer', async (tx, { account }) => {
    const member = await memberOf(account._id, input.id);
    await enrol(tx, account, { kind: member.kind ?? 'user', id: member.userId }, input.role);
  });
}

/**
 * Removes a member from an account. Everything they did stays. @throws {Refusal} `member_not_found`, `last_owner`,
 * `role_needed`
 */
export async function removeMember(ctx: Ctx, input: { accountId: string; id: string }): Promise<void> {
  await inAccountChange(ctx, input.accountId, 'administer', async (tx, { account }) => {
    const member = await memberOf(account._id, input.id);
    await expel(tx, member, `Removed ${nameOf(member)}`);
  });
}

/**
 * Removes the caller from an account.
 *
 * @returns the role that they still have through a user group, if any
 * @throws {Refusal} `last_owner`, `member_by_user_group` for those who are members only through a user group
 */
export async function leaveAccount(ctx: Ctx, accountId: string): Promise<Role | undefined> {
  const { actor } = ctx;
  if (actor.kind !== 'person') throw new Refusal('members_only');
  const left = await inAccountChange(ctx, accountId, 'see', async (tx, { account }) => {
    const { teamId, userId } = actor;
    const mine = await membershipsHeldBy(account._id, { teamId, userId });
    const own = mine.find((member) => member.userId === userId);
    if (!own) {
      throw new Refusal('member_by_user_group');
    }
    await expel(tx, own, `${nameOf(own, true)} left`);
    return mightiest(mine.filter((member) => member !== own));
  });
  return left;
}

/** The account's members, highest role first, then those who joined first. */
export async function listMembers(ctx: Ctx, accountId: string, request: PageRequest): Promise<Page<MemberSummary>> {
  await admit(ctx, accountId, 'see');
  const page = await pageOf(
    request,
    () => countMembers(accountId),
    ({ skip, size }) => memberPage(accountId, { skip, limit: size }),
  );
  return { ...page, items: page.items.map(summaryOf) };
}

/**
 * Gives someone a role, replacing the previous one. Part of a change of the account's members (`inAccountChange`), or
 * of creating the account.
 *
 * @throws {Refusal} `last_owner`
 */
export async function enrol(
  tx: Change,
  account: Pick<AccountDoc, '_id' | 'teamId'>,
  { kind, id: userId }: Who,
  role: Role,
  users: readonly string[] = [],
): Promise<void> {
  const accountId = account._id;
  const before = await memberByUser(accountId, userId);
  if (before?.role === role) return;
  if (before) {
    await assertOwnerStays(before);
    await setMemberRole(tx, accountId, before._id, role);
    await tx.record({
      accountId,
      type: 'member_role_changed',
      description: `Changed the role of ${nameOf(before)} from ${roleName(before.role)} to ${roleName(role)}`,
      before: { userId, role: before.role },
      after: { userId, role },
    });
    await noteOwners(tx, accountId);
    return;
  }
  const createdAt = tx.clock.now();
  const group = kind === 'usergroup' ? { users: [...users], usersAt: createdAt } : {};
  const member: MemberDoc = { _id: newId('mem'), accountId, teamId: account.teamId, kind, userId, role, createdAt };
  await insertMember(tx, { ...member, ...group });
  await tx.record({
    accountId,
    type: 'member_added',
    description: `Added ${nameOf(member)} as ${roleName(role)}`,
    after: { userId, role, ...(kind === 'usergroup' && { users: [...users] }) },
  });
  if (role === 'owner') await noteOwners(tx, accountId);
}

async function expel(tx: Change, member: MemberDoc, description: string): Promise<void> {
  const { accountId, userId, role } = member;
  await assertOwnerStays(member);
  await deleteMember(tx, accountId, member._id);
  await tx.record({ accountId, type: 'member_removed', description, before: { userId, role } });
  await noteOwners(tx, accountId);
}

/**
 * User groups don't count because they can become empty, and neither do deactivated owners. @throws {Refusal}
 * `last_owner`
 */
async function assertOwnerStays(leaving: MemberDoc): Promise<void> {
  if (leaving.role !== 'owner' || leaving.kind === 'usergroup') return;
  if (await hasOtherOwner(leaving.accountId, leaving._id)) return;
  throw new Refusal('last_owner');
}

async function memberOf(accountId: string, id: string): Promise<MemberDoc> {
  const member = await memberByUser(accountId, id);
  if (member) return member;
  throw new Refusal('member_not_found');
}

function assertRole(role: Role): void {
  if (!ROLES.includes(role)) throw new Refusal('role_unknown');
}

function nameOf(member: Pick<MemberDoc, 'kind' | 'userId'>, first = false): string {
  const kind = member.kind === 'usergroup' ? 'user group' : 'member';
  return `${first ? capitalized(kind) : kind} ${member.userId}`;
}

function summaryOf(member: MemberDoc): MemberSummary {
  const { kind = 'user', userId, users = [], role, createdAt } = member;
  const isDeactivated = kind === 'user' && activeUsersOf(member).length === 0;
  return { kind, id: userId, role, since: createdAt, people: kind === 'usergroup' ? users.length : 1, isDeactivated };
}
