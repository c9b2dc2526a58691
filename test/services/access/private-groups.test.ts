import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { apiRoutes } from '../../../src/api/app.ts';
import { invoiceFiles } from '../../../src/api/downloads.ts';
import { Refusal } from '../../../src/billing/refusal.ts';
import { removeMember, setMember } from '../../../src/services/access/members.ts';
import { budgetOf, listBudgets, setBudget } from '../../../src/services/budgets/budgets.ts';
import { costOverview } from '../../../src/services/costs/cost-overview.ts';
import { focusCharges } from '../../../src/services/costs/focus-export.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { invoiceCsv, invoiceDocument } from '../../../src/services/documents/invoice-document.ts';
import { eachEvent, listEvents } from '../../../src/services/events/event-lists.ts';
import { numberEvents } from '../../../src/services/events/event-log.ts';
import { billingOf } from '../../../src/services/groups/billing-information.ts';
import { groupDetails, knownGroup, listGroupDetails } from '../../../src/services/groups/group-details.ts';
import { findGroup, groupSummary, listGroups } from '../../../src/services/groups/group-lists.ts';
import { createGroup, setApprovers, setPrimaryGroup } from '../../../src/services/groups/groups.ts';
import { setPrivacy } from '../../../src/services/groups/privacy.ts';
import { accountBudgets } from '../../../src/services/insight/account-budgets.ts';
import { accountProjects } from '../../../src/services/insight/account-projects.ts';
import { compareWithMonthBefore } from '../../../src/services/insight/month-comparison.ts';
import { forecastMonth } from '../../../src/services/insight/month-forecast.ts';
import { findSubject } from '../../../src/services/insight/subject.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { createMemo } from '../../../src/services/invoicing/credit-memos.ts';
import { dryRun } from '../../../src/services/invoicing/dry-run.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { invoiceByNumber, invoicesOfGroup } from '../../../src/services/invoicing/group-invoices.ts';
import { getInvoice, invoiceOf, listInvoices } from '../../../src/services/invoicing/invoice-reading.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import { foundByIds, searchGroups, searchProjects } from '../../../src/services/kit/search.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { approveMove } from '../../../src/services/moves/move-decide.ts';
import {
  approvalsChannelFor,
  approversOf,
  getMove,
  moveSeenBy,
  movesOf,
} from '../../../src/services/moves/move-read.ts';
import { costDigest } from '../../../src/services/notices/digest-figures.ts';
import { nextOf } from '../../../src/services/notices/next-notice.ts';
import { listSubscriptions, subscribe } from '../../../src/services/notices/subscriptions.ts';
import { projectNames, projectsIn } from '../../../src/services/projects/group-projects.ts';
import { setProjectLeads } from '../../../src/services/projects/project-leads.ts';
import { findProject, groupToList, listProjects } from '../../../src/services/projects/project-lists.ts';
import { findMeantProject, similarProject } from '../../../src/services/projects/project-names.ts';
import { getProject } from '../../../src/services/projects/project-overview.ts';
import { undoProject } from '../../../src/services/projects/project-undo.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { agingReport } from '../../../src/services/settlement/aging.ts';
import { listPayments } from '../../../src/services/settlement/payments.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { type RunningApi, startApi, tokenFor } from '../../support/api/api.ts';
import { connectAssistant } from '../../support/api/assistant.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, FOCUS_HEAD, OCTOBER } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);
const as = (userId: string) => contextAt(clock, person(userId));
const LIST = { page: 1, size: 50 };
const WEEK = { rhythm: 'weekly', from: '2026-11-02', until: '2026-11-08' } as const;
/** The private group, its project, its costs, and sums that contain them. */
const TRACE = /Secret|hush|77\.77/;

const INSIDERS = { owner: 'U_OWNER', 'billing admin': 'U_ADMIN', 'its approver': 'U_NAMED', lead: 'U_LEAD' };
const OUTSIDERS = { 'approver by role': 'U_APPROVER', member: 'U_MEMBER', viewer: 'U_VIEWER' };

let accountId = '';
let secret = '';
let open = '';
let hush = '';
let p1 = '';
let number = '';
let invoiceId = '';
let link = '';
let api: RunningApi;
let tokens: { readonly read: string; readonly write: string };

