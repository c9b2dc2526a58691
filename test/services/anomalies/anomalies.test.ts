import { beforeAll, describe, expect, it } from '@jest/globals';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { askLeads, expectAnomaly, investigateAnomaly } from '../../../src/services/anomalies/anomaly-answers.ts';
import { checkAnomalies } from '../../../src/services/anomalies/anomaly-check.ts';
import { anomalyDays, getAnomaly, listAnomalies } from '../../../src/services/anomalies/anomaly-lists.ts';
import { anomaliesToAskAbout, anomalyToAsk, noteLeadAsked } from '../../../src/services/anomalies/anomaly-questions.ts';
import { checkProject } from '../../../src/services/anomalies/project-check.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { setPrivacy } from '../../../src/services/groups/privacy.ts';
import { setProjectLeads } from '../../../src/services/projects/project-leads.ts';
import { type AccountDoc, Accounts } from '../../../src/store/accounts/accounts.ts';
import { Anomalies } from '../../../src/store/anomalies/anomalies.ts';
import { ItemFailures } from '../../../src/store/background/item-failures.ts';
import { costsStamp, dayCells, deliveredDays } from '../../../src/store/costs/day-cells.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Memberships, Projects } from '../../../src/store/groups/groups.ts';
import { claimLease, freeLease } from '../../../src/store/kit/leases.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { accountWithProject, everyDay, importDays } from '../../support/costs/daily-costs.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-15T12:00:00Z');
const ctx = contextAt(clock);
const PAGE = { page: 1, size: 10 };

/** An account whose project web cost EUR 100 a day from October until 10 November, and was checked then. */
async function aProject() {
  // no test checks the accounts of another
  await Accounts.deleteMany({});
  clock.set('2026-11-11T12:00:00Z');
  const of = await accountWithProject(ctx);
  await importDays(
    ctx,
    of.accountId,
    everyDay('2026-10-01', '2026-11-10', { cost: '100.00', region: 'eu', resource: 'vm-1' }),
  );
  await checkAnomalies(ctx);
  clock.set('2026-11-15T12:00:00Z');
  return of;
}
/** The costs of 11 to 13 November, EUR 400 more, and those of the 14th, which isn't complete. */
const RISE = [
  ...everyDay('2026-11-11', '2026-11-14', { cost: '100.00', region: 'eu', resource: 'vm-1' }),
  ...everyDay('2026-11-11', '2026-11-14', { cost: '400.00', region: 'us', resource: 'vm-<2>' }),
];
async function withRise() {
  const of = await aProject();
  await importDays(ctx, of.accountId, RISE);
  await checkAnomalies(ctx);
  return { ...of, id: (await Anomalies.findOne({ accountId: of.accountId }).orFail().lean())._id };
}
async function texts(accountId: string): Promise<string[]> {
  const events = await Events.find({ accountId, type: /^(?:anomaly|export)_/ })
    .sort({ _id: 1 })
    .lean();
  return events.map(({ description }) => description);
}
const FOUND =
  'Costs of Compute in project web are unusually high: EUR 500.00 on 11 November 2026, expected EUR 100.00 to EUR 100.00';

