import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accountsOf, createAccount } from '../../../src/services/accounts/accounts.ts';
import { Members } from '../../../src/store/accounts/accounts.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const { ask, open, clickFor } = driving(() => product);
let product: Product;
let accountId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  const input = { name: 'Acme', timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: FINANCE };
  accountId = (await createAccount(contextAt(clock), { teamId: TEAM_ID, userId: 'U0OWNER' }, input))._id;
});
afterAll(() => product.stop());

const roleOf = async (userId: string) => (await accountsOf(TEAM_ID, userId))[0]?.role;

describe('a workspace whose Slack plan has no user groups', () => {
  it('has an invitation form that says so and can still invite people', async () => {
    product.workspace.faults.next({ method: 'usergroups.list', kind: 'error', error: 'paid_teams_only' });
    await open('U0OWNER', '/billing members', 'members.invite.open');
    const form = await clickFor('U0OWNER', 'members.invite.open', 'User groups aren’t available');
    expect(JSON.stringify(form)).not.toContain('members.invite.group');
    expect(JSON.stringify(form)).toContain('members.invite.people');
  });

  it('keeps the menu after any other failure, which may be temporary', async () => {
    product.workspace.faults.next({ method: 'usergroups.list', kind: 'error', error: 'fatal_error' });
    await open('U0OWNER', '/billing members', 'members.invite.open');
    await clickFor('U0OWNER', 'members.invite.open', 'Everyone in the group gets the role');
    await product.quiet();
    expect(JSON.stringify(product.workspace.as('U0OWNER').openedView())).toContain('members.invite.group');
  });
});

describe('a person in two user groups', () => {
  it('has the stronger role, follows Slack’s events immediately, and missed ones by a job', async () => {
    await ask('U0OWNER', '/billing members add @team viewer');
    await ask('U0OWNER', '/billing members add @chiefs billing admin');
    expect(await roleOf('U0STRANGER')).toBe('billing_admin');
    expect(await roleOf('U0MEMBER')).toBe('viewer');
    expect(said(await ask('U0STRANGER', '/billing account'))).toContain('billing admin');
    await product.workspace.setUserGroupMembers('S0CHIEFS', ['U0MEMBER']);
    await eventually(async () => (await roleOf('U0STRANGER')) === 'viewer');
    expect(await roleOf('U0MEMBER')).toBe('billing_admin');
    expect(said(await ask('U0STRANGER', '/billing create Mine'))).toContain('owner or billing admin');
    // not reported by an event: only the database has forgotten
    await Members.updateMany({ accountId, kind: 'usergroup' }, { $set: { users: [] } });
    expect(await roleOf('U0STRANGER')).toBeUndefined();
    await product.ticks.run('user-groups');
    expect(await roleOf('U0STRANGER')).toBe('viewer');
    expect(await roleOf('U0MEMBER')).toBe('billing_admin');
    // a group that isn't a member changes nothing
    await ask('U0OWNER', '/billing members remove @chiefs');
    await product.workspace.setUserGroupMembers('S0CHIEFS', ['U0STRANGER', 'U0MEMBER']);
    expect(await roleOf('U0STRANGER')).toBe('viewer');
  });

  it('can leave only if they are a member themselves', async () => {
    expect(said(await ask('U0STRANGER', '/billing members leave'))).toContain('through a Slack user group');
    await ask('U0OWNER', '/billing members add @u0stranger member');
    expect(said(await ask('U0STRANGER', '/billing members leave'))).toContain('you still have the viewer role');
    await ask('U0OWNER', '/billing members remove @team');
    expect(said(await ask('U0STRANGER', '/billing members leave'))).toContain('You don’t belong to an account');
  });
});

/** For changes that the workspace doesn't report. */
async function eventually(look: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 5_000;
  while (!(await look())) {
    if (performance.now() > until) throw new Error('Nothing of the kind within 5 seconds');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