beforeAll(async () => {
  accountId = (await anAccount(ctx, { currency: 'EUR' }))._id;
  await Accounts.updateOne({ _id: accountId }, { $set: { 'seller.countryCode': 'DE' } });
  const roles = { U_ADMIN: 'billing_admin', U_APPROVER: 'approver', U_MEMBER: 'member', U_VIEWER: 'viewer' } as const;
  for (const [userId, role] of Object.entries(roles)) await setMember(ctx, accountId, userId, role);
  await setMember(ctx, accountId, 'U_NAMED', 'viewer');
  await setMember(ctx, accountId, 'U_LEAD', 'member');
  open = (await createGroup(ctx, { accountId, name: 'Open', isPrimary: true }))._id;
  secret = (await createGroup(ctx, { accountId, name: 'Secret' }))._id;
  hush = (await createProject(ctx, { accountId, name: 'hush', billingGroupId: secret })).project._id;
  p1 = (await createProject(ctx, { accountId, name: 'p1', billingGroupId: open })).project._id;
  const rows = ['2026-10-10', '2026-11-05'].flatMap((day) => [
    costRow('100.00', { day }),
    costRow('777.77', { day, project: 'hush' }),
  ]);
  const file = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open: file });
  for (const group of await Groups.find({ accountId }).lean()) await closeInvoice(ctx, group, OCTOBER);
  await refreshEstimates(ctx);
  await setBudget(ctx, { accountId, billingGroupId: secret, amount: '777.77' });
  await setApprovers(ctx, { accountId, billingGroupId: secret, userIds: ['U_NAMED'] });
  await setProjectLeads(ctx, { accountId, projectId: hush, users: ['U_LEAD'], userGroups: [] });
  const issued = await Invoices.findOne({ billingGroupId: secret, period: OCTOBER }).orFail().lean();
  [number, invoiceId] = [issued.number ?? '', issued._id];
  api = await startApi(clock);
  tokens = {
    read: await tokenFor(clock, accountId, { scope: 'billing:read', name: 'Reader' }),
    write: await tokenFor(clock, accountId),
  };
  const list = await api.ask('GET', `/billing-group/${secret.slice(3)}/invoice`, { token: tokens.read });
  const listed = list.body.invoices as readonly Readonly<Record<string, string>>[];
  link = listed.find((one) => one.invoice_number === number)?.download_cookie ?? '';
  await setPrivacy(as('U_ADMIN'), { accountId, billingGroupId: secret, isPrivate: true });
  await numberEvents(ctx);
}, 120_000);
afterAll(() => api.stop());

async function all<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const piece of pieces) found.push(piece);
  return found;
}

