import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountSettings, SettingName } from '../../../src/billing/account/account-settings.ts';
import { isBic, isIban } from '../../../src/billing/account/seller.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { setMember } from '../../../src/services/access/members.ts';
import { createAccount } from '../../../src/services/accounts/accounts.ts';
import { settingsNow, updateSettings } from '../../../src/services/accounts/settings.ts';
import { numberEvents } from '../../../src/services/events/event-log.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeDue, issueInvoice } from '../../../src/services/invoicing/close.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Loads } from '../../../src/store/costs/costs.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const owner = contextAt(clock, person('U_OWNER'));
let accountId = '';

beforeEach(async () => {
  clock.set('2026-03-20T12:00:00Z');
  accountId = (await anAccount(ctx))._id;
});

const set = (settings: Partial<AccountSettings>, version?: number) =>
  updateSettings(owner, accountId, { settings, ...(version !== undefined && { version }) });
const now = async () => (await settingsNow(owner, accountId)).settings;
const updates = () => Events.find({ accountId, type: 'account_updated' }).sort({ _id: 1 }).lean();

describe('settings', () => {
  it('change one by one, each with an event and its values before and after', async () => {
    const changed = await set({
      currency: 'EUR',
      closeDelayHours: 48,
      invoicePrefix: 'ACME-2',
      iban: 'de89 3704 0044 0532 0130 00',
    });
    expect([...changed].sort()).toEqual(['closeDelayHours', 'currency', 'iban', 'invoicePrefix']);
    expect(await now()).toMatchObject({ currency: 'EUR', closeDelayHours: 48, iban: 'DE89370400440532013000' });
    const events = await updates();
    expect(events.map(({ description }) => description)).toEqual(
      expect.arrayContaining([
        'Set default currency to EUR',
        'Set hours until a month closes to 48',
        'Set IBAN to DE89370400440532013000',
        'Set invoice prefix to ACME-2',
      ]),
    );
    const prefix = events.find(({ after }) => JSON.stringify(after).includes('invoicePrefix'));
    expect(prefix).toMatchObject({
      before: { invoicePrefix: 'ACCOUNT' },
      after: { invoicePrefix: 'ACME-2' },
      actor: 'U_OWNER',
    });
  });

  it('stay the same without an event when nothing differs', async () => {
    expect(await set(await now())).toEqual([]);
    expect(await updates()).toEqual([]);
    expect((await settingsNow(owner, accountId)).version).toBe(0);
  });

  it('describe the seller, with an empty value for what was never entered', async () => {
    expect(await now()).toMatchObject({ addressLines: [], vatId: '', bic: '' });
    await set({
      addressLines: ['Main street 1', ' ', '2nd floor'],
      zipCode: '10115',
      countryCode: 'de',
      vatId: 'DE 136-695.976',
    });
    const { seller } = await Accounts.findById(accountId).orFail().lean();
    expect(seller).toMatchObject({
      addressLines: ['Main street 1', '2nd floor'],
      countryCode: 'DE',
      vatId: 'DE136695976',
    });
  });

  it('validate the seller’s VAT ID as strictly as a customer’s, with the country, whichever of them changes', async () => {
    const refused = (fault: string) => ({
      code: 'invalid_input',
      data: { fields: { vatId: expect.stringContaining(fault) } },
    });
    await expect(set({ countryCode: 'DE', vatId: 'DE136695977' })).rejects.toMatchObject(refused('check digits'));
    await expect(set({ countryCode: 'DE', vatId: 'ATU12011204' })).rejects.toMatchObject(refused('another country'));
    await expect(set({ vatId: 'DE136695977' })).rejects.toMatchObject(refused('check digits'));
    await set({ countryCode: 'BE', vatId: 'BE 1765.432.167' });
    expect(await now()).toMatchObject({ vatId: 'BE1765432167' });
    await expect(set({ countryCode: 'FR' })).rejects.toMatchObject(refused('another country'));
    await set({ countryCode: 'MC', vatId: 'FR53000004605' });
    // a value stored before there were checks doesn't block other changes
    await Accounts.updateOne({ _id: accountId }, { $set: { 'seller.vatId': 'WRONG' } });
    expect(await set({ city: 'Monaco' })).toEqual(['city']);
  });

  it('include the seller’s tax statements, each with its event, and open estimates follow', async () => {
    await createGroup(ctx, { accountId, name: 'Taxed' });
    const touches = async () => (await Invoices.findOne({ accountId }).orFail().lean()).touches;
    const before = await touches();
    await expect(set({ isTaxNumberSufficient: true })).rejects.toMatchObject({
      data: { fields: { taxNumber: 'Enter the tax number that is sufficient to charge tax.' } },
    });
    await set({ taxNumber: '21/815/08150', isTaxNumberSufficient: true, isOssRegistered: true, exportsGoods: true });
    expect((await updates()).map(({ description }) => description).sort()).toEqual([
      'Set EU One Stop Shop registration to yes',
      'Set charging tax by tax number to yes',
      'Set exports of goods to yes',
      'Set tax number of the seller to 21/815/08150',
    ]);
    expect(await touches()).toBeGreaterThan(before);
    await expect(set({ taxNumber: '' })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  const WRONG: [SettingName, unknown, string][] = [
    ['name', ' ', 'Enter a name for the account.'],
    ['name', 'x'.repeat(84), 'at most 83'],
    ['currency', 'XXY', 'Choose a currency'],
    ['timeZone', 'Mars/Olympus', 'Choose a time zone'],
    ['closeDelayHours', 241, '0 to 240'],
    ['closeDelayHours', -1, '0 to 240'],
    ['closeDelayHours', 1.5, '0 to 240'],
    ['closeDelayHours', Number.NaN, '0 to 240'],
    ['legalName', '', 'Enter the legal name.'],
    ['addressLines', ['1', '2', '3', '4'], 'at most 3 lines'],
    ['countryCode', 'XX', 'Choose a country'],
    ['vatId', 'DE!', 'letters and digits'],
    ['iban', 'DE89370400440532013001', 'valid IBAN'],
    ['bic', 'DEUT', '8 or 11'],
    ['invoicePrefix', 'acme', 'capital letters'],
    ['invoicePrefix', 'A'.repeat(13), '1 to 12'],
    ['invoicePrefix', '', '1 to 12'],
    ['approvalsNeeded', 0, '1 to 5'],
    ['approvalsNeeded', 6, '1 to 5'],
    ['approvalsWho', 'everybody', 'Choose who'],
  ];
  it.each(WRONG)('reject an invalid %s: %j', async (field, value, why) => {
    const attempt = updateSettings(owner, accountId, { settings: { [field]: value } });
    await expect(attempt).rejects.toMatchObject({
      code: 'invalid_input',
      data: { fields: { [field]: expect.stringContaining(why) } },
    });
    expect(await updates()).toEqual([]);
  });

  it.each(['billing_admin', 'approver', 'member', 'viewer'] as const)(
    'can be viewed but not changed by a %s',
    async (role) => {
      await setMember(ctx, accountId, 'U1', role);
      const mine = contextAt(clock, person('U1'));
      expect(await settingsNow(mine, accountId)).toMatchObject({ mayChange: false, settings: { currency: 'USD' } });
      const attempt = updateSettings(mine, accountId, { settings: { currency: 'EUR' } });
      await expect(attempt).rejects.toMatchObject({ code: 'role_needed', people: ['U_OWNER'] });
      const stranger = contextAt(clock, person('U_STRANGER'));
      await expect(settingsNow(stranger, accountId)).rejects.toMatchObject({ code: 'account_not_found' });
      const blind = updateSettings(stranger, accountId, { settings: { currency: 'EUR' } });
      await expect(blind).rejects.toMatchObject({ code: 'account_not_found' });
    },
  );
});

describe('simultaneous changes', () => {
  it('from a form with outdated values are refused with the differences, and nothing is changed', async () => {
    const { version } = await settingsNow(owner, accountId);
    await set({ closeDelayHours: 12 }, version);
    const late = set({ closeDelayHours: 24, currency: 'EUR' }, version);
    await expect(late).rejects.toMatchObject({
      code: 'settings_changed',
      data: { fields: { closeDelayHours: 'Current value: 12.' } },
    });
    expect(await now()).toMatchObject({ closeDelayHours: 12, currency: 'USD' });
    await set({ closeDelayHours: 24 }, (await settingsNow(owner, accountId)).version);
    expect(await now()).toMatchObject({ closeDelayHours: 24 });
  });

  it('succeed once of ten', async () => {
    const attempts = Array.from({ length: 10 }, (_, at) => set({ closeDelayHours: 100 + at }, 0));
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await updates()).toHaveLength(1);
  });
});

describe('an account name', () => {
  it('is unique in the workspace, ignoring case, and can change its own case', async () => {
    const other = await anAccount(ctx);
    const taken = set({ name: other.name.toUpperCase() });
    await expect(taken).rejects.toMatchObject({ code: 'account_name_taken', fields: ['name'] });
    const { name } = await now();
    await set({ name: name.toUpperCase() });
    expect((await updates())[0]?.description).toBe(`Renamed account "${name}" to "${name.toUpperCase()}"`);
    await set({ name: 'Quite another' });
    const found = await Accounts.findById(accountId).orFail().lean();
    expect(found).toMatchObject({ name: 'Quite another', nameKey: 'quite another' });
  });

  it('goes to one of two accounts that request it at the same instant', async () => {
    const other = await anAccount(ctx);
    const outcomes = await Promise.allSettled([
      set({ name: 'Wanted' }),
      updateSettings(ctx, other._id, { settings: { name: 'wanted' } }),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await Accounts.countDocuments({ teamId: 'T1', nameKey: 'wanted' })).toBe(1);
  });
});

describe('the time zone', () => {
  it('can change while there are no invoices and no costs, and open months follow', async () => {
    clock.set('2026-03-31T22:30:00Z');
    const early = await createAccount(
      ctx,
      { teamId: 'T1', userId: 'U_OWNER' },
      { name: 'East', timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: null },
    );
    const { _id: billingGroupId } = await createGroup(ctx, { accountId: early._id, name: 'G' });
    expect((await Groups.findById(billingGroupId).orFail().lean()).nextPeriod).toBe('2026-04');
    await updateSettings(owner, early._id, { settings: { timeZone: 'America/New_York' } });
    expect((await Groups.findById(billingGroupId).orFail().lean()).nextPeriod).toBe('2026-03');
    await refreshEstimates(ctx);
    const open = await Invoices.findOne({ billingGroupId, period: toPeriod('2026-03') })
      .orFail()
      .lean();
    expect(open.periodBegin.toISOString()).toBe('2026-03-01T05:00:00.000Z');
    const next = await Invoices.findOne({ billingGroupId, period: toPeriod('2026-04') })
      .orFail()
      .lean();
    expect(next.periodBegin.toISOString()).toBe('2026-04-01T04:00:00.000Z');
    clock.set('2026-05-03T12:00:00Z');
    await closeDue(ctx);
    expect(await Invoices.countDocuments({ billingGroupId, number: { $gt: '' } })).toBe(2);
  });

  it('can’t change once something has been invoiced', async () => {
    const { _id: billingGroupId } = await createGroup(ctx, { accountId, name: 'G' });
    clock.set('2026-04-02T12:00:00Z');
    await issueInvoice(ctx, { accountId, billingGroupId, period: toPeriod('2026-03') });
    await expect(set({ timeZone: 'Asia/Tokyo' })).rejects.toMatchObject({ code: 'time_zone_fixed' });
    expect((await settingsNow(owner, accountId)).timeZoneFixed).toBe('invoices');
    expect(await set({ timeZone: 'Etc/UTC', closeDelayHours: 1 })).toEqual(['closeDelayHours']);
  });

  it('can’t change once there are costs', async () => {
    const month = toPeriod('2026-03');
    await Loads.create([{ accountId, source: 's', billingMonth: month, state: 'active', periods: [month] }]);
    const attempt = set({ timeZone: 'Asia/Tokyo' });
    await expect(attempt).rejects.toMatchObject({
      code: 'time_zone_fixed',
      data: { because: 'costs' },
    });
  });
});

describe('the invoice number prefix', () => {
  it('applies only to later numbers', async () => {
    const { _id: billingGroupId } = await createGroup(ctx, { accountId, name: 'G' });
    clock.set('2026-04-03T12:00:00Z');
    await closeDue(ctx);
    await set({ invoicePrefix: 'NEW' });
    clock.set('2026-05-03T12:00:00Z');
    await closeDue(ctx);
    const invoices = await Invoices.find({ billingGroupId, number: { $gt: '' } })
      .sort({ period: 1 })
      .lean();
    expect(invoices.map(({ number }) => number)).toEqual(['ACCOUNT-1', 'NEW-2']);
  });
});

describe('the finance channel', () => {
  it('gets news from the moment it is chosen, and the old channel no longer does', async () => {
    await set({ financeChannelId: 'C1' });
    await createGroup(ctx, { accountId, name: 'G' });
    await numberEvents(ctx);
    await set({ financeChannelId: 'C2' });
    const subscriptions = await Subscriptions.find({ accountId }).lean();
    const last = await Events.find({ accountId, logEntryId: { $exists: true } })
      .sort({ logEntryId: -1 })
      .limit(1)
      .lean();
    expect(subscriptions).toMatchObject([{ channelId: 'C2', position: last[0]?.logEntryId }]);
    await set({ financeChannelId: null });
    expect(await Subscriptions.countDocuments({ accountId })).toBe(0);
    await set({ financeChannelId: 'C1' });
    expect(await Subscriptions.countDocuments({ accountId })).toBe(1);
  });
});

describe('bank details', () => {
  // examples from the IBAN registry
  it.each([
    'GB29NWBK60161331926819',
    'NO9386011117947',
    'MT84MALT011000012345MTLCAST001S',
    'LC07HEMM000100010012001200013015',
  ])('accept %s as an IBAN, but not with two digits exchanged', (iban) => {
    expect(isIban(iban)).toBe(true);
    const exchanged = `${iban.slice(0, 2)}${iban.charAt(3)}${iban.charAt(2)}${iban.slice(4)}`;
    expect(isIban(exchanged)).toBe(iban.charAt(2) === iban.charAt(3));
  });

  it('accept a BIC with 8 or 11 characters', () => {
    expect(['DEUTDEFF', 'DEUTDEFF500', 'DEUTDEF', 'DEUTDEFF50', '1234DE!!'].map(isBic)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
