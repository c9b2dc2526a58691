import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  changeRole,
  inviteMember,
  leaveAccount,
  listMembers,
  removeMember,
  setMember,
} from '../../../src/services/access/members.ts';
import { admit } from '../../../src/services/access/rights.ts';
import { isUserGroupKnown, refreshUserGroup, userGroupsToRefresh } from '../../../src/services/access/user-groups.ts';
import { accountsOf, createAccount, currentAccount } from '../../../src/services/accounts/accounts.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import { Members } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const as = (userId: string): Ctx => contextAt(clock, person(userId));
const owner = as('U_OWNER');
let accountId = '';

beforeEach(async () => {
  // each test has the people to itself
  await Members.deleteMany({});
  accountId = (await anAccount(ctx))._id;
});

const events = async () => (await Events.find({ accountId }).sort({ _id: 1 }).lean()).map((one) => one.description);
const user = (id: string) => ({ kind: 'user', id }) as const;
const userGroup = (id: string) => ({ kind: 'usergroup', id }) as const;

describe('inviting a member', () => {
  it('adds a person once, with an event, however often it is requested', async () => {
    expect(await inviteMember(owner, { accountId, who: user('U1'), role: 'viewer' })).toBe('added');
    expect(await inviteMember(owner, { accountId, who: user('U1'), role: 'viewer' })).toBe('was_member');
    expect((await events()).filter((text) => text.includes('U1'))).toEqual(['Added member U1 as viewer']);
    expect(await admit(as('U1'), accountId, 'see')).toMatchObject({ role: 'viewer' });
  });

  it('creates one member from ten simultaneous invitations', async () => {
    const invite = () => inviteMember(owner, { accountId, who: user('U1'), role: 'viewer' });
    const outcomes = await Promise.all(Array.from({ length: 10 }, invite));
    expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(1);
    expect(await Members.countDocuments({ accountId, userId: 'U1' })).toBe(1);
    expect((await events()).filter((text) => text.includes('U1'))).toHaveLength(1);
  });

  it('is refused for a person with another role, and for an invalid Slack ID', async () => {
    await setMember(owner, accountId, 'U1', 'viewer');
    const other = inviteMember(owner, { accountId, who: user('U1'), role: 'owner' });
    await expect(other).rejects.toMatchObject({ code: 'already_a_member' });
    for (const who of [user('S1'), userGroup('U1'), user('automation')]) {
      const invitation = inviteMember(owner, { accountId, who, role: 'viewer', users: [] });
      await expect(invitation).rejects.toMatchObject({ code: 'member_invalid' });
    }
    const unread = inviteMember(owner, { accountId, who: userGroup('S1'), role: 'viewer' });
    await expect(unread).rejects.toMatchObject({ code: 'member_invalid' });
  });
});

describe('permissions', () => {
  it.each(['billing_admin', 'approver', 'member', 'viewer'] as const)('don’t let a %s change members', async (role) => {
    await setMember(owner, accountId, 'U1', role);
    const mine = as('U1');
    for (const attempt of [
      inviteMember(mine, { accountId, who: user('U2'), role: 'viewer' }),
      changeRole(mine, { accountId, id: 'U1', role: 'owner' }),
      removeMember(mine, { accountId, id: 'U_OWNER' }),
      setMember(mine, accountId, 'U1', 'owner'),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'role_needed', people: ['U_OWNER'] });
    }
    expect((await listMembers(mine, accountId, { page: 1, size: 10 })).total).toBe(2);
  });

  it('show outsiders nothing, including removed members', async () => {
    await setMember(owner, accountId, 'U1', 'billing_admin');
    await removeMember(owner, { accountId, id: 'U1' });
    const gone = as('U1');
    for (const attempt of [
      listMembers(gone, accountId, { page: 1, size: 10 }),
      leaveAccount(gone, accountId),
      createGroup(gone, { accountId, name: 'Mine' }),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'account_not_found' });
    }
    expect(await accountsOf('T1', 'U1')).toEqual([]);
    expect(await events()).toContain('Removed member U1');
  });

  it('don’t extend to another workspace, even with the same user ID', async () => {
    await setMember(owner, accountId, 'U1', 'owner');
    const elsewhere = contextAt(clock, person('U1', 'T2'));
    await expect(admit(elsewhere, accountId, 'see')).rejects.toMatchObject({ code: 'account_not_found' });
  });
});

