import { describe, expect, it } from '@jest/globals';
import { completeSeller } from '../../../src/billing/account/seller.ts';
import { NO_BILLING_INFORMATION } from '../../../src/billing/group/billing-information.ts';
import { dryRunTotals, missingBuyerDetails, missingSellerDetails } from '../../../src/billing/invoice/dry-run.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { setRate } from '../../../src/services/costs/rates.ts';
import { createGroup, deleteGroup } from '../../../src/services/groups/groups.ts';
import { closeDue } from '../../../src/services/invoicing/close.ts';
import { announceDryRuns, dryRun } from '../../../src/services/invoicing/dry-run.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { nextLine, startChild } from '../../support/children.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { testDatabaseUri, useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import { costRow, GERMAN_BUYER, GERMAN_SELLER, importCosts, setParties } from '../../support/invoices/closed.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-10-20T12:00:00Z');
const ctx = contextAt(clock);
/** October ends on 1 November at midnight, UTC, and is closed a day later. */
const DUE = '2026-10-30T00:00:00Z';

async function anAccountWithCosts(rows = [costRow('60'), costRow('40', { project: 'data' })]) {
  clock.set('2026-10-20T12:00:00Z');
  const account = await anAccount(ctx, { currency: 'EUR' });
  await importCosts(ctx, account._id, rows);
  await setParties(account._id);
  await refreshEstimates(ctx);
  return account;
}
const announcements = (accountId: string) => Events.find({ accountId, type: 'close_dry_run' }).lean();