describe('unusual costs', () => {
  it('are reported once by ten simultaneous checks, with what changed inside', async () => {
    const { accountId, billingGroupId, projectId } = await aProject();
    await importDays(ctx, accountId, RISE);
    await Promise.all(Array.from({ length: 10 }, () => checkAnomalies(ctx)));
    await checkAnomalies(ctx);
    expect(await texts(accountId)).toEqual([FOUND]);
    const { items } = await listAnomalies(ctx, accountId, PAGE);
    expect(items).toMatchObject([
      {
        ...{ state: 'open', side: 'above', since: '2026-11-11', until: '2026-11-13', service: 'Compute' },
        ...{ billingGroupId, project: { id: projectId, title: 'web' } },
        parts: [
          { kind: 'region', name: 'us' },
          { kind: 'resource', name: 'vm-<2>' },
        ],
      },
    ]);
    const [part] = items[0]?.parts ?? [];
    expect([part?.before.toFixed(), part?.now.toFixed()]).toEqual(['0', '400']);
  });

  it('end when the costs are back for two days', async () => {
    const { accountId, id } = await withRise();
    clock.set('2026-11-18T12:00:00Z');
    await importDays(ctx, accountId, everyDay('2026-11-15', '2026-11-17', { cost: '100.00' }));
    await Promise.all(Array.from({ length: 5 }, () => checkAnomalies(ctx)));
    await checkAnomalies(ctx);
    const ended =
      'Costs of Compute in project web are back in their expected range. The last unusual day was 14 November 2026';
    expect(await texts(accountId)).toEqual([FOUND, ended]);
    expect(await getAnomaly(ctx, accountId, id)).toMatchObject({ state: 'ended', until: '2026-11-14' });
  });

  it('that ended before they were noticed are reported once, but not at the first check of an account', async () => {
    const late = await aProject();
    await importDays(ctx, late.accountId, [
      ...everyDay('2026-11-11', '2026-11-17', { cost: '100.00' }),
      { day: '2026-11-12', cost: '300.00' },
    ]);
    clock.set('2026-11-18T12:00:00Z');
    await checkAnomalies(ctx);
    expect(await texts(late.accountId)).toHaveLength(1);
    await Anomalies.deleteMany({ accountId: late.accountId });
    const fresh = await accountWithProject(ctx);
    await importDays(ctx, fresh.accountId, [
      ...everyDay('2026-10-01', '2026-11-17', { cost: '100.00' }),
      { day: '2026-11-12', cost: '300.00' },
    ]);
    await checkAnomalies(ctx);
    expect(await texts(fresh.accountId)).toEqual([]);
  });

  it('are found by the first checks of an account, even if ten run at once', async () => {
    await Accounts.deleteMany({});
    clock.set('2026-11-15T12:00:00Z');
    const { accountId } = await accountWithProject(ctx);
    await importDays(ctx, accountId, [...everyDay('2026-10-01', '2026-11-10', { cost: '100.00' }), ...RISE]);
    await Promise.all(Array.from({ length: 10 }, () => checkAnomalies(ctx)));
    expect(await texts(accountId)).toEqual([FOUND]);
  });

  it('aren’t looked for while costs are being imported, of which only a part may be there', async () => {
    const { accountId } = await aProject();
    await importDays(ctx, accountId, RISE);
    const running = await claimLease(`import:${accountId}`, 60_000);
    await checkAnomalies(ctx);
    expect(await texts(accountId)).toEqual([]);
    if (running) await freeLease(running);
    await checkAnomalies(ctx);
    expect(await texts(accountId)).toEqual([FOUND]);
  });

  it('that go on in a private group are seen by nobody else from then on, even if the project has left it', async () => {
    const { accountId, id, projectId, billingGroupId } = await withRise();
    const secret = await createGroup(ctx, { accountId, name: 'Secret' });
    await setPrivacy(ctx, { accountId, billingGroupId: secret._id, isPrivate: true });
    await setMember(ctx, accountId, 'U_MEMBER', 'member');
    const [into, out] = [new Date('2026-11-14T00:00:00Z'), new Date('2026-11-17T00:00:00Z')];
    const of = { accountId, projectId, projectKey: 'web' };
    await Memberships.updateOne({ accountId, projectId }, { $set: { to: into, open: false } });
    await Memberships.create([
      { ...of, billingGroupId: secret._id, from: into, to: out },
      { ...of, billingGroupId, from: out, to: null, open: true },
    ]);
    clock.set('2026-11-17T12:00:00Z');
    await importDays(ctx, accountId, everyDay('2026-11-15', '2026-11-16', { cost: '900.00' }));
    await checkAnomalies(ctx);
    expect(await getAnomaly(ctx, accountId, id)).toMatchObject({ until: '2026-11-15', billingGroupId });
    const member = contextAt(clock, person('U_MEMBER'));
    await expect(getAnomaly(member, accountId, id)).rejects.toMatchObject({ code: 'anomaly_not_found' });
  });

  it('have to reach the account’s floor', async () => {
    const { accountId } = await aProject();
    await Accounts.updateOne({ _id: accountId }, { $set: { anomalyFloor: 401 } });
    await importDays(ctx, accountId, RISE);
    await checkAnomalies(ctx);
    expect(await texts(accountId)).toEqual([]);
  });
});

