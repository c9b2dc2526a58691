import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkBlocks, type Message, type View } from '../../../src/local/workspace/index.ts';
import { accountsOf, setMember } from '../../../src/services/accounts/accounts.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { Members } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import { type Product, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, modalSaying, clickFor, submitFor, errorsOf } = driving(() => product);
let product: Product;
let accountId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx);
  await createGroup(ctx, { accountId, name: 'Team Blue' });
});
afterAll(() => product.stop());

const roleOf = async (userId: string) => (await accountsOf(TEAM_ID, userId))[0]?.role;
const member = (userId: string) => Members.findOne({ accountId, userId }).lean();

const homeOf = (user: string) => textOf(as(user).home());
const modalOf = (user: string) => textOf(as(user).openedView());

function textOf(view: View | undefined): string {
  return view ? said(view) : '';
}

/** What the app sent a person directly. */
async function told(user: string, words: string): Promise<Message> {
  const message = await as(user).waitFor(() =>
    as(user)
      .messages(as(user).directMessage())
      .find((one) => said(one).includes(words)),
  );
  expect(checkBlocks('message', message.blocks ?? [])).toEqual([]);
  return message;
}

describe('inviting members', () => {
  it('works by command, and tells the person who invited them, with which role, and what to do next', async () => {
    expect(said(await ask('U0OWNER', '/billing members add @u0viewer viewer'))).toContain(
      'Added <@U0VIEWER> as viewer',
    );
    const message = said(await told('U0VIEWER', '*Acme*'));
    expect(message).toContain('<@U0OWNER> has added you');
    expect(message).toContain('as viewer');
    expect(message).toContain('/billing help');
    expect(said(await ask('U0VIEWER', '/billing groups'))).toContain('Team Blue');
  });

  it.each([
    ['as billing admin', 'billing_admin'],
    ['admin', 'billing_admin'],
    ['bil', 'billing_admin'],
    ['billing_admin', 'billing_admin'],
    ['a', 'approver'],
    ['M', 'member'],
  ])('accepts a role’s shortest name: %s', async (typed, role) => {
    await Members.deleteOne({ accountId, userId: 'U0ADMIN' });
    await ask('U0OWNER', `/billing members add @u0admin ${typed}`);
    expect(await roleOf('U0ADMIN')).toBe(role);
    await ask('U0OWNER', '/billing members role @u0admin billing admin');
  });

  it('accepts several people at once, and says who was already a member', async () => {
    const answer = said(await ask('U0OWNER', '/billing members add @u0approver @u0viewer viewer'));
    expect(answer).toContain('Added <@U0APPROVER> as viewer');
    expect(answer).toContain('<@U0VIEWER> already had this role');
    await ask('U0OWNER', '/billing mem role @u0approver approver');
    expect(await roleOf('U0APPROVER')).toBe('approver');
  });

  it('works by form for people and a user group, found while typing', async () => {
    await open('U0OWNER', '/billing members', 'Acme');
    await clickFor('U0OWNER', 'members.invite.open', 'Everyone in the group gets the role');
    expect(await errorsOf('U0OWNER', {})).toEqual({ people: 'Choose a person or a user group.' });
    const { options } = await as('U0OWNER').suggest({ actionId: 'members.invite.group' }, 'chi');
    expect(options).toHaveLength(1);
    const [chiefs] = options;
    await submitFor(
      'U0OWNER',
      { people: ['U0MEMBER'], userGroup: chiefs?.value ?? '', role: 'member' },
      'Added <@U0MEMBER>',
    );
    await told('U0MEMBER', 'has added you');
    await told('U0STRANGER', 'has added you');
    expect(await roleOf('U0STRANGER')).toBe('member');
    // the list below shows them immediately
    await as('U0OWNER').close();
    const list = said(await modalSaying('U0OWNER', '<@U0MEMBER>'));
    expect(list).toContain('<!subteam^S0CHIEFS>');
    expect(list).toContain('user group of 1 person');
  });

  it('is refused for a bot, with the choices still in the form', async () => {
    await open('U0OWNER', '/billing members', 'Acme');
    await clickFor('U0OWNER', 'members.invite.open', 'Everyone in the group');
    const again = said(await submitFor('U0OWNER', { people: ['U0LOCALBOT'], role: 'viewer' }, 'Apps and bots'));
    expect(again).toContain('"U0LOCALBOT"');
    expect(again).toContain('"value":"viewer"');
    expect(await member('U0LOCALBOT')).toBeNull();
  });

  it.each([
    ['add @u0member', 'Enter a role.'],
    ['add viewer', 'Mention people or a user group'],
    ['add @nobody viewer', 'Mention people or a user group'],
    ['add @u0member boss', '“boss” isn’t a role'],
    ['add @u0member viewer', 'This person is already a member with the member role'],
    ['add <@U0GHOST> viewer', 'Mention people or a user group'],
    ['role @u0member', 'Enter a role.'],
    ['role @u0member @u0viewer viewer', 'Only one person or user group'],
    ['role @team viewer', 'isn’t a direct member'],
    ['remove', 'Mention people or a user group'],
    ['remove @team', 'isn’t a direct member'],
    ['promote @u0member', 'There is no members command'],
    ['r @u0member', 'There is no members command'],
  ])('by command is refused: %s', async (words, why) => {
    const count = await Events.countDocuments({ accountId });
    expect(said(await ask('U0OWNER', `/billing members ${words}`))).toContain(why);
    expect(await Events.countDocuments({ accountId })).toBe(count);
  });

  it.each(['U0ADMIN', 'U0APPROVER', 'U0MEMBER', 'U0VIEWER'])(
    'is refused to %s, who sees no buttons for it',
    async (user) => {
      for (const words of ['add @u0stranger owner', 'role @u0viewer owner', 'remove @u0owner']) {
        const answer = said(await ask(user, `/billing members ${words}`));
        expect(answer).toContain('You need the owner role');
        expect(answer).toContain('<@U0OWNER>');
      }
      const view = said(await open(user, '/billing members', '<@U0OWNER>'));
      expect(view).toContain('Owners can invite');
      for (const id of ['members.invite.open', 'members.role', 'members.remove']) expect(view).not.toContain(id);
    },
  );
});

