import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { BOT_USER_ID } from '../../../src/local/workspace/index.ts';
import { createAccount } from '../../../src/services/accounts/accounts.ts';
import { createGroup, setApprovers } from '../../../src/services/groups/groups.ts';
import { setPrivacy } from '../../../src/services/groups/privacy.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { linkTo } from '../../../src/services/kit/links.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { pauseSubscription, subscribe } from '../../../src/services/notices/subscriptions.ts';
import { setProjectLeads } from '../../../src/services/projects/project-leads.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Memberships, Projects } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, importCosts, setParties } from '../../support/invoices/closed.ts';
import { FINANCE, PEOPLE, type Product, SHARED, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';
import { sendEvent } from '../../support/slack/signed.ts';

useDatabase(migrate);

const BASE = 'https://billing.example.com';
const OTHER_TEAM = 'T0OTHER';
const EVERYBODY = [...PEOPLE, BOT_USER_ID];
const channel = (name: string, more: object = {}) => ({
  ...{ id: `C0${name.toUpperCase()}`, name, members: EVERYBODY },
  ...more,
});
const [GENERAL, APPROVALS, PAUSED, GROUPS, DEV, DIGEST] = [
  ...['C0GENERAL', 'C0APPROVALS', 'C0PAUSED', 'C0GROUPS', 'C0DEV', 'C0DIGEST'],
] as const;
const CHANNELS = [
  ...['general', 'approvals', 'paused', 'groups', 'dev', 'digest'].map((name) => channel(name)),
  channel('alone', { members: [...PEOPLE] }),
  channel('closed', { is_private: true }),
  channel('organization', { is_org_shared: true, connected_team_ids: ['T0SISTER'] }),
];
const AMOUNT = /EUR|\d\.\d\d/;

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
const { as } = driving(() => product);
let product: Product;
let accountId = '';
/** The addresses of everything, by name. */
const links: Record<string, string> = {};

/** Two groups with invoices, one of them private, a third one without, and a request for each. */
beforeAll(async () => {
  product = await startProduct(clock, { linkBase: BASE, channels: CHANNELS });
  accountId = await createAcme(ctx, {
    members: ['U0ADMIN', 'U0APPROVER', 'U0MEMBER', 'U0VIEWER'],
    timeZone: 'Etc/UTC',
  });
  const group = async (name: string) => (await createGroup(ctx, { accountId, name }))._id;
  const project = async (name: string, billingGroupId: string) =>
    (await createProject(ctx, { accountId, name, billingGroupId })).project._id;
  const [production, secret, development] = [await group('Production'), await group('Secret'), await group('Dev')];
  await project('web-shop', production);
  const hush = await project('hush', secret);
  const [api, ui, db] = [
    await project('api', development),
    await project('ui', development),
    await project('db', development),
  ];
  await setProjectLeads(ctx, { accountId, projectId: hush, users: ['U0MEMBER'], userGroups: [] });
  await setApprovers(ctx, { accountId, billingGroupId: secret, userIds: ['U0APPROVER'] });
  await importCosts(ctx, accountId, [
    costRow('60'),
    costRow('70', { project: 'hush' }),
    costRow('5', { project: 'api' }),
  ]);
  await setParties(accountId);
  for (const _id of [production, secret]) await closeInvoice(ctx, { _id, accountId }, toPeriod('2026-10'));
  await setPrivacy(ctx, { accountId, billingGroupId: secret, isPrivate: true });
  const ask = async (userId: string, projectId: string, toGroupId: string) => {
    const of = { accountId, projectIds: [projectId], toGroupId, effect: 'now' as const, reason: '' };
    const asked = await askMove(contextAt(clock, person(userId, TEAM_ID)), of);
    return asked.kind === 'requested' ? asked.request._id : '';
  };
  const invoiceOf = async (billingGroupId: string) =>
    (
      await Invoices.findOne({ billingGroupId, number: { $ne: null } })
        .orFail()
        .lean()
    )._id;
  const add = (name: string, id: string, teamId = TEAM_ID, of = accountId) => {
    links[name] = linkTo(BASE, { teamId, accountId: of, id });
  };
  add('invoice', await invoiceOf(production));
  add('group', production);
  add('move', await ask('U0MEMBER', api, production));
  add('private invoice', await invoiceOf(secret));
  add('private group', secret);
  add('move into a private group', await ask('U0OWNER', ui, secret));
  // its project joins the private group afterwards
  add('move of a project that is private now', await ask('U0OWNER', db, production));
  add('nothing', 'bg_00000000-0000-4000-8000-000000000000');
  add('the group in another workspace', production, OTHER_TEAM);

  const settings = { timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: FINANCE };
  const elsewhere = async (name: string, teamId: string, userId: string) => {
    const { _id } = await createAccount(ctx, { teamId, userId }, { name, ...settings });
    return { of: _id, id: (await createGroup(ctx, { accountId: _id, name: `Group of ${name}` }))._id };
  };
  const other = await elsewhere('Other', TEAM_ID, 'U0STRANGER');
  add('a group of another account', other.id, TEAM_ID, other.of);
  add('an invoice under another account', await invoiceOf(production), TEAM_ID, other.of);
  // the same people and channels have the same IDs there
  const far = await elsewhere('Far', OTHER_TEAM, 'U0OWNER');
  add('a group of another workspace', far.id, OTHER_TEAM, far.of);
  add('a group of another workspace as if of this one', far.id, TEAM_ID, far.of);

  const subscribed = (of: Omit<Parameters<typeof subscribe>[2], 'isPersonal'>) =>
    subscribe(contextAt(clock, person('U0OWNER', TEAM_ID)), accountId, { isPersonal: false, ...of });
  await pauseSubscription(ctx, accountId, (await subscribed({ channelId: PAUSED }))._id);
  await subscribed({ channelId: GROUPS, kinds: ['groups', 'moves'] });
  await subscribed({ channelId: DEV, groupIds: [development] });
  await subscribed({ channelId: DIGEST, digest: 'weekly', groupIds: [production] });
  for (const { id } of CHANNELS.slice(-3)) await subscribed({ channelId: id });
  await subscribed({ channelId: SHARED });
  await subscribe(contextAt(clock, person('U0OWNER', TEAM_ID)), accountId, {
    ...{ channelId: as('U0OWNER').directMessage(), isPersonal: true },
  });
  await Accounts.updateOne({ _id: accountId }, { $set: { approvalsChannelId: APPROVALS } });
});
afterAll(() => product.stop());

/** What can be read in blocks, without IDs. */
function readable(blocks: unknown): string {
  const text = JSON.stringify(blocks, (key, value) =>
    ['block_id', 'action_id', 'value'].includes(key) ? null : value,
  );
  return text.replaceAll('\\n', '\n');
}

/** What a person's message with a link shows to the channel, after checking that there is no other message. */
async function shown(userId: string, name: string, channelId: string): Promise<string> {
  const { state } = product.workspace;
  const count = () => [...state.channels.keys()].flatMap((id) => state.history(id)).length + state.ephemerals.length;
  const before = count();
  const { ts } = await as(userId).say(channelId, `See ${links[name]}, please`);
  await product.quiet();
  expect(count()).toBe(before + 1);
  const unfurls = state.message(channelId, ts)?.attachments ?? [];
  expect(unfurls.length).toBeLessThan(2);
  return unfurls.map(({ blocks }) => readable(blocks)).join();
}

const [all, nameOnly] = [[expect.stringMatching(AMOUNT)], [expect.not.stringMatching(AMOUNT)]];

describe('a link in a channel that gets the figures anyway', () => {
  it.each(['U0OWNER', 'U0ADMIN', 'U0APPROVER', 'U0MEMBER', 'U0VIEWER'])(
    'shows all of it, shared by %s',
    async (user) => {
      const texts = [await shown(user, 'invoice', FINANCE), await shown(user, 'group', FINANCE)];
      expect(texts[0]).toMatch(/ACME-1\* · Production · October 2026\nEUR 71\.40 open/);
      expect(texts[1]).toMatch(/Production.*EUR/s);
      expect(await shown(user, 'move', FINANCE)).toMatch(/asked to move.*api.*EUR.*Pending/s);
    },
  );

  it('shows a request with its cost impact where approvers are asked, and nothing else there', async () => {
    expect([await shown('U0MEMBER', 'move', APPROVALS)]).toEqual(all);
    expect([await shown('U0MEMBER', 'invoice', APPROVALS)]).toEqual(nameOnly);
  });

  it('shows figures to a channel with the group’s digest, but none of other groups', async () => {
    expect([await shown('U0MEMBER', 'invoice', DIGEST)]).toEqual(all);
    // it names a second group
    expect(await shown('U0MEMBER', 'move', DIGEST)).toMatch(/Request to move projects to \*Production\*/);
  });

  it('shows it once when Slack sends the event again', async () => {
    await as('U0OWNER').say(FINANCE, links.group ?? '');
    await product.quiet();
    const delivery = product.workspace.deliveries.at(-1);
    if (!delivery) throw new Error('Nothing was delivered');
    product.workspace.faults.next({ method: 'chat.unfurl', kind: 'error', error: 'cannot_unfurl_url' });
    await product.workspace.redeliver(delivery);
    await product.quiet();
    // it was not called, or the fault would be used up
    expect(product.workspace.faults.waiting).toHaveLength(1);
    product.workspace.faults.clear();
  });
});

describe('a link in another channel', () => {
  it.each([
    ['without notifications', GENERAL],
    ['whose notifications are paused', PAUSED],
    ['with other notifications', GROUPS],
    ['with notifications about other groups', DEV],
  ])('%s shows only the group’s name', async (_what, where) => {
    for (const name of ['invoice', 'group', 'move']) {
      const text = await shown('U0MEMBER', name, where);
      expect(text).toContain('Production');
      expect(text).not.toMatch(AMOUNT);
      expect(text).not.toMatch(/\bapi\b|Dev|October|ACME/);
    }
  });

  it.each([
    ['shared with another organization', SHARED],
    ['shared within an organization', 'C0ORGANIZATION'],
    ['without the app', 'C0ALONE'],
  ])('%s shows nothing', async (_what, where) => {
    for (const name of ['invoice', 'group', 'move']) expect(await shown('U0OWNER', name, where)).toBe('');
  });

  it('that is private shows what its notifications do', async () => {
    expect([await shown('U0OWNER', 'invoice', 'C0CLOSED')]).toEqual(all);
  });

  it('shows nothing in a direct message', async () => {
    // the app answers it, as every direct message
    const { ts } = await as('U0OWNER').say(as('U0OWNER').directMessage(), links.invoice ?? '');
    await product.quiet();
    expect(product.workspace.state.message(as('U0OWNER').directMessage(), ts)?.attachments).toBeUndefined();
  });
});

describe('a link looks like one to nothing', () => {
  it.each([
    'nothing',
    'private invoice',
    'private group',
    'move into a private group',
    'a group of another account',
    'an invoice under another account',
    'a group of another workspace',
    'a group of another workspace as if of this one',
    'the group in another workspace',
  ])('to %s, for everybody who shares it', async (name) => {
    for (const user of PEOPLE.filter((one) => one !== 'U0STRANGER')) {
      expect({ user, text: await shown(user, name, FINANCE) }).toEqual({ user, text: '' });
    }
    expect(await shown('U0OWNER', name, GENERAL)).toBe('');
  });

  it('for people without a role in the account', async () => {
    for (const name of Object.keys(links).filter((one) => one !== 'a group of another account')) {
      expect({ name, text: await shown('U0STRANGER', name, FINANCE) }).toEqual({ name, text: '' });
    }
    expect(await shown('U0STRANGER', 'a group of another account', FINANCE)).toContain('Group of Other');
  });

  it('once the app’s scopes for links are missing', async () => {
    product.workspace.faults.next({ method: 'chat.unfurl', kind: 'error', error: 'missing_scope' });
    expect(await shown('U0OWNER', 'group', FINANCE)).toBe('');
    expect(product.workspace.faults.waiting).toEqual([]);
  });

  it('if Slack doesn’t say who reads the channel, or doesn’t answer', async () => {
    product.workspace.faults.next({ method: 'conversations.info', kind: 'error', error: 'missing_scope' });
    expect(await shown('U0OWNER', 'group', FINANCE)).toBe('');
    product.workspace.faults.next({ method: 'conversations.info', kind: '500' });
    expect(await shown('U0OWNER', 'group', FINANCE)).toBe('');
    expect(product.workspace.faults.waiting).toEqual([]);
  });

  it.each([
    ['while it is being written', { source: 'composer', is_bot_user_member: true }],
    ['if Slack doesn’t say where it is', { is_bot_user_member: true }],
    ['if the app isn’t in the channel', { source: 'conversations_history', is_bot_user_member: false }],
  ])('%s', async (what, how) => {
    const { ts } = await as('U0OWNER').say(FINANCE, 'without a link');
    const url = links.group ?? '';
    product.workspace.faults.next({ method: '*', kind: 'error', error: 'not_called' });
    const event = { type: 'link_shared', user: 'U0OWNER', channel: FINANCE, message_ts: ts, ...how };
    await sendEvent(
      { url: product.url, secret: product.signingSecret },
      { ...event, links: [{ url, domain: 'billing.example.com' }] },
      { team: TEAM_ID, eventId: what },
    );
    await product.quiet();
    expect(product.workspace.faults.waiting).toHaveLength(1);
    product.workspace.faults.clear();
  });
});

describe('the buttons of a shown link', () => {
  const clickIn = async (user: string, name: string, actionId: string) => {
    await shown('U0MEMBER', name, GENERAL);
    const message = as(user).messages(GENERAL).at(-1);
    if (!message) throw new Error('There is no message');
    await as(user)
      .close(true)
      .catch(() => []);
    await as(user).click({ message, actionId });
    await product.quiet();
    const view = as(user).openedView();
    return view ? said(view) : '';
  };

  it('open it with its link for those with a role, and refuse others', async () => {
    expect(await clickIn('U0VIEWER', 'invoice', 'invoice.view')).toContain(`<${links.invoice}|`);
    expect(await clickIn('U0VIEWER', 'group', 'group.open')).toContain(`<${links.group}|`);
    const move = await clickIn('U0VIEWER', 'move', 'move.view');
    expect(move).toMatch(/asked to move.*EUR.*Pending/s);
    expect(move).toContain(`<${links.move}|`);
    for (const [name, actionId] of [
      ['invoice', 'invoice.view'],
      ['group', 'group.open'],
      ['move', 'move.view'],
    ] as const) {
      const refused = await clickIn('U0STRANGER', name, actionId);
      expect(refused).not.toMatch(/Production|EUR/);
      expect(refused).not.toBe('');
    }
  });
});

describe('a link that a person types', () => {
  const typed = async (user: string, url: string) => {
    await as(user)
      .close(true)
      .catch(() => []);
    await as(user).command(FINANCE, `/billing ${url}`);
    await product.quiet();
    const view = as(user).openedView();
    return view ? readable(view.blocks) : (as(user).ephemerals(FINANCE).at(-1)?.text ?? '');
  };
  const wrote = async (user: string, url: string) => {
    const channelId = as(user).directMessage();
    await as(user).say(channelId, url);
    await product.quiet();
    return readable(as(user).messages(channelId).at(-1)?.blocks ?? []);
  };

  it('after /billing is opened', async () => {
    for (const name of ['invoice', 'group', 'move']) {
      expect(await typed('U0VIEWER', links[name] ?? '')).toContain(`<${links[name]}|`);
    }
    expect(await typed('U0MEMBER', links['private group'] ?? '')).toContain('Secret');
  });

  it('as a direct message is answered with a button that opens it', async () => {
    expect(await wrote('U0VIEWER', links.invoice ?? '')).toMatch(/ACME-1.*EUR 71\.40.*View/s);
    expect(await wrote('U0VIEWER', links.group ?? '')).toMatch(/Production.*Open/s);
    expect(await wrote('U0VIEWER', links.move ?? '')).toMatch(/asked to move.*View request/s);
  });

  it('is answered like a link to nothing for people without access', async () => {
    const nothing = (name: string) => links[name]?.replace(/[^_]*$/, '00000000-0000-4000-8000-000000000000') ?? '';
    for (const ask of [typed, wrote]) {
      for (const name of ['private invoice', 'private group', 'move into a private group']) {
        const answer = await ask('U0VIEWER', links[name] ?? '');
        expect(answer).not.toMatch(/Secret|EUR|hush/);
        expect(answer).toBe(await ask('U0VIEWER', nothing(name)));
        expect(await ask('U0STRANGER', links[name] ?? '')).toBe(await ask('U0STRANGER', nothing(name)));
      }
      expect(await ask('U0OWNER', links['a group of another account'] ?? '')).not.toContain('Other');
    }
  });

  it('to elsewhere is no link of this app', async () => {
    expect(await typed('U0OWNER', 'https://billing.example.com.evil.org/links/x')).toContain('There is no command');
    expect(await typed('U0OWNER', links['a group of another workspace'] ?? '')).toContain('There is no command');
  });
});

it('a project that has joined a private group since hides its requests', async () => {
  const name = 'move of a project that is private now';
  expect([await shown('U0OWNER', name, FINANCE)]).toEqual(all);
  const secret = links['private group']?.split('/').at(-1) ?? '';
  const project = await Projects.findOne({ accountId, name: 'db' }).orFail().lean();
  await Memberships.updateOne({ projectId: project._id, to: null }, { $set: { billingGroupId: secret } });
  expect(await shown('U0OWNER', name, FINANCE)).toBe('');
});
