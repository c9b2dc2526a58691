import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventType } from '../../src/billing/event/event.ts';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { createAcme } from '../support/acme.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { driving, said } from '../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, modalSaying, clickFor, submitFor, errorsOf } = driving(() => product);
let product: Product;
let accountId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0ADMIN', 'U0APPROVER', 'U0MEMBER', 'U0VIEWER'] });
});
afterAll(() => product.stop());

const groupNamed = (name: string) => Groups.findOne({ accountId, name, state: 'active' }).orFail().lean();
const eventsOf = async (type: EventType) =>
  (await Events.find({ accountId, type }).lean()).map((one) => one.description);

describe('creating a group', () => {
  it('works by command, with currency, environment and a group to copy', async () => {
    expect(said(await ask('U0ADMIN', '/billing create "Team Blue" in usd for prod'))).toContain('Team Blue');
    expect(await groupNamed('Team Blue')).toMatchObject({ currency: 'USD', environment: 'prod' });
    await ask('U0ADMIN', '/billing create Team Red like "Team Blue"');
    expect(await groupNamed('Team Red')).toMatchObject({ currency: 'USD', environment: 'prod' });
    expect(await eventsOf('billing_group_created')).toContain('Created billing group "Team Blue"');
  });

  it('works by form, with errors under their fields and nothing typed lost', async () => {
    await open('U0ADMIN', '/billing create', 'Environment');
    expect(await errorsOf('U0ADMIN', { name: '  ' })).toEqual({ name: 'Enter a name for the billing group.' });
    const refused = await submitFor('U0ADMIN', { name: 'team blue', environment: 'dev' }, 'already');
    expect(said(refused)).toContain('team blue');
    expect(said(refused)).toContain('"dev"');
    await as('U0ADMIN').suggest({ actionId: 'group.create.currency' }, 'yen');
    await submitFor('U0ADMIN', { name: 'Team Grün', 'group.create.currency': 'JPY' }, 'invoices are in JPY');
    expect(await groupNamed('Team Grün')).toMatchObject({ currency: 'JPY', environment: 'dev' });
  });

  it('is refused with a taken name, whatever its case and composition', async () => {
    expect(said(await ask('U0ADMIN', `/billing create "TEAM GRU\u0308N"`))).toContain('already');
  });

  it.each([
    ['/billing create "Team X" in XXY', 'isn’t a supported currency'],
    [`/billing create ${'x'.repeat(129)}`, 'at most 128 characters'],
    ['/billing create "Team X" like Nobody', 'no billing group named'],
    [`/billing create "Team X" for ${'e'.repeat(65)}`, 'at most 64'],
  ])('is refused: %s', async (line, why) => {
    expect(said(await ask('U0ADMIN', line))).toContain(why);
    expect(await Groups.countDocuments({ accountId, name: 'Team X' })).toBe(0);
  });

  it.each(['U0APPROVER', 'U0MEMBER', 'U0VIEWER'])('is refused to %s, with the role it requires', async (user) => {
    const answer = said(await ask(user, '/billing create Mine'));
    expect(answer).toContain('owner or billing admin');
    expect(answer).toContain('<@U0OWNER>');
  });

  it('creates one of ten identical groups requested at once', async () => {
    const before = as('U0ADMIN').ephemerals(FINANCE).length;
    await Promise.all(Array.from({ length: 10 }, () => as('U0ADMIN').command(FINANCE, '/billing create Once')));
    await as('U0ADMIN').waitFor(() => as('U0ADMIN').ephemerals(FINANCE).length >= before + 10);
    expect(await Groups.countDocuments({ accountId, name: 'Once' })).toBe(1);
    expect((await eventsOf('billing_group_created')).filter((text) => text.includes('"Once"'))).toHaveLength(1);
  });

  it('shows a typed name as it is, without formatting', async () => {
    const answer = said(await ask('U0ADMIN', '/billing create "*<!channel>* _x_ `y` @here"'));
    expect(answer).not.toContain('<!channel>');
    expect(answer).not.toContain('`y`');
    const view = said(await open('U0ADMIN', '/billing group "*<!channel>* _x_ `y` @here"', 'so far in'));
    expect(view).not.toContain('<!channel>');
    expect(view).toContain('&lt;!channel&gt;');
  });
});