describe('the check of a project that fails', () => {
  it('keeps no other from being checked, and is tried again', async () => {
    const { accountId, projectId } = await withRise();
    const sound = await accountWithProject(ctx, { accountId, project: 'shop' });
    const shop = { project: 'shop' } as const;
    const rows = everyDay('2026-10-01', '2026-11-14', { cost: '100.00', ...shop });
    await importDays(ctx, accountId, [...rows, ...RISE.map((row) => ({ ...row, ...shop }))]);
    await Anomalies.collection.updateMany({ accountId }, { $set: { reason: 'x', amount: null } });
    await expect(checkAnomalies(ctx)).rejects.toThrow('1 item failed');
    expect(await Anomalies.countDocuments({ projectId: sound.projectId })).toBe(1);
    await Anomalies.deleteMany({ projectId });
    await checkAnomalies(ctx);
    expect(await Anomalies.countDocuments({ projectId })).toBe(1);
    expect(await ItemFailures.countDocuments({ accountId })).toBe(0);
  });
});

describe('days without costs', () => {
  it('of a service are a drop, on the second day', async () => {
    const { accountId } = await aProject();
    // another project shows that the source has delivered
    await accountWithProject(ctx, { accountId, project: 'shop' });
    await importDays(ctx, accountId, everyDay('2026-10-01', '2026-11-12', { cost: '1.00', project: 'shop' }));
    await checkAnomalies(ctx);
    expect(await texts(accountId)).toEqual([]);
    await importDays(ctx, accountId, everyDay('2026-11-13', '2026-11-14', { cost: '1.00', project: 'shop' }));
    await checkAnomalies(ctx);
    expect(await texts(accountId)).toEqual([
      'Costs of Compute in project web are unusually low: EUR 0.00 on 11 November 2026, expected EUR 100.00 to EUR 100.00',
    ]);
  });

  it('of a whole source are a missing export, and never a drop', async () => {
    const { accountId } = await aProject();
    // the source delivers daily
    for (const day of ['2026-11-11', '2026-11-12', '2026-11-13', '2026-11-14']) {
      clock.set(`${day}T22:00:00Z`);
      await importDays(ctx, accountId, [{ day, cost: '100.00' }]);
      await checkAnomalies(ctx);
    }
    clock.set('2026-11-17T22:00:00Z');
    await checkAnomalies(ctx);
    expect(await texts(accountId)).toEqual([]);
    clock.set('2026-11-18T22:00:00Z');
    await Promise.all(Array.from({ length: 5 }, () => checkAnomalies(ctx)));
    await checkAnomalies(ctx);
    expect((await texts(accountId)).map((text) => text.replace(/from \S+/, 'from S'))).toEqual([
      'No costs were delivered from S for 15 November 2026 to 17 November 2026. They are missing, not saved',
    ]);
    clock.set('2026-11-19T22:00:00Z');
    await importDays(ctx, accountId, everyDay('2026-11-15', '2026-11-19', { cost: '100.00' }));
    await checkAnomalies(ctx);
    expect((await texts(accountId))[1]).toContain('have been delivered');
    expect((await listAnomalies(ctx, accountId, PAGE)).items).toMatchObject([
      { kind: 'missing_export', state: 'ended', project: null },
    ]);
  });

  it('of a source that never comes back are closed without a message once no check looks back that far', async () => {
    const { accountId } = await aProject();
    for (const day of ['2026-11-11', '2026-11-12', '2026-11-13', '2026-11-14']) {
      clock.set(`${day}T22:00:00Z`);
      await importDays(ctx, accountId, [{ day, cost: '100.00' }]);
      await checkAnomalies(ctx);
    }
    clock.set('2026-11-18T22:00:00Z');
    await checkAnomalies(ctx);
    clock.set('2027-05-01T12:00:00Z');
    await checkAnomalies(ctx);
    expect((await listAnomalies(ctx, accountId, PAGE)).items).toMatchObject([{ state: 'open' }]);
    clock.set('2027-05-20T12:00:00Z');
    await checkAnomalies(ctx);
    expect((await listAnomalies(ctx, accountId, PAGE)).items).toMatchObject([{ state: 'ended' }]);
    expect(await texts(accountId)).toHaveLength(1);
  });

  it('aren’t reported if an import has begun since the costs were read', async () => {
    const { accountId } = await aProject();
    await importDays(ctx, accountId, RISE);
    const account = await Accounts.findById(accountId).orFail().lean<AccountDoc>();
    const project = await Projects.findOne({ accountId, name: 'web' }).orFail().lean();
    const days = { accountId, timeZone: account.timeZone, from: '2026-06-01', until: '2026-11-15' };
    const stamp = await costsStamp(days);
    const cells = await dayCells({ ...days, scope: { groupIds: [], projectIds: [project._id] }, hidden: [] });
    const check = {
      ...{ account, project, cells, days, stamp, delivered: await deliveredDays(days), isFirst: false, known: [] },
      since: { untilFrom: '2026-06-01', acceptedFrom: new Date(0) },
      floorsIn: () => ({ absolute: 25, relative: 0.3 }),
    };
    await importDays(ctx, accountId, [{ day: '2026-11-14', cost: '1.00' }]);
    expect(await checkProject(ctx, check)).toBe(0);
    expect(await checkProject(ctx, { ...check, stamp: await costsStamp(days) })).toBe(1);
  });
});

