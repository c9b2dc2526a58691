import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, GERMAN_SELLER, importCosts, setParties } from '../../support/invoices/closed.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
const { as } = driving(() => product);
let product: Product;
let accountId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: [], timeZone: 'Etc/UTC' });
  await importCosts(ctx, accountId, [costRow('60')]);
  const { contactName: _name, ...seller } = GERMAN_SELLER;
  await setParties(accountId, { seller });
});
afterAll(() => product.stop());

it('the message about an issued invoice says why it has no electronic form', async () => {
  const group = await Groups.findOne({ accountId }).orFail().lean();
  await closeInvoice(ctx, group, toPeriod('2026-10'));
  await product.settle();
  const issued = as('U0OWNER')
    .messages(FINANCE)
    .filter(({ text }) => text.startsWith('Invoice '));
  expect(issued.map((message) => said(message))).toEqual([
    expect.stringContaining('The electronic invoice couldn’t be generated. The seller has no contact (DE-R-005).'),
  ]);
});