describe('a private group', () => {
  it('is made private by command, and shown to its people only', async () => {
    expect(said(await ask('U0MEMBER', '/billing private "Team Blue"'))).toContain('owner or billing admin');
    expect(said(await ask('U0ADMIN', '/billing private "Team Blue"'))).toContain('*Team Blue* is private');
    const view = said(await open('U0ADMIN', '/billing group "Team Blue"', 'Private:'));
    expect(view).toContain('owners, billing admins, and the leads of its projects');
    expect(said(await ask('U0ADMIN', '/billing groups blue'))).toContain('*Team Blue* · private');
    expect(said(await ask('U0MEMBER', '/billing groups blue'))).toContain('No billing group has such a name.');
    await as('U0MEMBER').command(FINANCE, '/billing group "Team Blue"');
    await modalSaying('U0MEMBER', 'There is no billing group named “Team Blue”');
    expect(said(await ask('U0MEMBER', '/billing costs'))).toContain('can’t see aren’t included');
    expect(said(await ask('U0ADMIN', '/billing costs'))).not.toContain('can’t see aren’t included');
  });

  it('is changed with the form of its action menu, and made public by command', async () => {
    await open('U0ADMIN', '/billing group "Team Blue"', 'Private:');
    await clickFor('U0ADMIN', 'group.menu', 'Private to its people', 'rename');
    await submitFor('U0ADMIN', { privacy: [], approvers: ['U0VIEWER'] }, 'Saved');
    expect(said(await ask('U0MEMBER', '/billing groups blue'))).toContain('*Team Blue*');
    await open('U0ADMIN', '/billing group "Team Blue"', 'Team Blue');
    await clickFor('U0ADMIN', 'group.menu', 'Private to its people', 'rename');
    await submitFor('U0ADMIN', { privacy: ['private'] }, 'Saved');
    expect(said(await ask('U0VIEWER', '/billing groups blue'))).toContain('*Team Blue* · private');
    expect(said(await ask('U0MEMBER', '/billing groups blue'))).toContain('No billing group has such a name.');
    expect(said(await ask('U0ADMIN', '/billing public "Team Blue"'))).toContain('Everybody in the account can see');
    expect(said(await ask('U0MEMBER', '/billing groups blue'))).toContain('*Team Blue*');
    expect(await eventsOf('billing_group_changed')).toEqual(
      expect.arrayContaining([
        'Made billing group "Team Blue" private',
        'Made billing group "Team Blue" visible to all members',
      ]),
    );
  });
});

describe('renaming a group', () => {
  it('works by command and with the form in its action menu', async () => {
    expect(said(await ask('U0ADMIN', '/billing rename "Team Red" to Team Rot'))).toContain('Team Rot');
    await open('U0ADMIN', '/billing group team ro', 'Team Rot');
    await clickFor('U0ADMIN', 'group.menu', 'Environment', 'rename');
    await submitFor('U0ADMIN', { name: 'Team Crimson', environment: 'test', approvers: ['U0VIEWER'] }, 'Renamed');
    expect(await groupNamed('Team Crimson')).toMatchObject({ environment: 'test', approverIds: ['U0VIEWER'] });
    expect(await eventsOf('billing_group_renamed')).toContain('Renamed billing group "Team Rot" to "Team Crimson"');
    // the group's view below shows it immediately
    await as('U0ADMIN').close();
    await modalSaying('U0ADMIN', 'Team Crimson');
  });

  it('can change the case of its own name', async () => {
    await ask('U0ADMIN', '/billing rename "team crimson" to "TEAM Crimson"');
    expect(await groupNamed('TEAM Crimson')).toBeTruthy();
  });

  it('is refused with a taken name, keeping what was typed', async () => {
    expect(said(await ask('U0ADMIN', '/billing rename "TEAM Crimson" to "team BLUE"'))).toContain('already');
    await open('U0ADMIN', '/billing group TEAM', 'Several billing groups');
    await open('U0ADMIN', '/billing group "team crimson"', 'TEAM Crimson');
    await clickFor('U0ADMIN', 'group.menu', 'Environment', 'rename');
    const again = await submitFor('U0ADMIN', { name: 'team blue', environment: 'typed' }, 'already');
    expect(said(again)).toContain('"typed"');
  });

  it.each([
    ['/billing rename', 'Enter a billing group'],
    ['/billing rename "Nobody" to "Somebody"', 'There is no billing group named'],
    ['/billing rename "Team Blue" to " "', 'Enter a name for the billing group.'],
  ])('is refused: %s', async (line, why) => {
    expect(said(await ask('U0ADMIN', line))).toContain(why);
  });

  it.each(['U0APPROVER', 'U0MEMBER', 'U0VIEWER'])('is refused to %s', async (user) => {
    expect(said(await ask(user, '/billing rename "Team Blue" to Mine'))).toContain('owner or billing admin');
    const view = await open(user, '/billing group "Team Blue"', 'Team Blue');
    expect(said(view)).not.toContain('group.menu');
  });
});