describe('a dry run', () => {
  it('shows what the next close would issue in each currency, without changing anything', async () => {
    const account = await anAccountWithCosts();
    const dollars = await createGroup(ctx, { accountId: account._id, name: 'Dollars', currency: 'USD' });
    await refreshEstimates(ctx);
    const before = await Invoices.find({ accountId: account._id }).lean();
    const run = await dryRun(ctx, account._id);
    expect(run).toMatchObject({ period: '2026-10', heldBack: 0, lacking: 0, seller: [], isMoving: false });
    expect(run.closesAt.toISOString()).toBe('2026-11-02T00:00:00.000Z');
    expect(run.totals.map(({ currency, invoices, total }) => [currency, invoices, total.toFixed(2)])).toEqual([
      ['EUR', 1, '119.00'],
      ['USD', 1, '0.00'],
    ]);
    expect(run.entries.map(({ groupName }) => groupName)).toContain(dollars.name);
    expect(await Invoices.find({ accountId: account._id }).lean()).toEqual(before);

    // and the close then does exactly that
    clock.set('2026-11-02T00:00:00Z');
    await closeDue(ctx);
    const issued = await Invoices.find({ accountId: account._id, number: { $exists: true } }).lean();
    expect(issued.map(({ currency, total }) => `${currency} ${total}`).sort()).toEqual(['EUR 119', 'USD 0']);
    expect((await dryRun(ctx, account._id)).period).toBe('2026-11');
  });

  it('names what the electronic invoice would lack, of the seller and of the buyer, before the close', async () => {
    const account = await anAccountWithCosts();
    const { contactName: _name, phone: _phone, ...seller } = GERMAN_SELLER;
    await setParties(account._id, { seller, buyer: { ...GERMAN_BUYER, city: '', zipCode: '', vatId: '' } });
    const run = await dryRun(ctx, account._id);
    expect(run.seller).toEqual(['no electronic invoice: no contact (DE-R-005), no phone number (DE-R-006, DE-R-027)']);
    expect(run.entries[0]?.lacks).toContain(
      'no electronic invoice: no electronic address (PEPPOL-EN16931-R010), no city (DE-R-008), no postal code (DE-R-009)',
    );
  });

  it('names characters that no font has, with their field', async () => {
    const account = await anAccountWithCosts([costRow('60', { service: 'Compute 𒀀', project: 'shop' })]);
    await setParties(account._id, { buyer: { ...GERMAN_BUYER, company: 'Zolta \u{E000} GmbH' } });
    const [entry] = (await dryRun(ctx, account._id)).entries;
    expect(entry?.lacks).toEqual(['no font for U+E000 in the company', 'no font for 𒀀 (U+12000) in a line']);
  });

  it('lists what would be held back first, then what would be incomplete', async () => {
    const account = await anAccountWithCosts([costRow('60'), costRow('5', { currency: 'USD' })]);
    const { _id: accountId } = account;
    await createGroup(ctx, { accountId, name: 'AAA' });
    const [held] = (await dryRun(ctx, accountId)).entries;
    expect(held).toMatchObject({ heldBack: 'No exchange rate to convert USD into EUR.', lacks: [] });
    await setRate(ctx, { accountId, base: 'EUR', currency: 'USD', rate: '1.1' });
    await Groups.updateMany({ accountId }, { $set: { billing: NO_BILLING_INFORMATION } });
    await refreshEstimates(ctx);
    const run = await dryRun(ctx, accountId);
    expect([run.heldBack, run.lacking]).toEqual([0, 1]);
    expect(run.entries[0]?.lacks).toContain('no company');
    // a zero invoice needs nothing
    expect(run.entries[1]).toMatchObject({ groupName: 'AAA', lacks: [] });
  });

  it('includes a month that an earlier close held back, and a deleted group’s last month', async () => {
    const account = await anAccountWithCosts([costRow('5', { currency: 'USD' })]);
    const { _id: accountId } = account;
    const gone = await createGroup(ctx, { accountId, name: 'Gone' });
    await deleteGroup(ctx, { accountId, billingGroupId: gone._id });
    expect((await dryRun(ctx, accountId)).entries).toHaveLength(2);
    clock.set('2026-11-03T00:00:00Z');
    await closeDue(ctx);
    await refreshEstimates(ctx);
    const { entries, period, heldBack } = await dryRun(ctx, accountId);
    expect(period).toBe('2026-11');
    expect(entries.map((entry) => entry.period)).toEqual(['2026-10', '2026-11']);
    expect(heldBack).toBe(1);
  });

  it('takes as many queries for forty groups as for one, and is only for members', async () => {
    const account = await anAccountWithCosts();
    const { _id: accountId } = account;
    const queries = new QueryCounter();
    await dryRun(ctx, accountId);
    const few = queries.take().length;
    for (let at = 0; at < 40; at++) await createGroup(ctx, { accountId, name: `Group ${at}` });
    queries.take();
    await dryRun(ctx, accountId);
    expect(queries.take()).toHaveLength(few);
    await setMember(ctx, accountId, 'U_VIEWER', 'viewer');
    expect((await dryRun(contextAt(clock, person('U_VIEWER')), accountId)).entries.length).toBe(41);
    await expect(dryRun(contextAt(clock, person('U_STRANGER')), accountId)).rejects.toMatchObject({
      code: 'account_not_found',
    });
  });
});

