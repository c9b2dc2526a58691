import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAccount, setMember } from '../../../src/services/accounts/accounts.ts';
import { updateSettings } from '../../../src/services/accounts/settings.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import { JPEG, pngOf } from '../../support/invoices/pictures.ts';
import { FINANCE, type Product, SHARED, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, modalSaying, submitFor, errorsOf } = driving(() => product);
let product: Product;
let accountId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  const input = { name: 'Acme', timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: FINANCE };
  accountId = (await createAccount(ctx, { teamId: TEAM_ID, userId: 'U0OWNER' }, input))._id;
  await createAccount(ctx, { teamId: TEAM_ID, userId: 'U0STRANGER' }, { ...input, name: 'Other' });
  await setMember(ctx, accountId, 'U0ADMIN', 'billing_admin');
  await setMember(ctx, accountId, 'U0APPROVER', 'approver');
  await setMember(ctx, accountId, 'U0MEMBER', 'member');
  await setMember(ctx, accountId, 'U0VIEWER', 'viewer');
  await product.settle();
});
afterAll(() => product.stop());

const account = () => Accounts.findById(accountId).orFail().lean();
const form = () => open('U0OWNER', '/billing settings', 'Seller');

describe('the settings form', () => {
  it('opens by command and from Home with the current values, within the query limit', async () => {
    const queries = new QueryCounter();
    const view = said(await form());
    expect(queries.take().length).toBeLessThanOrEqual(10);
    for (const shown of ['"Acme"', 'EUR · Euro', 'Europe/Berlin', FINANCE, '"ACME"', '"24"'])
      expect(view).toContain(shown);
    await as('U0OWNER').close(true);
    await as('U0OWNER').openHome();
    await as('U0OWNER').waitFor(() => as('U0OWNER').home());
    await as('U0OWNER').click({ home: true, actionId: 'settings.open' });
    await modalSaying('U0OWNER', 'Seller');
  });

  it('saves changes, and says so', async () => {
    await form();
    const { options } = await as('U0OWNER').suggest({ actionId: 'settings.country' }, 'germ');
    expect(options.map(({ value }) => value)).toContain('DE');
    await as('U0OWNER').suggest({ actionId: 'settings.currency' }, 'usd');
    const zones = await as('U0OWNER').suggest({ actionId: 'settings.time_zone' }, 'new york');
    expect(zones.options.map(({ value }) => value)).toEqual(['America/New_York']);
    const values = {
      currency: 'USD',
      timeZone: 'America/New_York',
      countryCode: 'DE',
      addressLines: 'Main street 1\n2nd floor',
      iban: 'DE89 3704 0044 0532 0130 00',
      bic: 'cobadeff',
      closeDelayHours: '48',
      approvalsWho: 'both',
      approvalsNeeded: '2',
    };
    await submitFor('U0OWNER', values, 'Saved: 9 settings changed.');
    expect(await account()).toMatchObject({
      currency: 'USD',
      timeZone: 'America/New_York',
      closeDelayHours: 48,
      approvalPolicy: { who: 'both', needed: 2 },
      seller: { legalName: 'Acme', addressLines: ['Main street 1', '2nd floor'], countryCode: 'DE', bic: 'COBADEFF' },
    });
    expect(await Events.countDocuments({ accountId, type: 'account_updated', actor: 'U0OWNER' })).toBe(9);
    await form();
    await submitFor('U0OWNER', {}, 'No settings changed.');
  });

  it('accepts a channel shared with other organizations only after a warning, and the command never does', async () => {
    await form();
    await submitFor('U0OWNER', { approvalsChannelId: SHARED }, 'shared with another organization');
    expect((await account()).approvalsChannelId).toBeNull();
    await submitFor('U0OWNER', {}, 'Saved: 1 setting changed.');
    expect((await account()).approvalsChannelId).toBe(SHARED);
    await Accounts.updateOne({ _id: accountId }, { $set: { approvalsChannelId: null } });
    await as('U0OWNER').close(true);
    const answer = said(await ask('U0OWNER', `/billing settings approvals-channel #with-partners`));
    expect(answer).toContain('shared with another organization');
    expect((await account()).approvalsChannelId).toBeNull();
  });

  it('shows errors under each field, and changes nothing', async () => {
    await form();
    const before = await account();
    const values = {
      name: ' ',
      legalName: ' ',
      addressLines: '1\n2\n3\n4',
      vatId: 'DE?',
      iban: 'DE00',
      bic: 'X',
      invoicePrefix: 'a b',
      closeDelayHours: '241',
      approvalsNeeded: '6',
    };
    const errors = await errorsOf('U0OWNER', values);
    expect(Object.keys(errors).sort()).toEqual(Object.keys(values).sort());
    expect(errors).toMatchObject({
      name: 'Enter a name for the account.',
      iban: expect.stringContaining('valid IBAN'),
    });
    expect(await account()).toEqual(before);
  });

  it('is refused with another account’s name, keeping what was typed', async () => {
    await form();
    const again = said(await submitFor('U0OWNER', { name: 'OTHER', city: 'Typed' }, 'already'));
    expect(again).toContain('"OTHER"');
    expect(again).toContain('"Typed"');
    await submitFor('U0OWNER', { name: 'Acme & Co' }, 'Saved');
    expect(await account()).toMatchObject({ name: 'Acme & Co', seller: { city: 'Typed' } });
  });

  it('opened on outdated values is refused, shows what differs, and can then be saved', async () => {
    await form();
    await updateSettings(ctx, accountId, { settings: { closeDelayHours: 7 } });
    const again = said(await submitFor('U0OWNER', { city: 'Berlin' }, 'Someone changed the settings'));
    expect(again).toContain('Current value: 7.');
    expect(again).toContain('"Berlin"');
    expect((await account()).seller.city).toBe('Typed');
    await submitFor('U0OWNER', { closeDelayHours: '7' }, 'Saved: 1 setting changed.');
    expect((await account()).seller.city).toBe('Berlin');
  });

  it('is refused to a person who lost the role while it was open', async () => {
    await setMember(ctx, accountId, 'U0ADMIN', 'owner');
    await open('U0ADMIN', '/billing settings', 'Seller');
    await setMember(ctx, accountId, 'U0ADMIN', 'billing_admin');
    await submitFor('U0ADMIN', { city: 'Rome' }, 'You need the owner role');
    expect((await account()).seller.city).toBe('Berlin');
  });

  it('has no time zone once something has been invoiced', async () => {
    await createGroup(ctx, { accountId, name: 'Team Blue' });
    clock.set('2026-04-03T12:00:00Z');
    await product.settle();
    const view = said(await form());
    expect(view).not.toContain('settings.time_zone');
    expect(view).toContain('can’t be changed after the first invoice');
    await submitFor('U0OWNER', { city: 'Bonn' }, 'Saved: 1 setting changed.');
    expect(said(await ask('U0OWNER', '/billing settings time-zone Etc/UTC'))).toContain('can’t be changed');
  });
});

