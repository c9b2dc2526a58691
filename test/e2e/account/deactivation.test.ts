import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { EventType } from '../../../src/billing/event/event.ts';
import { holdersOf } from '../../../src/services/access/rights.ts';
import { accountsOf, createAccount } from '../../../src/services/accounts/accounts.ts';
import { peopleOf } from '../../../src/services/moves/move-people.ts';
import { Accounts, Members } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const { as, ask } = driving(() => product);
let product: Product;
let accountId = '';
let made = 0;

beforeAll(async () => {
  product = await startProduct(clock);
});
afterAll(() => product.stop());

beforeEach(async () => {
  await Promise.all([Members.deleteMany({}), Accounts.deleteMany({})]);
  made += 1;
  const input = { name: `Acme ${made}`, timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: FINANCE };
  accountId = (await createAccount(contextAt(clock), { teamId: TEAM_ID, userId: 'U0ADMIN' }, input))._id;
});

const roleOf = async (userId: string) => (await accountsOf(TEAM_ID, userId))[0]?.role;
const deactivate = async (userId: string, isDeactivated = true) => {
  await product.workspace.setDeactivated(userId, isDeactivated);
  await product.quiet();
};
const events = async (type: EventType) => Events.find({ accountId, type }).sort({ _id: 1 }).lean();
const directMessages = (userId: string) => as(userId).messages(as(userId).directMessage());

it('a deactivated person has no role, isn’t named or asked to approve, and gets the role back when reactivated', async () => {
  await ask('U0ADMIN', '/billing members add @u0approver approver');
  await deactivate('U0APPROVER');
  expect(await roleOf('U0APPROVER')).toBeUndefined();
  expect(await holdersOf([accountId], ['approver'], 5)).toEqual([]);
  expect((await peopleOf(accountId)).map(({ userId }) => userId)).toEqual(['U0ADMIN']);
  expect(said(await ask('U0APPROVER', '/billing groups'))).toContain('You don’t belong to an account');
  expect(await Members.findOne({ accountId, userId: 'U0APPROVER' }).lean()).toMatchObject({
    role: 'approver',
    inactive: ['U0APPROVER'],
  });
  await deactivate('U0APPROVER', false);
  expect(await roleOf('U0APPROVER')).toBe('approver');
  expect((await peopleOf(accountId)).map(({ userId }) => userId)).toEqual(['U0ADMIN', 'U0APPROVER']);
  expect(await events('member_deactivated')).toHaveLength(1);
  expect((await events('member_reactivated')).map(({ description }) => description)).toEqual([
    'The Slack account of U0APPROVER was reactivated',
  ]);
});

it('deactivated users don’t get a user group’s role', async () => {
  await ask('U0ADMIN', '/billing members add @team viewer');
  await Members.updateOne({ accountId, userId: 'S0TEAM' }, { $set: { inactive: ['U0MEMBER'] } });
  expect(await roleOf('U0MEMBER')).toBeUndefined();
  expect(await roleOf('U0STRANGER')).toBe('viewer');
  expect(await holdersOf([accountId], ['viewer'], 5)).toEqual(['U0STRANGER']);
});

it('the workspace’s owners and admins are notified once when an account has no active owner', async () => {
  const before = directMessages('U0OWNER').length;
  await ask('U0ADMIN', '/billing members add @u0member owner');
  await deactivate('U0ADMIN');
  await product.ticks.run('owners');
  expect(directMessages('U0OWNER')).toHaveLength(before);
  await deactivate('U0MEMBER');
  await product.ticks.run('owners');
  await product.ticks.run('owners');
  const told = directMessages('U0OWNER').slice(before);
  expect(told).toHaveLength(1);
  expect(told.map(said).join()).toContain(`“Acme ${made}” has no active owner`);
  expect(told.map(said).join()).toContain('<@U0MEMBER>');
  expect(await events('account_without_owner')).toHaveLength(1);
  await deactivate('U0ADMIN', false);
  expect(await Accounts.findById(accountId).lean()).not.toHaveProperty('ownerless');
  clock.set('2026-03-21T12:00:00Z');
  await deactivate('U0ADMIN');
  await product.ticks.run('owners');
  expect(directMessages('U0OWNER').slice(before)).toHaveLength(2);
  await deactivate('U0ADMIN', false);
  await deactivate('U0MEMBER', false);
});

it('an active owner can’t leave while all other owners are deactivated', async () => {
  await ask('U0ADMIN', '/billing members add @u0member owner');
  await deactivate('U0MEMBER');
  expect(said(await ask('U0ADMIN', '/billing members leave'))).toContain('owner');
  expect(await roleOf('U0ADMIN')).toBe('owner');
  await deactivate('U0MEMBER', false);
});
