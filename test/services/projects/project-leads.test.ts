import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { sum } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { refreshUserGroup, userGroupsToRefresh } from '../../../src/services/access/user-groups.ts';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { myCosts } from '../../../src/services/costs/my-costs.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { subscribe } from '../../../src/services/notices/subscriptions.ts';
import { myProjectIds, setProjectLeads } from '../../../src/services/projects/project-leads.ts';
import { listProjects } from '../../../src/services/projects/project-lists.ts';
import { getProject } from '../../../src/services/projects/project-overview.ts';
import { undoProject } from '../../../src/services/projects/project-undo.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Events } from '../../../src/store/events/events.ts';
import { LeadGroups } from '../../../src/store/groups/project-leads.ts';
import { projectsHolding } from '../../../src/store/groups/project-reads.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, FOCUS_HEAD } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);

async function world() {
  const { _id: accountId, teamId } = await anAccount(ctx, { currency: 'EUR' });
  const as = (userId: string) => contextAt(clock, person(userId, teamId));
  await setMember(ctx, accountId, 'U0LEAD', 'viewer');
  const { project } = await createProject(ctx, { accountId, name: 'web' });
  const { project: other } = await createProject(ctx, { accountId, name: 'api' });
  const team = { teamId, userGroupId: 'S0TEAM' };
  return { accountId, as, team, projectId: project._id, otherId: other._id };
}

const mine = async (of: Awaited<ReturnType<typeof world>>, userId = 'U0LEAD') =>
  (await myProjectIds(of.as(userId), of.accountId)).sort();

describe('the leads of a project', () => {
  it('are people and user groups, whose users follow Slack', async () => {
    const of = await world();
    const { accountId, projectId, otherId, team } = of;
    const userGroups = [{ id: 'S0TEAM', users: ['U0LEAD', 'U0OTHER'] }];
    const { outsiders } = await setProjectLeads(ctx, { accountId, projectId, users: ['U0OTHER'], userGroups });
    expect(outsiders).toEqual(['U0OTHER']);
    expect((await getProject(ctx, accountId, projectId)).leads).toEqual([
      { kind: 'user', id: 'U0OTHER' },
      { kind: 'usergroup', id: 'S0TEAM' },
    ]);
    expect(await mine(of)).toEqual([projectId]);
    await setProjectLeads(ctx, { accountId, projectId: otherId, users: ['U0LEAD'], userGroups: [] });
    expect(await mine(of)).toEqual([projectId, otherId].sort());
    expect(await userGroupsToRefresh(['T1'])).toContainEqual(team);
    await refreshUserGroup(ctx, team, ['U0OTHER']);
    expect(await mine(of)).toEqual([otherId]);
    await refreshUserGroup(ctx, team, ['U0LEAD']);
    expect(await mine(of)).toEqual([projectId, otherId].sort());
    // a group that stays needs no users
    await setProjectLeads(ctx, { accountId, projectId, users: [], userGroups: [{ id: 'S0TEAM' }] });
    expect(await mine(of)).toEqual([projectId, otherId].sort());
    await setProjectLeads(ctx, { accountId, projectId, users: [], userGroups: [] });
    expect(await LeadGroups.countDocuments({ accountId })).toBe(0);
    expect(await mine(of)).toEqual([otherId]);
  });

  it('are one event per change, and none for the same leads again, however many ask at once', async () => {
    const { accountId, projectId } = await world();
    const leads = { accountId, projectId, users: ['U0LEAD'], userGroups: [{ id: 'S0TEAM', users: ['U0LEAD'] }] };
    await Promise.all([1, 2, 3].map(() => setProjectLeads(ctx, leads)));
    expect((await getProject(ctx, accountId, projectId)).leads).toHaveLength(2);
    const events = await Events.find({ accountId, type: 'project_leads_changed' }).lean();
    expect(events).toMatchObject([
      { projectId, before: { leads: [] }, after: { leads: ['U0LEAD', 'S0TEAM'] }, description: expect.anything() },
    ]);
    const choices = [['U0A'], ['U0B'], ['U0C']];
    await Promise.all(choices.map((users) => setProjectLeads(ctx, { ...leads, users, userGroups: [] })));
    expect((await getProject(ctx, accountId, projectId)).leads).toHaveLength(1);
  });

  it('are changed by owners and billing admins only, and within limits', async () => {
    const { accountId, as, projectId } = await world();
    const leads = { accountId, projectId, users: ['U0LEAD'], userGroups: [] };
    await expect(setProjectLeads(as('U0LEAD'), leads)).rejects.toMatchObject({ code: 'role_needed' });
    await expect(setProjectLeads(as('U0STRANGER'), leads)).rejects.toMatchObject({ code: 'account_not_found' });
    const many = Array.from({ length: 21 }, (_, at) => `U0${at}`);
    await expect(setProjectLeads(ctx, { ...leads, users: many })).rejects.toMatchObject({ code: 'too_many_leads' });
    await expect(setProjectLeads(ctx, { ...leads, users: ['C0CHANNEL'] })).rejects.toMatchObject({
      code: 'member_invalid',
    });
    const { accountId: elsewhere } = await world();
    await expect(setProjectLeads(ctx, { ...leads, accountId: elsewhere })).rejects.toMatchObject({
      code: 'project_not_found',
    });
  });

  it('go when the project is undone', async () => {
    const { accountId, projectId } = await world();
    const userGroups = [{ id: 'S0TEAM', users: ['U0LEAD'] }];
    await setProjectLeads(ctx, { accountId, projectId, users: ['U0LEAD'], userGroups });
    await undoProject(ctx, { accountId, projectId });
    expect(await LeadGroups.countDocuments({ accountId })).toBe(0);
  });
});