/** Everything that can be read, by what a person would call it. Each contains a trace of the private group for its people. */
const READS: Readonly<Record<string, (of: Ctx) => Promise<unknown>>> = {
  groups: (of) => listGroups(of, accountId, LIST),
  'a group': (of) => groupSummary(of, accountId, secret),
  'a group by name': (of) => findGroup(of, accountId, 'secret'),
  'a group by the beginning of its name': (of) => findGroup(of, accountId, 'Sec'),
  'did you mean': (of) => findGroup(of, accountId, 'Secrat'),
  'groups of the API': async (of) => (await listGroupDetails(of, accountId, {})).read(),
  'a group of the API': (of) => groupDetails(of, accountId, secret),
  'a known group': (of) => knownGroup(of, accountId, secret),
  'its billing information': (of) => billingOf(of, accountId, secret),
  'a menu of groups': (of) => searchGroups(of, accountId, ''),
  'a menu of projects': (of) => searchProjects(of, accountId, ''),
  'a menu of its projects': (of) => searchProjects(of, accountId, '', secret),
  'earlier choices in a menu': (of) => foundByIds(of, accountId, { groups: [secret], projects: [hush] }),
  projects: (of) => listProjects(of, accountId, LIST),
  'its projects': (of) => projectsIn(of, { accountId, billingGroupId: secret }, {}),
  'its projects, to list': (of) => groupToList(of, accountId, secret),
  'a project': (of) => getProject(of, accountId, hush),
  'a project by name': (of) => findProject(of, accountId, 'hush'),
  'a project as typed': (of) => findMeantProject(of, accountId, ['hush']),
  'a similar project': (of) => findMeantProject(of, accountId, ['hushh']),
  'names of projects': async (of) => [...(await projectNames(of, accountId, [hush]))],
  'a subject': (of) => findSubject(of, accountId, 'hush'),
  invoices: (of) => listInvoices(of, accountId, LIST),
  'its invoices': (of) => listInvoices(of, accountId, { ...LIST, billingGroupId: secret }),
  'its invoices of the API': (of) => invoicesOfGroup(of, accountId, secret),
  'an invoice': (of) => getInvoice(of, accountId, { id: invoiceId }),
  'an invoice by number': (of) => getInvoice(of, accountId, { number }),
  'an invoice of the API': (of) => invoiceByNumber(of, accountId, number),
  'its estimate': (of) => invoiceOf(of, accountId, secret, OCTOBER),
  'a file': (of) => invoiceDocument(of, accountId, number, 'json').then(({ body }) => String(body)),
  'a CSV file': (of) => all(invoiceCsv(of, accountId, number)),
  'the FOCUS export': (of) => all(focusCharges(of, accountId, { from: OCTOBER, to: OCTOBER })),
  costs: (of) => costOverview(of, accountId),
  'a comparison': (of) => compareWithMonthBefore(of, accountId, { kind: 'account' }),
  'a forecast': (of) => forecastMonth(of, accountId, { kind: 'account' }),
  'the aging list': (of) => agingReport(of, accountId),
  'the dry run': (of) => dryRun(of, accountId),
  'projects of the API': (of) => accountProjects(of, accountId, { limit: 50 }),
  'budgets of the API': (of) => accountBudgets(of, accountId, { limit: 50 }),
  budgets: (of) => listBudgets(of, accountId, LIST),
  'a budget': (of) => budgetOf(of, accountId, secret),
  'the event log': (of) => listEvents(of, accountId, { size: 200 }),
  'its events': (of) => listEvents(of, accountId, { size: 200, billingGroupId: secret }),
  'a project’s events': (of) => listEvents(of, accountId, { size: 200, projectId: hush }),
  'the exported log': (of) => all(eachEvent(of, accountId, {})),
};

/** What a read shows, or the code of its refusal and what that names. */
async function shownBy(read: (of: Ctx) => Promise<unknown>, of: Ctx): Promise<string> {
  try {
    return JSON.stringify(await read(of)) ?? '';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { name: _typed, number: _asked, ...rest } = error.data as Record<string, unknown>;
    return `${error.code} ${JSON.stringify(rest)}`;
  }
}

describe.each(Object.entries(READS))('%s', (_name, read) => {
  it('shows a private group to its people only', async () => {
    const reader = { kind: 'token', tokenId: 'tok_x', accountId, name: 'Reader' } as const;
    for (const [who, userId] of Object.entries(INSIDERS)) {
      expect({ who, said: await shownBy(read, as(userId)) }).toEqual({ who, said: expect.stringMatching(TRACE) });
    }
    const outsiders = Object.entries(OUTSIDERS).map(([who, userId]) => [who, as(userId)] as const);
    const token = contextAt(clock, { ...reader, role: 'viewer' });
    for (const [who, of] of [...outsiders, ['a token that reads', token] as const]) {
      expect({ who, said: await shownBy(read, of) }).toEqual({ who, said: expect.not.stringMatching(TRACE) });
    }
  });
});

describe('figures of the account', () => {
  it('are of the groups that a person sees, and say so', async () => {
    const [mine, theirs] = [await costOverview(as('U_MEMBER'), accountId), await costOverview(as('U_LEAD'), accountId)];
    expect(mine.totals.map(({ costs }) => costs.toFixed())).toEqual(['100']);
    expect(theirs.totals.map(({ costs }) => costs.toFixed())).toEqual(['877.77']);
    expect([mine.isPartial, theirs.isPartial]).toEqual([true, false]);
  });

  it('of a digest are what its creator sees', async () => {
    const totals = async (madeBy: string | null) => {
      const cover = { groupIds: [], projectIds: [], madeBy };
      return (await costDigest(ctx, accountId, cover, WEEK)).figures.map(({ now }) => now.toFixed());
    };
    expect([await totals('U_MEMBER'), await totals('U_ADMIN'), await totals(null)]).toEqual([
      ['100'],
      ['877.77'],
      ['877.77'],
    ]);
    expect(await totals('U_WHO_LEFT')).toEqual(['100']);
  });
});

