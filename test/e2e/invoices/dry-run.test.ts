import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NO_BILLING_INFORMATION } from '../../../src/billing/group/billing-information.ts';
import { checkBlocks, checkView, type Message } from '../../../src/local/workspace/index.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Rates } from '../../../src/store/costs/rates.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import { costRow, GERMAN_BUYER, GERMAN_SELLER, importCosts, setParties } from '../../support/invoices/closed.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';
import { CONFIRMATION, driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-10-20T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, clickFor, modalSaying, submitFor, confirmFor } = driving(() => product);
let product: Product;
let accountId = '';
let dollars = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0ADMIN', 'U0VIEWER'], timeZone: 'Etc/UTC' });
  await importCosts(ctx, accountId, [costRow('60'), costRow('40', { project: 'data' })]);
  await setParties(accountId, { seller: { ...GERMAN_SELLER, iban: '' } });
  // pays for euros in dollars, without a rate yet
  dollars = (await createGroup(ctx, { accountId, name: 'Dollars & <Co>', currency: 'EUR' }))._id;
  const lacking = await createGroup(ctx, { accountId, name: 'Lacking' });
  await product.settle();
  await Invoices.updateOne({ billingGroupId: lacking._id }, { $set: { total: 5 } });
  await Groups.updateOne({ _id: lacking._id }, { $set: { billing: NO_BILLING_INFORMATION } });
  await Invoices.updateOne(
    { billingGroupId: dollars },
    { $set: { heldBack: 'No exchange rate to convert EUR into USD.', currency: 'USD' } },
  );
});
afterAll(() => product.stop());
beforeEach(async () => {
  for (const user of ['U0OWNER', 'U0ADMIN', 'U0VIEWER']) {
    await as(user)
      .close(true)
      .catch(() => []);
  }
});

const news = () =>
  as('U0OWNER')
    .messages(FINANCE)
    .filter((message) => message.text.startsWith('Dry run of the close'));
const first = (): Message => {
  const [message] = news();
  if (!message) throw new Error('no message');
  return message;
};

describe('/billing dry-run', () => {
  it('shows what would be issued and held back, with how to fix it, in few queries', async () => {
    const queries = new QueryCounter();
    const view = await open('U0VIEWER', '/billing dry-run', 'October 2026');
    expect(queries.take().length).toBeLessThanOrEqual(10);
    for (const words of [
      '2 invoices would be issued',
      '1 would be held back',
      '1 would be incomplete',
      'EUR 124.00',
      'no IBAN',
      'Dollars &amp; &lt;Co&gt;',
      'No exchange rate to convert EUR into USD.',
      'no company · incomplete address · no country',
    ]) {
      expect(said(view)).toContain(words);
    }
    for (const words of ['Enter a rate', 'Add details', '"Settings"']) expect(said(view)).not.toContain(words);
    const owner = said(await open('U0OWNER', '/billing dry-run', 'October 2026'));
    for (const words of ['Enter a rate', 'Add details', '"Settings"']) expect(owner).toContain(words);
    const held = said(view).indexOf('Dollars');
    expect(held).toBeLessThan(said(view).indexOf('Lacking'));
  });

  it('accepts no arguments, and is refused to outsiders', async () => {
    expect(said(await ask('U0OWNER', '/billing dry-run 2026-11'))).toContain('/billing preview GROUP');
    await as('U0STRANGER').command(FINANCE, '/billing dry-run');
    expect(said(await modalSaying('U0STRANGER', 'U0OWNER'))).not.toContain('EUR');
  });

  it('is paged', async () => {
    for (let at = 0; at < 22; at++) await createGroup(ctx, { accountId, name: `Group ${String(at).padStart(2, '0')}` });
    await open('U0VIEWER', '/billing dry-run', 'Page 1 of 2');
    await clickFor('U0VIEWER', 'dry_run.page.next', 'Page 2 of 2');
    await clickFor('U0VIEWER', 'dry_run.page.previous', 'Page 1 of 2');
    const spare = await Groups.distinct('_id', { accountId, name: /^Group \d/ });
    await Invoices.deleteMany({ billingGroupId: { $in: spare } });
    await Groups.deleteMany({ _id: { $in: spare } });
  });

  it('links to the estimates of complete invoices', async () => {
    const { _id } = await Groups.findOne({ accountId, name: /^Default/ })
      .orFail()
      .lean();
    const { _id: invoice } = await Invoices.findOne({ billingGroupId: _id }).orFail().lean();
    await open('U0VIEWER', '/billing dry-run', 'October 2026');
    await clickFor('U0VIEWER', 'invoice.view', 'Preview as PDF', JSON.stringify({ account: accountId, invoice }));
  });
});