it('the answer names the people who were added before another was refused', async () => {
  await Members.deleteOne({ accountId, userId: 'U0STRANGER' });
  const heard = () => as('U0STRANGER').messages(as('U0STRANGER').directMessage()).length;
  const before = heard();
  expect(said(await ask('U0OWNER', '/billing members add @u0stranger @u0viewer approver'))).toContain(
    'already a member with the viewer role',
  );
  expect(await roleOf('U0STRANGER')).toBe('approver');
  expect(heard()).toBe(before + 1);
  await ask('U0OWNER', '/billing members remove @u0stranger');
});

describe('the list of members', () => {
  it('opens from Home, within the query limit', async () => {
    await as('U0VIEWER').openHome();
    await as('U0VIEWER').waitFor(() => homeOf('U0VIEWER').includes('members.open'));
    const queries = new QueryCounter();
    await as('U0VIEWER').click({ home: true, actionId: 'members.open' });
    const view = said(await modalSaying('U0VIEWER', '<@U0OWNER>'));
    expect(queries.take().length).toBeLessThanOrEqual(10);
    expect(view).toContain('<@U0VIEWER> (you)');
    expect(view.indexOf('U0OWNER')).toBeLessThan(view.indexOf('U0ADMIN'));
  });

  it('changes a role with its menu, and shows the actual role again after a refusal', async () => {
    const list = await open('U0OWNER', '/billing members', '<@U0VIEWER>');
    await as('U0OWNER').click({
      view: list,
      actionId: 'members.role',
      blockId: 'member U0VIEWER 0',
      value: 'approver',
    });
    await modalSaying('U0OWNER', 'member U0VIEWER 1');
    expect(await roleOf('U0VIEWER')).toBe('approver');
    const shown = await modalSaying('U0OWNER', 'member U0VIEWER 1');
    await as('U0OWNER').click({ view: shown, actionId: 'members.role', blockId: 'member U0OWNER 1', value: 'viewer' });
    await modalSaying('U0OWNER', 'needs at least one owner who is a person');
    await as('U0OWNER').close();
    await modalSaying('U0OWNER', 'member U0OWNER 2');
    expect(await roleOf('U0OWNER')).toBe('owner');
    await ask('U0OWNER', '/billing members role @u0viewer viewer');
  });

  it('removes a member after a confirmation, who then sees nothing', async () => {
    const theirs = await open('U0APPROVER', '/billing group "Team Blue"', 'Team Blue');
    await as('U0APPROVER').openHome();
    await as('U0APPROVER').waitFor(() => homeOf('U0APPROVER').includes('Team Blue'));
    const list = await open('U0OWNER', '/billing members', '<@U0APPROVER>');
    expect(said(list)).toContain('Remove this member?');
    await as('U0OWNER').click({ view: list, actionId: 'members.remove', blockId: 'member U0APPROVER 0' });
    await as('U0OWNER').waitFor(() => !modalOf('U0OWNER').includes('U0APPROVER'));
    // views opened before lead nowhere
    await as('U0APPROVER').click({ view: theirs, actionId: 'group.tab.projects' });
    await modalSaying('U0APPROVER', 'You don’t belong to this account');
    for (const line of ['groups', 'costs', 'invoices', 'account', 'members leave']) {
      const answer = said(await ask('U0APPROVER', `/billing ${line}`));
      expect(answer).toContain('You don’t belong to an account');
      expect(answer).not.toContain('Team Blue');
    }
    await product.settle();
    await as('U0APPROVER').waitFor(() => homeOf('U0APPROVER').includes('You don’t belong'));
    const removals = await Events.find({ accountId, type: 'member_removed' }).lean();
    expect(removals.map(({ description }) => description)).toContain('Removed member U0APPROVER');
  });

  it('can be paged through', async () => {
    await Members.insertMany(
      Array.from({ length: 40 }, (_, at) => ({
        _id: `mem_extra_${at}`,
        accountId,
        teamId: TEAM_ID,
        userId: `U0EXTRA${String(at).padStart(2, '0')}`,
        role: 'viewer' as const,
        createdAt: new Date('2026-03-21T00:00:00Z'),
      })),
    );
    await open('U0OWNER', '/billing members', 'Page 1 of 2');
    await clickFor('U0OWNER', 'members.page.next', 'U0EXTRA39');
    await clickFor('U0OWNER', 'members.page.previous', '<@U0OWNER> (you)');
    await Members.deleteMany({ accountId, userId: /^U0EXTRA/ });
  });
});