describe('changes by outsiders', () => {
  it.each([
    [
      'a new project there',
      'billing_group_not_found',
      (of: Ctx) => createProject(of, { accountId, name: 'x', billingGroupId: secret }),
    ],
    ['undoing its project', 'project_not_found', (of: Ctx) => undoProject(of, { accountId, projectId: hush })],
    ['a move of its project', 'project_not_found', (of: Ctx) => askMove(of, move([hush], open))],
    ['a move to it', 'billing_group_not_found', (of: Ctx) => askMove(of, move([p1], secret))],
    [
      'notifications about it',
      'invalid_input',
      (of: Ctx) => subscribe(of, accountId, { ...PERSONAL, groupIds: [secret] }),
    ],
    [
      'notifications about its project',
      'invalid_input',
      (of: Ctx) => subscribe(of, accountId, { ...PERSONAL, projectIds: [hush] }),
    ],
    [
      'making it public',
      'role_needed',
      (of: Ctx) => setPrivacy(of, { accountId, billingGroupId: secret, isPrivate: false }),
    ],
    // names are unique in the account, which can't be hidden
    ['a project of the same name', 'project_name_taken', (of: Ctx) => createProject(of, { accountId, name: 'hush' })],
  ] as const)('%s: %s', async (_what, code, change) => {
    await expect(change(as('U_MEMBER'))).rejects.toMatchObject({ code });
  });

  it('aren’t warned of similar names that they don’t see', async () => {
    expect(await similarProject(as('U_MEMBER'), accountId, 'hushh')).toBeNull();
    expect(await similarProject(as('U_LEAD'), accountId, 'hushh')).toMatchObject({ name: 'hush' });
  });
});

const PERSONAL = { channelId: 'D_MEMBER', isPersonal: true };

function move(projectIds: readonly string[], toGroupId: string) {
  return { accountId, projectIds, toGroupId, effect: 'now' as const, reason: '' };
}

describe('a move request', () => {
  it('from a private group shows its approvers what they decide, in direct messages, and nobody else anything', async () => {
    await Accounts.updateOne({ _id: accountId }, { $set: { approvalsChannelId: 'C_APPROVALS' } });
    const asked = await askMove(as('U_LEAD'), move([hush], open));
    if (asked.kind !== 'requested') throw new Error('no request was made');
    const { request } = asked;
    expect(await approvalsChannelFor(request)).toBeUndefined();
    const [shown] = (await movesOf(as('U_APPROVER'), accountId)).waiting;
    expect(shown).toMatchObject({ fromGroupNames: ['a private billing group'], toGroupName: 'Open' });
    expect(shown?.facts?.estimates.map(({ name }) => name)).toEqual(['Open']);
    expect((await movesOf(as('U_LEAD'), accountId)).own[0]).toMatchObject({ fromGroupNames: ['Secret'] });
    await expect(getMove(as('U_MEMBER'), accountId, request._id)).rejects.toMatchObject({ code: 'move_not_found' });
    const whole = await getMove(as('U_OWNER'), accountId, request._id);
    const text = async (userId?: string) => JSON.stringify(await moveSeenBy(ctx, whole, userId));
    expect([await text('U_APPROVER'), await text()].join()).not.toContain('Secret');
    expect(await text('U_NAMED')).toContain('Secret');
    await numberEvents(ctx);
    const logged = JSON.stringify(await listEvents(as('U_APPROVER'), accountId, { size: 200 }));
    expect(logged).not.toMatch(TRACE);
    await approveMove(as('U_OWNER'), { accountId, requestId: request._id });
    expect(await shownBy((of) => getProject(of, accountId, hush), as('U_MEMBER'))).toContain('hush');
    expect(await shownBy((of) => groupSummary(of, accountId, secret), as('U_LEAD'))).toContain('not_found');
  });

  it('to a private group is decided by its approvers, owners and billing admins, not by the role of an approver', async () => {
    await setProjectLeads(ctx, { accountId, projectId: p1, users: ['U_NAMED'], userGroups: [] });
    const asked = await askMove(as('U_ADMIN'), move([hush], secret));
    if (asked.kind !== 'requested') throw new Error('no request was made');
    const { request } = asked;
    expect((await approversOf(request)).sort()).toEqual(['U_NAMED', 'U_OWNER']);
    expect((await movesOf(as('U_APPROVER'), accountId)).waiting).toEqual([]);
    expect((await movesOf(as('U_NAMED'), accountId)).waiting).toHaveLength(1);
    const decision = { accountId, requestId: request._id };
    await expect(approveMove(as('U_APPROVER'), decision)).rejects.toMatchObject({ code: 'not_an_approver' });
    expect((await approveMove(as('U_NAMED'), decision)).outcome).toBe('moved');
    expect(await shownBy((of) => groupSummary(of, accountId, secret), as('U_LEAD'))).toContain('Secret');
  });
});