describe('three days before the close', () => {
  it('the finance channel is notified once, with buttons for what is missing', async () => {
    await product.settle();
    expect(news()).toHaveLength(0);
    clock.set('2026-10-30T00:00:00Z');
    await product.settle();
    await product.settle();
    clock.set('2026-10-31T00:00:00Z');
    await product.settle();
    expect(news()).toHaveLength(1);
    expect(checkBlocks('message', first().blocks ?? [])).toEqual([]);
    expect(first().text).toBe(
      'Dry run of the close of October 2026: 2 invoices, EUR 124.00, 1 would be held back, 1 would be incomplete',
    );
    for (const words of ['October 2026 closes', 'Settings', 'Enter a rate', 'Add details', 'Show all']) {
      expect(said(first())).toContain(words);
    }
  });

  it('the buttons open the dry run, the settings, and the billing information', async () => {
    const owner = as('U0OWNER');
    await owner.click({ message: first(), actionId: 'dry_run.open' });
    await modalSaying('U0OWNER', 'would be issued');
    await owner.close(true);
    await owner.click({ message: first(), actionId: 'settings.open' });
    await modalSaying('U0OWNER', 'Seller');
    await owner.close(true);
    await as('U0ADMIN').click({ message: first(), actionId: 'billing.edit.open' });
    await modalSaying('U0ADMIN', 'Company');
    await as('U0ADMIN').suggest({ actionId: 'billing.country' }, 'germany');
    await submitFor('U0ADMIN', { company: 'Lacking Ltd', countryCode: 'DE' }, 'Saved.');
    expect((await Groups.findOne({ accountId, name: 'Lacking' }).orFail().lean()).billing.company).toBe('Lacking Ltd');
  });

  it('the button for rates opens a form, which refuses invalid rates and accepts valid ones', async () => {
    await as('U0ADMIN').click({ message: first(), actionId: 'rate.open' });
    const view = await modalSaying('U0ADMIN', 'Quote currency');
    expect(checkView('modal', { ...view })).toEqual([]);
    const { options } = await as('U0ADMIN').suggest({ actionId: 'rate.set.currency' }, 'us dollar');
    expect(options[0]?.value).toBe('USD');
    await submitFor('U0ADMIN', { currency: 'USD', rate: 'much' }, 'isn’t a valid rate');
    await as('U0ADMIN').suggest({ actionId: 'rate.set.currency' }, 'euro');
    await submitFor('U0ADMIN', { currency: 'EUR', rate: '1' }, 'Choose a currency other than EUR');
    await as('U0ADMIN').suggest({ actionId: 'rate.set.currency' }, 'us dollar');
    await submitFor('U0ADMIN', { currency: 'USD', rate: '1,085', date: '2026-10-30' }, 'Do you mean 1085 or 1.0850?');
    await submitFor('U0ADMIN', { rate: '1,0857' }, CONFIRMATION);
    expect(await Rates.countDocuments({ accountId })).toBe(0);
    const back = said(await clickFor('U0ADMIN', 'rate.set.back', 'Quote currency'));
    expect(back).toContain('"initial_value":"1,0857"');
    await confirmFor(
      'U0ADMIN',
      {},
      'for 30 October 2026 to *1 EUR = 1.0857 USD*',
      'Exchange rate set: 30 October 2026 · 1 EUR = 1.0857 USD',
    );
    expect(await Rates.countDocuments({ accountId, currency: 'USD', date: '2026-10-30' })).toBe(1);
  });

  it('people without permission are told who can change them', async () => {
    await as('U0VIEWER').click({ message: first(), actionId: 'rate.open' });
    await modalSaying('U0VIEWER', 'Quote currency');
    await as('U0VIEWER').suggest({ actionId: 'rate.set.currency' }, 'us dollar');
    await submitFor('U0VIEWER', { currency: 'USD', rate: '2' }, 'owner or billing admin');
    expect(await Rates.countDocuments({ accountId, source: 'manual' })).toBe(1);
  });

  it('the next announcement says so once everything is complete', async () => {
    await Accounts.updateOne({ _id: accountId }, { $set: { seller: GERMAN_SELLER } });
    await Groups.updateMany({ accountId }, { $set: { billing: GERMAN_BUYER } });
    clock.set('2026-11-02T00:00:00Z');
    await product.settle();
    clock.set('2026-11-29T00:00:00Z');
    await product.settle();
    expect(news()).toHaveLength(2);
    expect(news().at(-1)?.text).toMatch(/^Dry run of the close of November 2026: 3 invoices, EUR 0.00$/);
  });
});