describe('account details', () => {
  it.each(['U0ADMIN', 'U0APPROVER', 'U0MEMBER', 'U0VIEWER'])('can be read by %s', async (user) => {
    const view = await open(user, '/billing settings', 'Owners can change these');
    expect(said(view)).toContain('Acme &amp; Co');
    expect(said(view)).toContain('DE89370400440532013000');
    expect(view.submit).toBeUndefined();
    const answer = said(await ask(user, '/billing settings prefix MINE'));
    expect(answer).toContain('You need the owner role');
    expect(answer).toContain('<@U0OWNER>');
  });

  it('are hidden from outsiders', async () => {
    const view = said(await open('U0STRANGER', '/billing settings', 'Other'));
    expect(view).not.toContain('Acme &amp; Co');
  });
});

describe('a settings command', () => {
  it.each([
    ['name "Acme Ltd"', { name: 'Acme Ltd' }],
    ['cur eur', { currency: 'EUR' }],
    ['close 12', { closeDelayHours: 12 }],
    ['prefix acme-7', { invoicePrefix: 'ACME-7' }],
    ['approvals nobody', { approvalPolicy: { who: 'nobody', needed: 2 } }],
    ['approvals-needed 3', { approvalPolicy: { who: 'nobody', needed: 3 } }],
    ['approvals-channel #finance', { approvalsChannelId: FINANCE }],
    ['approvals_channel none', { approvalsChannelId: null }],
    ['seller Acme Limited', { seller: { legalName: 'Acme Limited' } }],
    ['vat DE 136 695 976', { seller: { vatId: 'DE136695976' } }],
    ['vat none', { seller: { vatId: '' } }],
    ['address "Side street 2; Backyard"', { seller: { addressLines: ['Side street 2', 'Backyard'] } }],
    ['country fr', { seller: { countryCode: 'FR' } }],
  ])('sets a value: %s', async (words, expected) => {
    expect(said(await ask('U0OWNER', `/billing settings ${words}`))).toContain('Saved: 1 setting changed.');
    expect(await account()).toMatchObject(expected);
  });

  it.each([
    ['shade red', 'There is no setting “shade”'],
    ['b x', 'matches several settings'],
    ['prefix', 'What is the new value?'],
    ['prefix A_B', '1 to 12 capital letters'],
    ['close soon', '0 to 240'],
    ['currency XXY', 'Choose a currency'],
    ['approvals everybody', 'isn’t an option for who approves moves'],
    ['finance finance', 'isn’t a channel'],
    ['iban DE00', 'valid IBAN'],
    ['name Other', 'already'],
  ])('is refused: %s', async (words, why) => {
    const before = await account();
    expect(said(await ask('U0OWNER', `/billing settings ${words}`))).toContain(why);
    expect(await account()).toEqual(before);
  });
});