describe('the primary group', () => {
  it('is set by an owner, by command and by menu, and is marked', async () => {
    expect(said(await ask('U0OWNER', '/billing primary "Team Blue"'))).toContain('New projects now join');
    expect(said(await ask('U0OWNER', '/billing groups'))).toContain('*Team Blue* · primary');
    await open('U0OWNER', '/billing group once', 'Once');
    await clickFor('U0OWNER', 'group.menu', 'New projects will join', 'primary');
    await submitFor('U0OWNER', {}, 'New projects now join');
    const account = await Accounts.findById(accountId).orFail().lean();
    expect(account.primaryBillingGroupId).toBe((await groupNamed('Once'))._id);
    await ask('U0OWNER', '/billing primary "Team Blue"');
  });

  it('can’t be changed by anyone else', async () => {
    for (const user of ['U0ADMIN', 'U0APPROVER', 'U0MEMBER', 'U0VIEWER']) {
      expect(said(await ask(user, '/billing primary Once'))).toContain('You need the owner role');
    }
    expect(said(await ask('U0OWNER', '/billing primary'))).toContain('Enter a billing group');
  });
});

describe('creating a project', () => {
  it('adds it to the named group, or else to the primary one', async () => {
    expect(said(await ask('U0MEMBER', '/billing project create web-shop in Once'))).toContain('Once');
    expect(said(await ask('U0MEMBER', '/billing project create data-lake'))).toContain('Team Blue');
    expect(await eventsOf('project_added')).toContain('Added project data-lake to billing group "Team Blue"');
  });

  it('works by form from the open group', async () => {
    await open('U0MEMBER', '/billing group once', 'Once');
    await clickFor('U0MEMBER', 'group.tab.projects', 'web-shop');
    await clickFor('U0MEMBER', 'project.create.open', 'As named in the cost files');
    expect(await errorsOf('U0MEMBER', { name: ' ' })).toEqual({ name: 'Enter a name for the project.' });
    const again = await submitFor('U0MEMBER', { name: 'WEB-shop' }, 'already');
    expect(said(again)).toContain('WEB-shop');
    expect(said(again)).toContain('"Once"');
    await submitFor('U0MEMBER', { name: 'web-api' }, 'in billing group');
    await as('U0MEMBER').close();
    await modalSaying('U0MEMBER', 'web-api');
  });

  it.each([
    ['/billing project', 'Enter a project'],
    ['/billing project create', 'Enter a name for the project'],
    ['/billing project create Web-Shop', 'already'],
    ['/billing project other in Nowhere', 'no billing group named'],
    [`/billing project create ${'p'.repeat(64)}`, '1 to 63 characters'],
  ])('is refused: %s', async (line, why) => {
    expect(said(await ask('U0MEMBER', line))).toContain(why);
  });

  it('is refused to a viewer', async () => {
    expect(said(await ask('U0VIEWER', '/billing project create mine'))).toContain('member');
  });
});

