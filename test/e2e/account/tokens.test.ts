import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { updateSettings } from '../../../src/services/accounts/settings.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Tokens } from '../../../src/store/accounts/tokens.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { type RunningApi, startApi, tokenFor } from '../../support/api/api.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const NOON = '2026-03-20T12:00:00Z';
const clock = new TestClock(NOON);
const ctx = contextAt(clock);
const { as, ask, open, modalSaying, clickFor, submitFor, errorsOf } = driving(() => product);
let product: Product;
let api: RunningApi;
let accountId = '';
let groupId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  api = await startApi(clock);
  accountId = await createAcme(ctx);
  for (const [user, role] of [
    ['U0ADMIN', 'billing_admin'],
    ['U0APPROVER', 'approver'],
    ['U0MEMBER', 'member'],
    ['U0VIEWER', 'viewer'],
  ] as const) {
    await setMember(ctx, accountId, user, role);
  }
  groupId = (await createGroup(ctx, { accountId, name: 'Team Blue' }))._id;
  const other = await createGroup(ctx, { accountId, name: 'Team Red' });
  await createProject(ctx, { accountId, name: 'web', billingGroupId: other._id });
});
afterAll(async () => {
  await api.stop();
  await product.stop();
});

/** The token that a modal shows. */
function shownIn(text: string): string {
  const [token] = /bgt_[\w-]{43}/.exec(text) ?? [];
  if (token === undefined) throw new Error(`No token in ${text}`);
  return token;
}

const status = async (token: string) => (await api.ask('GET', '/billing-group', { token })).status;

describe('creating a token', () => {
  it('shows it once, in a modal, and stores it nowhere', async () => {
    await open('U0OWNER', '/billing token create "Power BI"', 'Access');
    const made = said(await submitFor('U0OWNER', { days: '30' }, 'Copy it now'));
    const token = shownIn(made);
    expect(await status(token)).toBe(200);
    const stored = await Tokens.findOne({ accountId }).orFail().lean();
    expect(stored).toMatchObject({ name: 'Power BI', scope: 'billing:read', createdBy: 'U0OWNER' });
    expect(stored.expiresAt).toEqual(new Date('2026-04-19T12:00:00Z'));
    expect(JSON.stringify(stored)).not.toContain(token);
    await product.settle();
    expect(JSON.stringify(as('U0OWNER').messages(FINANCE))).not.toContain(token);
    const event = await Events.findOne({ accountId, type: 'token_created' }).orFail().lean();
    expect(event).toMatchObject({ actor: 'U0OWNER', description: 'Created API token "Power BI" for billing:read' });
  });

  it('shows errors under the field, keeping what was typed', async () => {
    await open('U0OWNER', '/billing token create', 'Access');
    expect(await errorsOf('U0OWNER', { name: 'X1', days: 'soon' })).toEqual({ days: 'Enter the days as a number.' });
    expect(await errorsOf('U0OWNER', { name: 'U0OWNER', days: '0' })).toEqual({
      name: 'This name could be mistaken for someone else in the event log.',
      days: 'Enter at least one day.',
    });
    const again = said(await submitFor('U0OWNER', { name: 'power bi', days: '' }, 'already'));
    expect(again).toContain('"power bi"');
  });
});

describe('the list of tokens', () => {
  it('shows scope, expiry and last use, and revokes immediately', async () => {
    await open('U0OWNER', '/billing token create Loader', 'Access');
    const token = shownIn(said(await submitFor('U0OWNER', { access: 'billing:write' }, 'Copy it now')));
    expect(await status(token)).toBe(200);
    const list = said(await open('U0OWNER', '/billing token', '2 tokens'));
    expect(list).toContain('*Loader* · Read and write');
    expect(list).toContain('does not expire');
    expect(list).toContain('last used');
    expect(list).not.toContain(token);
    const { _id } = await Tokens.findOne({ accountId, name: 'Loader' }).orFail().lean();
    const value = JSON.stringify({ account: accountId, name: _id });
    expect(said(await clickFor('U0OWNER', 'token.revoke', '*revoked*', value))).toContain('*Loader*');
    expect(await status(token)).toBe(401);
    expect(await Events.countDocuments({ accountId, type: 'token_revoked', actor: 'U0OWNER' })).toBe(1);
  });

  it('also opens the form', async () => {
    await open('U0OWNER', '/billing token list', 'New token');
    const view = as('U0OWNER').openedView();
    if (view) await as('U0OWNER').click({ view, actionId: 'token.create.open' });
    expect(said(await modalSaying('U0OWNER', 'Access'))).toContain('Expires after (days)');
  });
});