describe('role changes', () => {
  it('have an event with the former and new role', async () => {
    await setMember(owner, accountId, 'U1', 'viewer');
    await changeRole(owner, { accountId, id: 'U1', role: 'billing_admin' });
    await changeRole(owner, { accountId, id: 'U1', role: 'billing_admin' });
    expect((await events()).slice(3)).toEqual(['Changed the role of member U1 from viewer to billing admin']);
    const event = await Events.findOne({ accountId, type: 'member_role_changed' }).orFail().lean();
    expect(event).toMatchObject({ before: { role: 'viewer' }, after: { role: 'billing_admin' }, actor: 'U_OWNER' });
  });

  it('are refused for people who aren’t members', async () => {
    const attempt = changeRole(owner, { accountId, id: 'U9', role: 'viewer' });
    await expect(attempt).rejects.toMatchObject({ code: 'member_not_found' });
    const removal = removeMember(owner, { accountId, id: 'U9' });
    await expect(removal).rejects.toMatchObject({ code: 'member_not_found' });
  });
});

describe('the last owner', () => {
  it('can’t leave, be removed or be demoted in any way', async () => {
    await inviteMember(owner, { accountId, who: userGroup('S1'), role: 'owner', users: ['U5', 'U6'] });
    await setMember(owner, accountId, 'U1', 'billing_admin');
    for (const attempt of [
      leaveAccount(owner, accountId),
      removeMember(as('U5'), { accountId, id: 'U_OWNER' }),
      changeRole(owner, { accountId, id: 'U_OWNER', role: 'viewer' }),
      setMember(ctx, accountId, 'U_OWNER', 'member'),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'last_owner' });
    }
    expect(await Members.countDocuments({ accountId, role: 'owner' })).toBe(2);
    expect(await events()).toHaveLength(4);
  });

  it('remains when two owners leave at the same instant, again and again', async () => {
    for (let round = 0; round < 8; round++) {
      await setMember(ctx, accountId, 'U_OWNER', 'owner');
      await setMember(ctx, accountId, 'U2', 'owner');
      const left = await Promise.allSettled([
        leaveAccount(as('U_OWNER'), accountId),
        round % 2 === 0 ? leaveAccount(as('U2'), accountId) : changeRole(ctx, { accountId, id: 'U2', role: 'viewer' }),
      ]);
      expect(left.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const reasons = left.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
      expect(reasons).toEqual(['last_owner']);
      expect(await Members.countDocuments({ accountId, role: 'owner' })).toBe(1);
      await setMember(ctx, accountId, 'U_OWNER', 'owner');
    }
  });

  it('doesn’t keep other members from leaving', async () => {
    await setMember(owner, accountId, 'U1', 'viewer');
    await setMember(owner, accountId, 'U2', 'owner');
    expect(await leaveAccount(as('U1'), accountId)).toBeUndefined();
    expect(await leaveAccount(as('U_OWNER'), accountId)).toBeUndefined();
    expect(await events()).toEqual(expect.arrayContaining(['Member U1 left', 'Member U_OWNER left']));
  });
});

