import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Rates } from '../../../src/store/costs/rates.ts';
import { Groups, Projects } from '../../../src/store/groups/groups.ts';
import { Adjustments } from '../../../src/store/invoicing/adjustments.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-05T12:00:00Z');
const ctx = contextAt(clock);
const HEAD =
  'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId,ChargeDescription';
const { as, ask, open, modalSaying, clickFor, submitFor, confirmFor } = driving(() => product);
let product: Product;
let accountId = '';
let groupId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0ADMIN', 'U0VIEWER'], timeZone: 'Etc/UTC' });
  const rows = Array.from(
    { length: 65 },
    (_, at) => `b1,EUR,1.00${at % 10},Usage,2026-10-10,2026-10-11,Compute,p1,hour *${at}*`,
  );
  rows.push('b1,USD,10,Usage,2026-10-10,2026-10-11,Storage,p1,"disk <!channel>"');
  const file = () => Readable.from([Buffer.from(`${[HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open: file });
  groupId = (await Groups.findOne({ accountId }).orFail().lean())._id;
});
afterAll(() => product.stop());

describe('exchange rates', () => {
  it('are none at first, and the invoice is held back without one', async () => {
    expect(said(await ask('U0ADMIN', '/billing rate'))).toContain('No exchange rates yet');
    const { name } = await Groups.findById(groupId).orFail().lean();
    expect(said(await ask('U0ADMIN', `/billing issue "${name}" 2026-10`))).toContain(
      'No exchange rate to convert USD into EUR',
    );
  });

  it('can be entered manually and listed', async () => {
    expect(said(await ask('U0ADMIN', '/billing rate set usd 1,25 2026-11-04'))).toContain('1 EUR = 1.25 USD');
    await ask('U0ADMIN', '/billing rate set USD/INR 83.1');
    const list = said(await ask('U0VIEWER', '/billing rate list'));
    expect(list).toContain('5 November 2026 · 1 USD = 83.1 INR · manual');
    expect(list).toContain('4 November 2026 · 1 EUR = 1.25 USD · manual');
    await Rates.insertMany(
      Array.from({ length: 70 }, (_, at) => ({
        ...{ accountId, base: 'EUR', currency: 'SEK', rate: '11.4', source: 'ECB' },
        date: `2025-01-${String((at % 31) + 1).padStart(2, '0')}${at > 30 ? `-${at}` : ''}`,
      })),
    );
    expect(said(await ask('U0ADMIN', '/billing rate'))).toContain('Page 1 of 3');
  });

  it.each([
    ['/billing rate set', 'Enter a currency and a rate.'],
    ['/billing rate set XXY 1', 'isn’t a currency'],
    ['/billing rate set USD much', 'isn’t a valid rate'],
    ['/billing rate set USD 1 tomorrow', 'isn’t a valid date'],
    ['/billing rate set USD 1 2027-01-01', 'can’t be in the future'],
    ['/billing rate drop USD', 'Enter a currency and a rate.'],
  ])('are refused: %s', async (line, why) => {
    expect(said(await ask('U0ADMIN', line))).toContain(why);
  });

  it('can’t be set by viewers', async () => {
    expect(said(await ask('U0VIEWER', '/billing rate set USD 1'))).toContain('owner or billing admin');
  });
});

describe('European Central Bank rates', () => {
  it.each([
    ['rates.csv', 'Date, USD, JPY, \n30 October 2026, 1.0857, 165.46, \n'],
    [
      'rates.xml',
      '<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope><Cube><Cube time="2026-10-29"><Cube currency="USD" rate="1.08"/></Cube></Cube></gesmes:Envelope>',
    ],
  ])('are imported from %s in the channel, by those with permission', async (name, text) => {
    const admin = as('U0ADMIN');
    const offered = (message: { text: string }) => message.text.startsWith(`Import the exchange rates of ${name}`);
    await admin.upload(FINANCE, name, Buffer.from(text));
    const offer = await admin.waitFor(() => admin.ephemerals(FINANCE).find(offered));
    await admin.click({ message: offer, actionId: 'import.rates' });
    await admin.waitFor(() =>
      admin.ephemerals(FINANCE).some((message) => /^Read \d exchange rates? for \d+ October 2026/.test(message.text)),
    );
    expect(await Rates.countDocuments({ accountId, source: 'ECB', date: /^2026-10-/ })).toBeGreaterThan(0);
    const viewer = as('U0VIEWER');
    const before = viewer.ephemerals(FINANCE).length;
    await viewer.upload(FINANCE, name, Buffer.from(text));
    await viewer.waitFor(() =>
      viewer
        .ephemerals(FINANCE)
        .slice(before)
        .some((message) => said(message).includes('owner or billing admin')),
    );
    expect(viewer.ephemerals(FINANCE).some(offered)).toBe(false);
  });
});

describe('own tax rates', () => {
  it('are shown, and set by an owner for all services or for one', async () => {
    expect(said(await ask('U0VIEWER', '/billing tax'))).toContain('no country yet');
    expect(said(await ask('U0OWNER', '/billing tax set 7'))).toContain('seller’s country, which isn’t set');
    await Accounts.updateOne({ _id: accountId }, { $set: { 'seller.countryCode': 'DE' } });
    expect(said(await ask('U0VIEWER', '/billing tax'))).toContain('19% (standard rate)');
    const set = said(await ask('U0OWNER', '/billing tax set 7% 2027-01-01 "*Books*"'));
    expect(set).toContain('7% on ＊Books＊ from 1 January 2027');
    expect(said(await ask('U0OWNER', '/billing tax set exempt Training "Article 132"'))).toContain(
      'exempt on Training from 5 November 2026 (Article 132)',
    );
    const austrian = said(await ask('U0OWNER', '/billing tax set 10 % in at 2027-01-01'));
    expect(austrian).toContain('*Tax in Austria*, for consumers there: 10% on all services from 1 January 2027');
    expect(austrian).toContain('*Tax in Germany:* 19% (standard rate)');
    expect(said(await ask('U0OWNER', '/billing tax set much'))).toContain('isn’t a valid rate');
    expect(said(await ask('U0OWNER', '/billing tax drop'))).toContain('Enter a tax rate.');
    expect(said(await ask('U0ADMIN', '/billing tax set 7'))).toContain('the owner role');
    await Accounts.updateOne({ _id: accountId }, { $set: { 'seller.countryCode': '', taxRates: [] } });
  });
});

describe('discounts, charges and commitments', () => {
  const choose = async (user: string) => {
    const { name } = await Groups.findById(groupId).orFail().lean();
    await as(user).suggest({ actionId: 'adjustment.create.group' }, name.slice(0, 7));
    return { 'adjustment.create.group': groupId };
  };

  it('are added with their forms, listed and ended', async () => {
    await open('U0ADMIN', '/billing discount', 'There is no discount');
    await clickFor('U0ADMIN', 'adjustment.add', 'Description');
    const refused = await submitFor(
      'U0ADMIN',
      { ...(await choose('U0ADMIN')), description: '*Partner*', value: '110 %', service: 'Compute' },
      'above 0 and up to 100',
    );
    expect(said(refused)).toContain('*Partner*');
    await confirmFor('U0ADMIN', { value: '10 %' }, 'add a discount to', '10% on Compute');
    expect(await Adjustments.findOne({ accountId, kind: 'discount' }).lean()).toMatchObject({
      billingGroupId: groupId,
      from: '2026-10',
      until: null,
    });
    await as('U0ADMIN').close();
    const list = said(await modalSaying('U0ADMIN', '1 discount'));
    expect(list).toContain('＊Partner＊, 10% on Compute');

    await open('U0ADMIN', '/billing charge', 'There is no extra charge');
    await clickFor('U0ADMIN', 'adjustment.add', 'Frequency');
    const project = await Projects.findOne({ accountId }).orFail().lean();
    const group = await choose('U0ADMIN');
    await as('U0ADMIN').suggest({ actionId: 'adjustment.create.project' }, project.name);
    await confirmFor(
      'U0ADMIN',
      { ...group, description: 'Setup', value: '5,50', 'adjustment.create.project': project._id },
      'Setup, EUR 5.50',
      'EUR 5.50',
    );
    await open('U0ADMIN', '/billing commitment', 'There is no commitment');
    await clickFor('U0ADMIN', 'adjustment.add', 'Minimum a month');
    await submitFor(
      'U0ADMIN',
      { ...(await choose('U0ADMIN')), description: 'Plan', value: '100', from: 'soon' },
      "isn't a valid month",
    );
    await confirmFor(
      'U0ADMIN',
      { from: '2026-10', until: '2026-12' },
      'Plan, EUR 100.00 a month',
      'until December 2026',
    );
    await open('U0ADMIN', '/billing commitment', '1 commitment');
    await clickFor('U0ADMIN', 'adjustment.add', 'Minimum a month');
    await confirmFor(
      'U0ADMIN',
      { ...(await choose('U0ADMIN')), description: 'Mistake', value: '9000' },
      'EUR 9,000.00 a month',
      'Mistake',
    );
    const mistake = await Adjustments.findOne({ accountId, description: 'Mistake' }).orFail().lean();
    await open('U0ADMIN', '/billing commitment', '2 commitments');
    const value = JSON.stringify({ account: accountId, group: '', kind: 'commitment', page: 1, id: mistake._id });
    await clickFor('U0ADMIN', 'adjustment.end', '_ended_', value);
    expect(await Adjustments.findById(mistake._id).lean()).toMatchObject({ until: '2026-09' });
  });

  it('are listed for one group by its name, without buttons for viewers', async () => {
    const { name } = await Groups.findById(groupId).orFail().lean();
    const view = said(await open('U0VIEWER', `/billing discount "${name}"`, '1 discount'));
    expect(view).not.toContain('adjustment.add');
    expect(view).not.toContain('adjustment.end');
  });
});

describe('the number format', () => {
  it('is shown to everyone, set by an owner, and refused with the reason', async () => {
    expect(said(await ask('U0VIEWER', '/billing numbers'))).toContain('without restarting');
    expect(said(await ask('U0ADMIN', '/billing numbers {prefix}/{seq}'))).toContain('owner');
    expect(said(await ask('U0OWNER', '/billing numbers {prefix}-{month}-{seq}'))).toContain('Between braces');
    expect(said(await ask('U0OWNER', '/billing numbers {prefix}-{year}-{seq:5} yearly'))).toContain('-2026-00001');
  });
});

const issued = () =>
  Invoices.findOne({ billingGroupId: groupId, period: toPeriod('2026-10') })
    .orFail()
    .lean();

describe('the explanation of an invoice’s figures', () => {
  it('goes step by step, and line by line down to the costs', async () => {
    const { name } = await Groups.findById(groupId).orFail().lean();
    await ask('U0ADMIN', `/billing issue "${name}" 2026-10`);
    const { number } = await issued();
    expect(number).toMatch(/-2026-00001$/);
    const steps = said(await open('U0VIEWER', `/billing invoice ${number} why`, 'Amount due'));
    for (const words of [
      '65 cost records',
      '1 USD = 0.8 EUR (manual, 2026-11-04)',
      'Setup',
      '10% off',
      'up to the minimum',
      'together',
      'Category O',
    ]) {
      expect(steps).toContain(words);
    }
    expect(steps).not.toContain('*Partner*');
    const lines = said(await clickFor('U0VIEWER', 'invoice.why.lines', 'Explain'));
    expect(lines).toContain('Whole group');
    const invoiceId = (
      await Invoices.findOne({ billingGroupId: groupId, period: toPeriod('2026-10') })
        .orFail()
        .lean()
    )._id;
    const line = (place: number) =>
      JSON.stringify({ account: accountId, invoice: invoiceId, part: 'line', place, page: 1 });
    const compute = said(await clickFor('U0VIEWER', 'invoice.why.line', '65 cost records', line(1)));
    expect(compute).toContain('Page 1 of 3');
    await clickFor('U0VIEWER', 'invoice.why.page.next', 'Page 2 of 3');
    await clickFor('U0VIEWER', 'invoice.why.lines', 'Explain');
    const storage = said(await clickFor('U0VIEWER', 'invoice.why.line', 'USD 10', line(2)));
    expect(storage).not.toContain('<!channel>');
    await clickFor('U0VIEWER', 'invoice.why.steps', 'Amount due');
  });

  it('opens from the invoice too, and is refused for an unknown number', async () => {
    const { number } = await issued();
    await open('U0VIEWER', `/billing invoice ${number}`, 'Download CSV');
    await clickFor('U0VIEWER', 'invoice.why', 'Amount due');
    expect(said(await open('U0VIEWER', '/billing invoice NONE-1 why', 'no invoice'))).toContain('NONE-1');
  });
});