describe('an answer', () => {
  it('“expected” keeps costs up to this level from being reported again, but not higher ones', async () => {
    const { accountId, id } = await withRise();
    const by = contextAt(clock, person('U_OWNER'));
    await expectAnomaly(by, { accountId, id }, 'A load test');
    await expectAnomaly(by, { accountId, id }, 'A load test');
    expect((await texts(accountId)).slice(1)).toEqual([
      'Marked the unusual costs of Compute in project web as expected: A load test',
    ]);
    expect(await getAnomaly(ctx, accountId, id)).toMatchObject({
      state: 'expected',
      reason: 'A load test',
      acceptedBy: 'U_OWNER',
    });
    clock.set('2026-11-20T12:00:00Z');
    await importDays(ctx, accountId, [
      ...everyDay('2026-11-15', '2026-11-16', { cost: '100.00' }),
      { day: '2026-11-17', cost: '550.00' },
      { day: '2026-11-18', cost: '1200.00' },
      { day: '2026-11-19', cost: '100.00' },
    ]);
    await checkAnomalies(ctx);
    expect((await texts(accountId)).slice(2)).toEqual(
      [
        'Costs of Compute in project web are back in their expected range. The last unusual day was 14 November 2026',
        'Costs of Compute in project web are unusually high: EUR 1,200.00 on 18 November 2026, expected EUR 100.00 to EUR 100.00',
      ].map((text) => expect.stringContaining(text.slice(0, 80))),
    );
  });

  it('“expected” is about the costs as they were then, however far they rise step by step', async () => {
    const { accountId, id } = await withRise();
    await expectAnomaly(contextAt(clock, person('U_OWNER')), { accountId, id }, 'A load test');
    for (const [today, until, cost] of [
      ['2026-11-18', '2026-11-17', '620.00'],
      ['2026-11-21', '2026-11-20', '800.00'],
    ] as const) {
      clock.set(`${today}T12:00:00Z`);
      await importDays(ctx, accountId, everyDay(cost === '620.00' ? '2026-11-15' : '2026-11-18', until, { cost }));
      await checkAnomalies(ctx);
    }
    expect((await texts(accountId)).slice(2)).toEqual([expect.stringContaining('unusually high: EUR 800.00')]);
    expect((await getAnomaly(ctx, accountId, id)).amount.toFixed()).toBe('500');
  });
});