describe('deleting a group', () => {
  it('lists the projects that prevent it, with a button to move them', async () => {
    const view = said(await open('U0ADMIN', '/billing delete Once', 'can’t be deleted'));
    expect(view).toContain('web-shop');
    expect(view).toContain('move.open');
  });

  it('is refused for the primary group while there are others', async () => {
    await createGroup(ctx, { accountId, name: 'Empty' });
    await ask('U0OWNER', '/billing primary Empty');
    expect(said(await open('U0ADMIN', '/billing delete Empty', 'primary group'))).not.toContain('group.delete');
    await ask('U0OWNER', '/billing primary "Team Blue"');
  });

  it('asks for confirmation, deletes, and makes the name available', async () => {
    await open('U0ADMIN', '/billing delete Empty', 'its name can be used again');
    await submitFor('U0ADMIN', {}, 'Deleted');
    expect(await eventsOf('billing_group_deleted')).toEqual(['Deleted billing group "Empty"']);
    await ask('U0ADMIN', '/billing create Empty');
    expect(await Groups.countDocuments({ accountId, name: 'Empty' })).toBe(2);
  });

  it('is refused at the last moment if a project has been added meanwhile', async () => {
    const group = await groupNamed('Empty');
    await open('U0ADMIN', '/billing delete Empty', 'its name can be used again');
    await createProject(ctx, { accountId, name: 'late-comer', billingGroupId: group._id });
    await submitFor('U0ADMIN', {}, 'late-comer');
    expect(await groupNamed('Empty')).toMatchObject({ state: 'active' });
  });

  it('still invoices the last month, and none after it', async () => {
    await createGroup(ctx, { accountId, name: 'Leaving' });
    const { _id } = await groupNamed('Leaving');
    await open('U0ADMIN', '/billing delete Leaving', 'its name can be used again');
    await submitFor('U0ADMIN', {}, 'Deleted');
    clock.set('2026-06-03T12:00:00Z');
    await product.settle();
    const invoices = await Invoices.find({ billingGroupId: _id }).lean();
    expect(invoices.map(({ period, number }) => [period, number !== undefined])).toEqual([['2026-03', true]]);
  });

  it.each(['U0APPROVER', 'U0MEMBER', 'U0VIEWER'])('is refused to %s', async (user) => {
    await open(user, '/billing delete Once', 'owner or billing admin');
  });
});

describe('the App Home', () => {
  const home = async (user: string, words: string) => {
    const view = await as(user).waitFor(() => {
      const shown = as(user).home();
      return shown && said(shown).includes(words) ? shown : undefined;
    });
    return said(view);
  };

  it('shows groups, the primary one marked, and what the role allows', async () => {
    await as('U0OWNER').openHome();
    const owner = await home('U0OWNER', 'Team Blue');
    for (const id of ['group.create.open', 'project.create.open', 'members.open', 'settings.open', 'events.open']) {
      expect(owner).toContain(id);
    }
    expect(owner).toContain('*Team Blue* · primary');
    await as('U0VIEWER').openHome();
    const viewer = await home('U0VIEWER', 'Team Blue');
    expect(viewer).not.toContain('group.create.open');
    expect(viewer).not.toContain('project.create.open');
  });

  it('is updated for an hour after a visit, and no longer', async () => {
    await as('U0MEMBER').openHome();
    await home('U0MEMBER', 'Team Blue');
    await ask('U0ADMIN', '/billing rename Once to Twice');
    await product.settle();
    await home('U0MEMBER', 'Twice');
    clock.set('2026-06-03T13:30:00Z');
    await ask('U0ADMIN', '/billing rename Twice to Thrice');
    await product.settle();
    await home('U0MEMBER', 'Twice');
    expect(await home('U0MEMBER', 'Team Blue')).not.toContain('Thrice');
  });

  it('lets a person with several accounts choose, and their commands use the choice', async () => {
    const input = { name: 'Beta', timeZone: 'Etc/UTC', currency: 'USD', financeChannelId: null };
    const beta = await createAccount(ctx, { teamId: TEAM_ID, userId: 'U0OWNER' }, input);
    await as('U0OWNER').openHome();
    await home('U0OWNER', 'home.account');
    await as('U0OWNER').click({ home: true, actionId: 'home.account', value: beta._id });
    await home('U0OWNER', 'No billing groups yet');
    expect(said(await ask('U0OWNER', '/billing account'))).toContain('Beta');
  });
});