describe('revoking a token by name', () => {
  it('works once, and says so when repeated', async () => {
    await tokenFor(clock, accountId, { name: 'Old one' });
    for (let times = 0; times < 2; times += 1) {
      expect(said(await ask('U0OWNER', '/billing token revoke "old ONE"'))).toContain('has been revoked');
    }
    expect(await Events.countDocuments({ accountId, type: 'token_revoked', description: /Old one/ })).toBe(1);
    expect(said(await ask('U0OWNER', '/billing token revoke Nobody'))).toContain('This token doesn’t exist');
    expect(said(await ask('U0OWNER', '/billing token revoke'))).toContain('Enter a token name.');
    expect(said(await ask('U0OWNER', '/billing token burn'))).toContain('“burn”');
  });
});

describe('without the owner role', () => {
  it.each(['U0ADMIN', 'U0APPROVER', 'U0MEMBER', 'U0VIEWER'])('%s can’t see, create or revoke tokens', async (user) => {
    const before = await Tokens.countDocuments({ accountId });
    for (const line of ['/billing token', '/billing token create Mine']) {
      expect(said(await open(user, line, 'You need the owner role'))).not.toContain('Power BI');
    }
    expect(said(await ask(user, '/billing token revoke "Power BI"'))).toContain('You need the owner role');
    expect(await Tokens.countDocuments({ accountId, revokedAt: null, name: 'Power BI' })).toBe(1);
    expect(await Tokens.countDocuments({ accountId })).toBe(before);
  });
});

describe('a token’s changes', () => {
  it('are announced in Slack like any others, under its name', async () => {
    const token = await tokenFor(clock, accountId, { name: 'Terraform & Co' });
    const put = await api.ask('PUT', `/billing-group/${groupId.slice(3)}`, { token, body: { city: 'Helsinki' } });
    expect(put.status).toBe(200);
    await product.settle();
    const told = as('U0OWNER').messages(FINANCE).map(said).join();
    expect(told).toMatch(/API token Terraform &amp; Co updated billing group \S*".*": set city to Helsinki/);
    const log = said(await open('U0OWNER', '/billing events', 'Set city to Helsinki'));
    expect(log).toContain('Terraform &amp; Co');
    expect(log).not.toContain('<@Terraform');
  });

  it('that need approval go to approvers if the owner wants that, who decide', async () => {
    await updateSettings(ctx, accountId, { settings: { apiMoves: 'ask' } });
    const token = await tokenFor(clock, accountId, { name: 'Warehouse' });
    const path = `/billing-group/${groupId.slice(3)}/project-assign/web`;
    expect((await api.ask('POST', path, { token })).status).toBe(202);
    await product.settle();
    const message = await as('U0APPROVER').waitFor(() =>
      as('U0APPROVER')
        .messages(as('U0APPROVER').directMessage())
        .find((one) => said(one).includes('Warehouse asked to move')),
    );
    await as('U0APPROVER').click({ message, actionId: 'move.approve' });
    await as('U0APPROVER').waitFor(() =>
      as('U0APPROVER')
        .ephemerals(as('U0APPROVER').directMessage())
        .find((one) => said(one).includes('Approved')),
    );
    await product.settle();
    const { body } = await api.ask('GET', `/billing-group/${groupId.slice(3)}/projects`, { token });
    expect(body.projects).toMatchObject([{ project_name: 'web' }]);
  });
});