describe('a user group', () => {
  it('gives its role to all its users, and the strongest of several applies', async () => {
    await inviteMember(owner, { accountId, who: userGroup('S1'), role: 'viewer', users: ['U5', 'U6'] });
    await inviteMember(owner, { accountId, who: userGroup('S2'), role: 'billing_admin', users: ['U6'] });
    await setMember(owner, accountId, 'U5', 'member');
    expect((await admit(as('U5'), accountId, 'see')).role).toBe('member');
    expect((await admit(as('U6'), accountId, 'edit_groups')).role).toBe('billing_admin');
    expect(await accountsOf('T1', 'U6')).toMatchObject([{ role: 'billing_admin', isCurrent: true }]);
    expect((await currentAccount('T1', 'U6')).account._id).toBe(accountId);
    await removeMember(owner, { accountId, id: 'S2' });
    expect((await admit(as('U6'), accountId, 'see')).role).toBe('viewer');
    await removeMember(owner, { accountId, id: 'S1' });
    await expect(admit(as('U6'), accountId, 'see')).rejects.toMatchObject({ code: 'account_not_found' });
    expect((await admit(as('U5'), accountId, 'see')).role).toBe('member');
  });

  it('can’t be left in the app: a person who is a member only through it is told so', async () => {
    await inviteMember(owner, { accountId, who: userGroup('S1'), role: 'viewer', users: ['U5', 'U6'] });
    await setMember(owner, accountId, 'U5', 'owner');
    await expect(leaveAccount(as('U6'), accountId)).rejects.toMatchObject({ code: 'member_by_user_group' });
    expect(await leaveAccount(as('U5'), accountId)).toBe('viewer');
    expect((await admit(as('U5'), accountId, 'see')).role).toBe('viewer');
  });

  it('follows Slack, with an event only when somebody joined or left', async () => {
    await inviteMember(owner, { accountId, who: userGroup('S7'), role: 'viewer', users: ['U5'] });
    const group = { teamId: 'T1', userGroupId: 'S7' };
    expect(await refreshUserGroup(ctx, group, ['U5', 'U6'])).toBe(1);
    expect(await refreshUserGroup(ctx, group, ['U6', 'U5'])).toBe(0);
    expect((await admit(as('U6'), accountId, 'see')).role).toBe('viewer');
    expect(await refreshUserGroup(ctx, group, [])).toBe(1);
    await expect(admit(as('U5'), accountId, 'see')).rejects.toMatchObject({ code: 'account_not_found' });
    expect((await events()).slice(3)).toEqual([
      'User group S7 has 2 users: 1 joined, 0 left',
      'User group S7 has 0 users: 0 joined, 2 left',
    ]);
  });

  it('is checked in turn, the longest unchecked first', async () => {
    await inviteMember(owner, { accountId, who: userGroup('S1'), role: 'viewer', users: [] });
    clock.set('2026-03-20T12:05:00Z');
    await inviteMember(owner, { accountId, who: userGroup('S2'), role: 'viewer', users: [] });
    const order = async () => (await userGroupsToRefresh(['T1'])).map(({ userGroupId }) => userGroupId);
    expect((await order())[0]).toBe('S1');
    clock.set('2026-03-20T12:10:00Z');
    await refreshUserGroup(ctx, { teamId: 'T1', userGroupId: 'S1' }, []);
    expect((await order())[0]).toBe('S2');
    expect(await userGroupsToRefresh(['T2'])).toEqual([]);
    expect(await isUserGroupKnown({ teamId: 'T1', userGroupId: 'S2' })).toBe(true);
    expect(await isUserGroupKnown({ teamId: 'T2', userGroupId: 'S2' })).toBe(false);
  });

  it('helps people without permission: its users are named', async () => {
    const other = await createAccount(
      ctx,
      { teamId: 'T7', userId: 'U_O7' },
      { name: 'Seven', timeZone: 'Etc/UTC', currency: 'USD', financeChannelId: null },
    );
    await inviteMember(ctx, { accountId: other._id, who: userGroup('S1'), role: 'owner', users: ['U8'] });
    const stranger = currentAccount('T7', 'U9');
    await expect(stranger).rejects.toMatchObject({ code: 'not_a_member', people: ['U_O7', 'U8'] });
  });
});

describe('the list of members', () => {
  it('has the strongest role first, then the earliest member, in pages', async () => {
    await setMember(owner, accountId, 'U1', 'viewer');
    await setMember(owner, accountId, 'U2', 'billing_admin');
    await inviteMember(owner, { accountId, who: userGroup('S1'), role: 'approver', users: ['U5', 'U6'] });
    const first = await listMembers(owner, accountId, { page: 1, size: 3 });
    expect(first.items.map(({ id, role, people }) => [id, role, people])).toEqual([
      ['U_OWNER', 'owner', 1],
      ['U2', 'billing_admin', 1],
      ['S1', 'approver', 2],
    ]);
    expect(first).toMatchObject({ total: 4, pages: 2 });
    const second = await listMembers(owner, accountId, { page: 2, size: 3 });
    expect(second.items).toMatchObject([{ id: 'U1', kind: 'user', role: 'viewer' }]);
  });
});

it('checking access takes two queries, and so does listing a person’s accounts, plus one to choose between several', async () => {
  await inviteMember(owner, { accountId, who: userGroup('S1'), role: 'viewer', users: ['U5'] });
  const queries = new QueryCounter();
  await admit(as('U5'), accountId, 'see');
  expect(queries.take()).toEqual(['find accounts', 'find members']);
  await accountsOf('T1', 'U5');
  expect(queries.take()).toEqual(['find members', 'find accounts']);
  await inviteMember(owner, { accountId: (await anAccount(ctx))._id, who: user('U5'), role: 'viewer' });
  queries.take();
  await accountsOf('T1', 'U5');
  expect(queries.take()).toEqual(['find members', 'find accounts', 'find account_choices']);
});