describe('notifications', () => {
  const entriesOf = async (id: string) => {
    await Subscriptions.updateOne({ _id: id }, { $set: { position: 0, rhythm: 'daily', kinds: [] } });
    const found = await nextOf(ctx, await Subscriptions.findById(id).orFail().lean());
    return JSON.stringify(found?.entries.map(({ description }) => description) ?? []);
  };

  it('tell about private groups what their creator sees when they are sent', async () => {
    clock.set('2026-11-12T12:00:00Z');
    await numberEvents(ctx);
    const { _id: mine } = await subscribe(as('U_MEMBER'), accountId, PERSONAL);
    const { _id: leads } = await subscribe(as('U_LEAD'), accountId, { channelId: 'D_LEAD', isPersonal: true });
    const { _id: channel } = await subscribe(as('U_ADMIN'), accountId, { channelId: 'C1', isPersonal: false });
    expect(await entriesOf(mine)).not.toMatch(TRACE);
    expect(await entriesOf(mine)).toContain('Open');
    expect(await entriesOf(leads)).toMatch(TRACE);
    expect(await entriesOf(channel)).toMatch(TRACE);
    await setMember(ctx, accountId, 'U_ADMIN', 'viewer');
    expect(await entriesOf(channel)).not.toMatch(TRACE);
    await removeMember(ctx, { accountId, id: 'U_ADMIN' });
    expect(await entriesOf(channel)).not.toMatch(TRACE);
    await setMember(ctx, accountId, 'U_ADMIN', 'billing_admin');
  });

  it('are listed without the names of private groups', async () => {
    await subscribe(as('U_ADMIN'), accountId, { channelId: 'C2', isPersonal: false, groupIds: [secret] });
    await subscribe(as('U_ADMIN'), accountId, { channelId: 'C3', isPersonal: false, groupIds: [secret, open] });
    const about = async (userId: string) =>
      (await listSubscriptions(as(userId), accountId)).filter((one) => one.groupIds.length > 0).map((one) => one.about);
    expect(await about('U_MEMBER')).toEqual([['Open']]);
    expect(await about('U_ADMIN')).toEqual([['Secret'], ['Secret', 'Open']]);
  });
});