describe('the projects that a person leads', () => {
  it('are listed with their costs, which add up by project and by service', async () => {
    const { accountId, as, team } = await world();
    const rows = ['a', 'b', 'c'].map((project, at) => costRow(`${at + 1}.25`, { project, day: '2026-11-05' }));
    const open = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
    await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open });
    await refreshEstimates(ctx);
    const lead = as('U0LEAD');
    expect(await myCosts(lead, accountId)).toMatchObject({ projects: 0, totals: [], byProject: [] });
    for (const name of ['a', 'c']) {
      const [found] = await projectsHolding(accountId, name, { among: undefined, hiddenIds: [], limit: 20 });
      const exact =
        name === 'a' ? await projectsHolding(accountId, 'a', { among: undefined, hiddenIds: [], limit: 20 }) : [found];
      const project = exact.find((one) => one?.name === name);
      if (!project) throw new Error(`no project ${name}`);
      const userGroups = [{ id: team.userGroupId, users: ['U0LEAD'] }];
      await setProjectLeads(ctx, { accountId, projectId: project._id, users: [], userGroups });
    }
    const costs = await myCosts(lead, accountId);
    expect(costs.totals.map(({ amount }) => amount.toFixed(2))).toEqual(['4.50']);
    expect(costs.byProject.map(({ name, amount }) => [name, amount.toFixed(2)])).toEqual([
      ['c', '3.25'],
      ['a', '1.25'],
    ]);
    expect(sum(costs.byService.map(({ amount }) => amount)).toFixed(2)).toBe('4.50');
    expect((await myCosts(lead, accountId, toPeriod('2026-10'))).totals).toEqual([]);
    const page = await listProjects(lead, accountId, { page: 1, size: 10, isMine: true });
    expect(page.items.map(({ name, cost }) => [name, cost.toFixed(2)])).toEqual([
      ['a', '1.25'],
      ['c', '3.25'],
    ]);
    expect((await listProjects(as('U0LEAD'), accountId, { page: 1, size: 10 })).total).toBe(5);
  });

  it('can be what a person is notified about, but not a channel', async () => {
    const { accountId, as } = await world();
    const lead = as('U0LEAD');
    const wanted = { channelId: 'D0LEAD', isPersonal: true, isAboutLed: true };
    expect(await subscribe(lead, accountId, wanted)).toMatchObject({ isAboutLed: true, madeBy: 'U0LEAD' });
    await expect(subscribe(ctx, accountId, { ...wanted, isPersonal: false })).rejects.toMatchObject({
      code: 'invalid_input',
      data: { fields: { led: 'To follow only the projects you lead, also select “Only me, by direct message”.' } },
    });
  });
});
