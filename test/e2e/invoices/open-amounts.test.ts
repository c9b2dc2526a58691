import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { recordPayment } from '../../../src/services/settlement/payments.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, importCosts } from '../../support/invoices/closed.ts';
import { type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open } = driving(() => product);
let product: Product;
let groupName = '';
let october = '';
let november = '';

beforeAll(async () => {
  product = await startProduct(clock);
  const accountId = await createAcme(ctx, { members: ['U0ADMIN'], timeZone: 'Etc/UTC' });
  const numberOf = async (month: string) => {
    const found = await Invoices.findOne({ accountId, period: toPeriod(month) })
      .orFail()
      .lean();
    return { id: found._id, number: found.number ?? '' };
  };
  await importCosts(ctx, accountId, [costRow('6101.42')]);
  const group = await Groups.findOne({ accountId }).orFail().lean();
  groupName = group.name;
  await closeInvoice(ctx, group, toPeriod('2026-10'));
  const first = await numberOf('2026-10');
  october = first.number;
  const input = { accountId, invoiceId: first.id, amount: '2035.50', date: '2026-11-02', reference: '' };
  await recordPayment(ctx, input);
  clock.set('2026-12-02T12:00:00Z');
  await importCosts(ctx, accountId, [costRow('10', { day: '2026-11-10' })], 'november.csv');
  await closeInvoice(ctx, await Groups.findOne({ accountId }).orFail().lean(), toPeriod('2026-11'));
  november = (await numberOf('2026-11')).number;
  clock.set('2026-12-29T12:00:00Z');
  await product.settle();
});
afterAll(() => product.stop());

const OPEN = 'EUR 4,065.92 of 6,101.42 open · *43 days overdue*';
const SUMMED = 'EUR 4,075.92 of 6,111.42 open · *43 days overdue*';

describe('what is open', () => {
  it('is in the list of groups, for all invoices of a group', async () => {
    expect(said(await ask('U0ADMIN', '/billing groups'))).toContain(SUMMED);
  });

  it('is on the App Home, for each group and for each overdue invoice', async () => {
    await as('U0ADMIN').openHome();
    const home = JSON.stringify(await as('U0ADMIN').waitFor(() => as('U0ADMIN').home()));
    expect(home).toContain(OPEN);
    expect(home).toContain(SUMMED);
    expect(home.indexOf(october)).toBeLessThan(home.indexOf(november));
  });

  it('is in a group’s view, the most urgent invoice first', async () => {
    const view = said(await open('U0ADMIN', `/billing group "${groupName}"`, '*Invoices*'));
    expect(view).toContain(SUMMED);
    const listed = view.slice(view.indexOf('*Invoices*'));
    expect(listed).toContain(OPEN);
    expect(listed.indexOf(october)).toBeLessThan(listed.indexOf(november));
  });
});