describe('the announcement of a close', () => {
  it('is made three days ahead, once per period, with the data for its message', async () => {
    const account = await anAccountWithCosts();
    const { _id: accountId } = account;
    clock.set('2026-10-29T23:59:59Z');
    await announceDryRuns(ctx);
    expect(await announcements(accountId)).toHaveLength(0);
    clock.set(DUE);
    await announceDryRuns(ctx);
    await announceDryRuns(ctx);
    const [event, ...more] = await announcements(accountId);
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      description: 'Dry run of the close of October 2026: 1 invoice, EUR 119.00',
      actor: 'automation',
      after: { period: '2026-10', invoices: 1, heldBack: 0, named: [], seller: [] },
    });
    clock.set('2026-11-02T00:00:00Z');
    await closeDue(ctx);
    await refreshEstimates(ctx);
    await announceDryRuns(ctx);
    expect(await announcements(accountId)).toHaveLength(1);
    clock.set('2026-11-29T00:00:00Z');
    await announceDryRuns(ctx);
    expect(await announcements(accountId)).toHaveLength(2);
  });

  it('waits for estimates in progress, but not forever, and needs a group', async () => {
    const account = await anAccountWithCosts();
    const empty = await anAccount(ctx);
    await Invoices.updateMany({ accountId: account._id }, { $set: { touchedAt: clock.now() } });
    clock.set(DUE);
    await announceDryRuns(ctx);
    expect(await announcements(account._id)).toHaveLength(0);
    clock.set('2026-10-30T06:00:00Z');
    await announceDryRuns(ctx);
    expect(await announcements(account._id)).toHaveLength(1);
    expect(await announcements(empty._id)).toHaveLength(0);
  });

  it('is made once by three processes, each with three at once, and after a kill in the middle', async () => {
    const account = await anAccountWithCosts();
    await Accounts.updateMany({ _id: { $ne: account._id } }, { $set: { dryRunFor: toPeriod('2026-10') } });
    const start = () => startChild('test/children/dry-run.ts', [testDatabaseUri(), DUE]);
    const children = [start(), start(), start(), start()];
    for (const child of children) expect(await nextLine(child)).toBe('ready');
    for (const child of children) child.process.stdin.write('go\n');
    const [killed, ...others] = children;
    killed?.process.kill('SIGKILL');
    const counts: number[] = [];
    for (const child of others) counts.push(...JSON.parse(await nextLine(child)));
    for (const child of children) await child.ended;
    expect(counts.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(1);
    expect(await announcements(account._id)).toHaveLength(1);
  }, 60_000);
});

describe('missing invoice details', () => {
  const one = new Decimal(1);
  it.each([
    ['nothing', GERMAN_BUYER, []],
    ['a company', { ...GERMAN_BUYER, company: ' ' }, ['no company']],
    ['an address', { ...GERMAN_BUYER, addressLines: [] }, ['incomplete address']],
    ['a city', { ...GERMAN_BUYER, city: '' }, ['incomplete address']],
    ['a country', { ...GERMAN_BUYER, countryCode: '' }, ['no country: taxed as in the seller’s country']],
    ['an email address', { ...GERMAN_BUYER, billingEmails: [] }, ['no email address']],
    [
      'a confirmed VAT ID',
      { ...GERMAN_BUYER, vatState: 'unconfirmed' as const },
      ['VAT ID not confirmed yet: taxed as without one'],
    ],
    ['a valid VAT ID', { ...GERMAN_BUYER, vatState: 'invalid' as const }, ['VAT ID not valid: taxed as without one']],
    ['no VAT ID, which is optional', { ...GERMAN_BUYER, vatId: '', vatState: 'none' as const }, []],
  ])('of the buyer are named: %s', (_, buyer, lacks) => {
    expect(missingBuyerDetails(buyer, one)).toEqual(lacks);
    expect(missingBuyerDetails(buyer, new Decimal(0))).toEqual([]);
  });

  it('of the seller are named', () => {
    expect(missingSellerDetails(completeSeller(GERMAN_SELLER))).toEqual([]);
    expect(missingSellerDetails(completeSeller({ legalName: '' }))).toHaveLength(5);
    expect(missingSellerDetails(completeSeller({ ...GERMAN_SELLER, vatId: '' }))).toEqual([
      'no VAT ID: no tax is charged',
    ]);
    expect(missingSellerDetails(completeSeller(GERMAN_SELLER), { day: '2028-12-31' })).toEqual([
      'the tax rate of Germany was last reviewed on 28 November 2026: check it, and update it',
    ]);
    expect(missingSellerDetails(completeSeller(GERMAN_SELLER), { day: '2028-12-31', hasOwnRate: true })).toEqual([]);
  });

  it('don’t count an invoice in totals if it would be held back', () => {
    const figures = { currency: 'EUR', net: one, tax: one, total: new Decimal(2), heldBack: null };
    expect(dryRunTotals([figures, { ...figures, heldBack: 'no rate' }, { ...figures, currency: 'AED' }])).toMatchObject(
      [
        { currency: 'AED', invoices: 1 },
        { currency: 'EUR', invoices: 1 },
      ],
    );
  });
});