describe('the Invoice API', () => {
  const QUERIES: Readonly<Record<string, string>> = { '/costs': '?from=2026-10-01&until=2026-10-31' };
  const ids = { memo: '', request: '', address: '' };

  beforeAll(async () => {
    // links expire
    clock.set('2026-11-10T12:00:00Z');
    await Groups.updateOne({ _id: secret }, { $set: { 'billing.company': 'Hush Ltd' } });
    ids.memo = (await createMemo(as('U_ADMIN'), { accountId, invoiceId, reason: 'Order cancelled' })).id.slice(5);
    const asked = await askMove(as('U_ADMIN'), move([p1], secret));
    if (asked.kind !== 'requested') throw new Error('no request was made');
    ids.request = asked.request._id.slice(4);
    const group = `/organization/${accountId.slice(4)}/billing-group/${secret.slice(3)}`;
    ids.address = String((await api.ask('GET', group, { token: tokens.write })).body.billing_address_id);
  });
  const ROUTES = apiRoutes(invoiceFiles)
    .filter(({ method }) => method === 'get')
    .map(({ path }) => path);
  const pathOf = (path: string) =>
    path
      .replace('credit-memos/{id}', `credit-memos/${ids.memo}`)
      .replace('move-requests/{id}', `move-requests/${ids.request}`)
      .replace('address/{id}', `address/${ids.address}`)
      .replace('{id}', secret.slice(3))
      .replace('{organization_id}', accountId.slice(4))
      .replace('{project}', 'hush')
      .replace('{account_id}', accountId.slice(4))
      .replace('{number}', number)
      .replace('{download_cookie}', link)
      .replace('{period}', OCTOBER);

  it.each(ROUTES)('GET %s', async (path) => {
    const query = path.includes('focus') ? `?period=${OCTOBER}` : (QUERIES[path] ?? '');
    const read = await api.ask('GET', `${pathOf(path)}${query}`, { token: tokens.read });
    // what the request itself names is no news
    expect(read.text.replace(number, '').replaceAll('“hush”', '')).not.toMatch(TRACE);
    if (/\{(id|number|project)\}/.test(path)) expect(read.status).toBe(404);
    const whole = await api.ask('GET', `${pathOf(path)}${query}`, { token: tokens.write });
    // the link has no token, emissions are never known, and payment methods belong to the account
    if (!/download_cookie|emissions|payment-method\//.test(path)) expect([whole.status, path]).toEqual([200, path]);
  });

  it('assistants', async () => {
    const { tools, call, close } = await connectAssistant(api.url, tokens.read);
    const whole = await connectAssistant(api.url, tokens.write);
    const inputs = [
      ...[{}, { from: '2026-10-01', until: '2026-11-30', by: 'project' }, { month: OCTOBER }, { project: 'hush' }],
      { billing_group_id: secret.slice(3) },
      { billing_group_id: secret.slice(3), invoice_number: number },
    ];
    const seen: string[] = [];
    for (const name of tools) {
      for (const input of inputs) {
        const { text } = await call(name, input);
        expect(text.replace(number, '').replaceAll('“hush”', '')).not.toMatch(TRACE);
        if (TRACE.test((await whole.call(name, input)).text)) seen.push(name);
      }
    }
    // each of them would show it to those who see the group
    expect([...new Set(seen)]).toEqual(tools.filter((name) => name !== 'list_anomalies'));
    await close();
    await whole.close();
  });

  it('a link of a token that no longer sees the group opens nothing', async () => {
    expect(link).not.toBe('');
    const path = `/billing-group/${secret.slice(3)}/invoice/${number}`;
    expect((await api.ask('GET', `${path}/${link}`)).status).toBe(404);
    expect((await api.ask('GET', `${path}/csv?cookie=${link}`)).status).toBe(404);
  });
});

describe('the setting', () => {
  it('is logged with the change, and changes nothing when repeated', async () => {
    const of = { accountId, billingGroupId: secret };
    await setPrivacy(as('U_OWNER'), { ...of, isPrivate: true });
    await numberEvents(ctx);
    const texts = async () =>
      (await listEvents(as('U_OWNER'), accountId, { size: 200 })).items
        .filter(({ after }) => JSON.stringify(after).includes('isPrivate'))
        .map(({ description }) => description);
    expect(await texts()).toEqual(['Made billing group "Secret" private']);
    await setPrivacy(as('U_OWNER'), { ...of, isPrivate: false });
    expect(await shownBy((who) => groupSummary(who, accountId, secret), as('U_VIEWER'))).toContain('Secret');
    await setPrivacy(as('U_OWNER'), { ...of, isPrivate: true });
    expect(await listPayments(as('U_OWNER'), accountId, invoiceId)).toEqual([]);
    await expect(listPayments(as('U_VIEWER'), accountId, invoiceId)).rejects.toMatchObject({
      code: 'invoice_not_found',
    });
  });

  it('and the primary group exclude each other', async () => {
    const made = setPrivacy(as('U_OWNER'), { accountId, billingGroupId: open, isPrivate: true });
    await expect(made).rejects.toMatchObject({ code: 'primary_group_private' });
    const set = setPrimaryGroup(as('U_OWNER'), { accountId, billingGroupId: secret });
    await expect(set).rejects.toMatchObject({ code: 'primary_group_private' });
  });
});