it('news goes to a new finance channel as soon as it is chosen', async () => {
  await ask('U0OWNER', '/billing settings finance none');
  expect(await Subscriptions.countDocuments({ accountId })).toBe(0);
  const told = as('U0OWNER').messages(FINANCE).length;
  clock.set('2026-05-03T12:00:00Z');
  await product.settle();
  expect(as('U0OWNER').messages(FINANCE)).toHaveLength(told);
  await ask('U0OWNER', '/billing settings finance #finance');
  await product.settle();
  // invoices issued without a channel aren't posted later
  expect(as('U0OWNER').messages(FINANCE)).toHaveLength(told);
  clock.set('2026-06-03T12:00:00Z');
  await product.settle();
  const news = as('U0OWNER').messages(FINANCE).slice(told).map(said).join();
  expect(news).toContain('ACME-7-3');
  expect(news).not.toContain('ACME-7-2');
});

describe('the design of invoices', () => {
  it('accepts a color that is readable on white, and suggests a shade otherwise', async () => {
    await form();
    const { colour } = await errorsOf('U0OWNER', { colour: '#f5c400' });
    expect(colour).toContain('too light');
    await submitFor('U0OWNER', { colour: '#7A2E8E' }, 'Saved: 1 setting changed.');
    expect((await account()).seller.colour).toBe('#7a2e8e');
    expect(said(await ask('U0OWNER', '/billing settings accent white'))).toContain('#RRGGBB');
    expect(said(await ask('U0OWNER', '/billing settings accent none'))).toContain('Saved');
    expect((await account()).seller.colour).toBe('');
    // earlier versions named it in British spelling
    await ask('U0OWNER', '/billing settings accent-colour #7a2e8e');
    expect((await account()).seller.colour).toBe('#7a2e8e');
    expect(said(await ask('U0OWNER', '/billing settings accent-color none'))).toContain('Saved');
    expect(said(await ask('U0OWNER', '/billing settings nothing'))).toContain('accent-color,');
  });

  it('accepts an uploaded logo, a replacement, and its removal', async () => {
    await form();
    const owner = as('U0OWNER');
    const png = await owner.uploadIntoForm('logo.png', pngOf(120, 40));
    await submitFor('U0OWNER', { logo: [png.id] }, 'Saved: 1 setting changed.');
    const { logo } = (await account()).seller;
    expect(logo).toMatch(/^[0-9a-f]{64}$/);
    expect(said(await form())).toContain('New logo');
    const jpeg = await owner.uploadIntoForm('logo.jpg', JPEG);
    await submitFor('U0OWNER', { logo: [jpeg.id] }, 'Saved: 1 setting changed.');
    expect((await account()).seller.logo).not.toBe(logo);
    await form();
    await submitFor('U0OWNER', { logoNone: ['remove'] }, 'Saved: 1 setting changed.');
    expect((await account()).seller.logo).toBe('');
    expect(said(await ask('U0OWNER', '/billing settings logo my.png'))).toContain('can’t be typed');
  });

  it('refuses a file that isn’t an image, or that Slack doesn’t provide, in the form', async () => {
    await form();
    const text = await as('U0OWNER').uploadIntoForm('logo.png', 'no picture at all');
    await submitFor('U0OWNER', { logo: [text.id], city: 'Hamburg' }, 'The logo must be a PNG or JPEG image.');
    expect(said(as('U0OWNER').openedView() ?? ({ blocks: [] } as never))).toContain('Hamburg');
    await submitFor('U0OWNER', { logo: ['F0GONE'] }, 'This file no longer exists in Slack');
    expect((await account()).seller.city).not.toBe('Hamburg');
  });

  it('is shown to those who can’t change it', async () => {
    expect(said(await open('U0MEMBER', '/billing settings', 'Owners can change these'))).toContain('*Logo*');
  });
});
