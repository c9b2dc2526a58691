import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createGroup, renameGroup } from '../../src/services/groups/groups.ts';
import { getProject } from '../../src/services/projects/project-overview.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { projectIdsLedBy } from '../../src/store/groups/project-leads.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { createAcme } from '../support/acme.ts';
import { contextAt, person, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { driving, said } from '../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-20T12:00:00Z');
const ctx = contextAt(clock);
const owner = contextAt(clock, person('U0OWNER', TEAM_ID));
const { as, ask, open, submitFor, modalSaying } = driving(() => product);
let product: Product;
let accountId = '';
let blue = '';
const projects: Record<string, string> = {};

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0MEMBER', 'U0VIEWER'] });
  blue = (await createGroup(ctx, { accountId, name: 'Blue', isPrimary: true }))._id;
  await createGroup(ctx, { accountId, name: 'Red' });
  for (const name of ['web', 'api']) {
    projects[name] = (await createProject(ctx, { accountId, name, billingGroupId: blue })).project._id;
  }
  await product.settle();
});
afterAll(() => product.stop());

const leads = async (name: string) => (await getProject(ctx, accountId, projects[name] ?? '')).leads;

describe('the leads of a project', () => {
  it('are chosen by form: people and user groups', async () => {
    expect(said(await ask('U0MEMBER', '/billing projects mine'))).toContain('You don’t lead any projects yet');
    await open('U0OWNER', '/billing project leads web', 'User groups');
    await as('U0OWNER').suggest({ actionId: 'project.leads.groups' }, 'team');
    await submitFor(
      'U0OWNER',
      { users: ['U0VIEWER'], 'project.leads.groups': ['S0TEAM Team (@team)'] },
      'is now led by',
    );
    expect(said(await modalSaying('U0OWNER', 'is now led by'))).toContain('<!subteam^S0TEAM>');
    expect(await leads('web')).toEqual([
      { kind: 'user', id: 'U0VIEWER' },
      { kind: 'usergroup', id: 'S0TEAM' },
    ]);
    expect(said(await ask('U0VIEWER', '/billing project web'))).toContain('Leads: <@U0VIEWER>, <!subteam^S0TEAM>');
    expect(said(await ask('U0VIEWER', '/billing project web'))).not.toContain('Change leads');
    expect(said(await ask('U0OWNER', '/billing project web'))).toContain('Change leads');
  });

  it('who have no role in the account are named', async () => {
    await open('U0OWNER', '/billing project leads web', 'User groups');
    await submitFor('U0OWNER', { users: ['U0VIEWER', 'U0STRANGER'] }, 'can’t see the project without a role');
    await open('U0OWNER', '/billing project leads web', 'User groups');
    await submitFor('U0OWNER', { users: ['U0VIEWER'] }, 'is now led by');
    expect(await leads('web')).toHaveLength(2);
  });

  it('can be changed while Slack says nothing about user groups', async () => {
    product.workspace.faults.next({ method: 'usergroups.list', kind: 'error', error: 'fatal_error' });
    await open('U0OWNER', '/billing project leads web', 'S0TEAM');
    await submitFor('U0OWNER', { users: ['U0MEMBER'] }, 'is now led by');
    expect(await leads('web')).toEqual([
      { kind: 'user', id: 'U0MEMBER' },
      { kind: 'usergroup', id: 'S0TEAM' },
    ]);
  });

  it('include a user group even when Slack can’t say who is in it: it is asked again', async () => {
    product.workspace.faults.next({ method: 'usergroups.users.list', kind: 'error', error: 'fatal_error' });
    await open('U0OWNER', '/billing project leads api', 'User groups');
    await as('U0OWNER').suggest({ actionId: 'project.leads.groups' }, 'chiefs');
    await submitFor('U0OWNER', { 'project.leads.groups': ['S0CHIEFS Chiefs (@chiefs)'] }, 'is now led by');
    expect(await leads('api')).toEqual([{ kind: 'usergroup', id: 'S0CHIEFS' }]);
    await product.ticks.run('user-groups');
    expect(await projectIdsLedBy(accountId, 'U0STRANGER')).toContain(projects.api);
  });
});

describe('a person who leads projects', () => {
  it('sees them on Home, in the list and in the costs', async () => {
    await as('U0MEMBER').openHome();
    await as('U0MEMBER').waitFor(() => {
      const shown = as('U0MEMBER').home();
      return shown && said(shown).includes('My projects');
    });
    await as('U0MEMBER').click({ home: true, actionId: 'projects.mine.open' });
    expect(said(await modalSaying('U0MEMBER', 'Your projects'))).toContain('*web*');
    const listed = said(await ask('U0MEMBER', '/billing projects mine'));
    expect(listed).toContain('Your projects and their costs this month');
    expect(listed).toContain('*web*');
    expect(listed).not.toContain('*api*');
    expect(said(await ask('U0MEMBER', '/billing costs mine last month'))).toContain(
      'Costs of your 1 project in October 2026: none',
    );
    expect(said(await ask('U0MEMBER', '/billing projects Red'))).toContain('No projects yet');
  });

  it('is notified about them only, as they are when something happens', async () => {
    await product.settle();
    await open('U0MEMBER', '/billing notify mine', 'Only the projects I lead');
    await submitFor('U0MEMBER', {}, 'of my projects');
    await as('U0MEMBER').close(true);
    const direct = as('U0MEMBER').directMessage();
    const texts = () =>
      as('U0MEMBER')
        .messages(direct)
        .map(({ text }) => text);
    const before = texts().length;
    await open('U0OWNER', '/billing project leads web', 'User groups');
    await submitFor('U0OWNER', { users: ['U0VIEWER', 'U0MEMBER'] }, 'is now led by');
    await open('U0OWNER', '/billing project leads api', 'User groups');
    await submitFor('U0OWNER', { users: ['U0VIEWER'] }, 'is now led by');
    await renameGroup(owner, { accountId, billingGroupId: blue, name: 'Navy' });
    await product.settle();
    expect(texts().slice(before)).toEqual(['<@U0OWNER> changed the leads of project "web"']);
  });

  it('must choose direct messages', async () => {
    await open('U0MEMBER', '/billing notify', 'Topics');
    const { as: _as, errorsOf } = driving(() => product);
    expect(await errorsOf('U0MEMBER', { led: ['led'] })).toEqual({
      led: 'To follow only the projects you lead, also select “Only me, by direct message”.',
    });
  });
});