describe('one anomaly', () => {
  let world: Awaited<ReturnType<typeof withRise>>;
  beforeAll(async () => {
    world = await withRise();
  });

  it('names who investigates: somebody who sees the project', async () => {
    const { accountId, id } = world;
    const by = contextAt(clock, person('U_OWNER'));
    await expect(investigateAnomaly(by, { accountId, id }, 'U_STRANGER')).rejects.toMatchObject({
      code: 'invalid_input',
    });
    await investigateAnomaly(by, { accountId, id }, 'U_OWNER');
    await investigateAnomaly(by, { accountId, id }, 'U_OWNER');
    expect(await getAnomaly(ctx, accountId, id)).toMatchObject({ assignee: 'U_OWNER' });
    expect(await texts(accountId)).toHaveLength(2);
  });

  it('asks the leads who see the project, each once', async () => {
    const { accountId, id, projectId } = world;
    const by = contextAt(clock, person('U_OWNER'));
    await expect(askLeads(by, { accountId, id })).rejects.toMatchObject({ code: 'no_project_leads' });
    await setMember(ctx, accountId, 'U_LEAD', 'viewer');
    await setProjectLeads(ctx, { accountId, projectId, users: ['U_LEAD', 'U_OUTSIDE'], userGroups: [] });
    expect(await askLeads(by, { accountId, id })).toEqual(['U_LEAD']);
    expect(await askLeads(by, { accountId, id })).toEqual(['U_LEAD']);
    const [question] = (await anomaliesToAskAbout()).filter((one) => one.id === id);
    expect(question).toEqual({ accountId, id, userId: 'U_LEAD' });
    expect(question && (await anomalyToAsk(ctx, question))?.askedBy).toBe('U_OWNER');
    if (question) await noteLeadAsked(question);
    expect((await anomaliesToAskAbout()).filter((one) => one.id === id)).toEqual([]);
    expect(await texts(accountId)).toHaveLength(3);
  });

  it('needs the right to edit projects, or to lead this one', async () => {
    const { accountId, id, projectId } = world;
    await setMember(ctx, accountId, 'U_VIEWER', 'viewer');
    const viewer = contextAt(clock, person('U_VIEWER'));
    await expect(expectAnomaly(viewer, { accountId, id }, 'x')).rejects.toMatchObject({ code: 'role_needed' });
    await expect(askLeads(viewer, { accountId, id })).rejects.toMatchObject({ code: 'role_needed' });
    await expect(getAnomaly(contextAt(clock, person('U_STRANGER')), accountId, id)).rejects.toMatchObject({
      code: 'account_not_found',
    });
    await setProjectLeads(ctx, { accountId, projectId, users: ['U_VIEWER'], userGroups: [] });
    await expectAnomaly(viewer, { accountId, id }, 'x');
    expect(await getAnomaly(viewer, accountId, id)).toMatchObject({ state: 'expected' });
  });

  it('of a private group is seen by nobody else, and nobody else can answer or is asked', async () => {
    const { accountId, billingGroupId, id } = world;
    await setPrivacy(ctx, { accountId, billingGroupId, isPrivate: true });
    await setMember(ctx, accountId, 'U_MEMBER', 'member');
    const member = contextAt(clock, person('U_MEMBER'));
    expect((await listAnomalies(member, accountId, PAGE)).items).toEqual([]);
    for (const refused of [
      () => getAnomaly(member, accountId, id),
      () => anomalyDays(member, accountId, id),
      () => expectAnomaly(member, { accountId, id }, 'x'),
      () => investigateAnomaly(member, { accountId, id }, 'U_MEMBER'),
      () => askLeads(member, { accountId, id }),
    ])
      await expect(refused()).rejects.toMatchObject({ code: 'anomaly_not_found' });
    const owner = contextAt(clock, person('U_OWNER'));
    expect((await listAnomalies(owner, accountId, PAGE)).items).toHaveLength(1);
    await expect(investigateAnomaly(owner, { accountId, id }, 'U_MEMBER')).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  it('has a chart of days with what was expected, and which are unusual', async () => {
    const { accountId, id } = world;
    const days = await anomalyDays(ctx, accountId, id);
    expect(days.at(-1)).toMatchObject({ day: '2026-11-13', isUnusual: true });
    expect(days[0]).toMatchObject({ day: '2026-10-14', isUnusual: false });
    expect(days.at(-1)?.expected?.high.toFixed()).toBe('100');
    expect(days).toHaveLength(31);
  });
});