describe('leaving an account', () => {
  it('is possible for everybody except the last owner, also from the list', async () => {
    await Members.deleteMany({ accountId, userId: { $in: ['S0CHIEFS', 'U0MEMBER'] } });
    await ask('U0OWNER', '/billing members add @u0member viewer');
    const list = await open('U0MEMBER', '/billing members', 'members.leave');
    await as('U0MEMBER').click({ view: list, actionId: 'members.leave' });
    await modalSaying('U0MEMBER', 'You have left the account.');
    expect(await member('U0MEMBER')).toBeNull();
    expect(said(await ask('U0OWNER', '/billing members leave'))).toContain('needs at least one owner who is a person');
    expect(said(await ask('U0OWNER', '/billing members remove @u0owner'))).toContain('needs at least one owner');
    expect(said(await ask('U0OWNER', '/billing members role @u0owner viewer'))).toContain('needs at least one owner');
  });

  it('at the same instant leaves one of two owners', async () => {
    await ask('U0OWNER', '/billing members role @u0viewer owner');
    const answers = await Promise.all([
      ask('U0OWNER', '/billing members leave'),
      ask('U0VIEWER', '/billing members leave'),
    ]);
    const texts = answers.map(said);
    expect(texts.filter((text) => text.includes('You have left'))).toHaveLength(1);
    expect(texts.filter((text) => text.includes('needs at least one owner'))).toHaveLength(1);
    expect(await Members.countDocuments({ accountId, role: 'owner' })).toBe(1);
  });

  it('from the list, as one of two owners, closes what the person sees', async () => {
    await Members.deleteMany({ accountId, role: 'owner' });
    await setMember(ctx, accountId, 'U0OWNER', 'owner');
    await setMember(ctx, accountId, 'U0VIEWER', 'owner');
    const list = await open('U0OWNER', '/billing members', '<@U0OWNER> (you)');
    await as('U0OWNER').click({ view: list, actionId: 'members.remove', blockId: 'member U0OWNER 0' });
    await modalSaying('U0OWNER', 'You have left the account.');
    expect(await roleOf('U0OWNER')).toBeUndefined();
  });
});
