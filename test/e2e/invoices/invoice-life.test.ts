import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { updateSettings } from '../../../src/services/accounts/settings.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { type InvoiceDoc, Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Payments, Refunds } from '../../../src/store/settlement/payments.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import { costRow, FOCUS_HEAD, payByCard } from '../../support/invoices/invoices.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';
import { cardsOf, type StripeStandIn, startStripe } from '../../support/stripe.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-08-05T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, modalSaying, clickFor, submitFor, confirmFor, errorsOf } = driving(() => product);
let product: Product;
let stripe: StripeStandIn;
let accountId = '';
const groups: string[] = [];

beforeAll(async () => {
  stripe = await startStripe();
  const cards = cardsOf(stripe);
  product = await startProduct(clock, { cards });
  accountId = await createAcme(ctx, { members: ['U0ADMIN', 'U0VIEWER'], timeZone: 'Etc/UTC' });
});
afterAll(async () => {
  await product.stop();
  await stripe.close();
});

/**
 * An invoice for a month, over EUR 100.00 by default, issued on the fifth of the next and posted in the finance
 * channel.
 */
async function anInvoice(month: string, card?: string, costs = ['60', '40']): Promise<InvoiceDoc & { number: string }> {
  const [year = 0, number = 0] = month.split('-').map(Number);
  clock.set(new Date(Date.UTC(year, number, 5, 12)).toISOString());
  const rows = costs.map((cost, at) => costRow(cost, { service: ['Compute', '*Disk*'][at], day: `${month}-10` }));
  const file = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open: file });
  const group = await Groups.findOne({ accountId }).orFail().lean();
  groups.push(group._id);
  if (card !== undefined) await payByCard(ctx, group, card);
  await closeInvoice(ctx, group, toPeriod(month));
  await product.settle();
  const invoice = await Invoices.findOne({ billingGroupId: group._id, period: toPeriod(month) })
    .orFail()
    .lean();
  return { ...invoice, number: invoice.number ?? '' };
}

const thread = (words: string) =>
  as('U0ADMIN').waitFor(() =>
    as('U0ADMIN')
      .messages(FINANCE)
      .filter((message) => said(message).includes(words))
      .at(-1),
  );

describe('a payment', () => {
  it('is recorded in the invoice’s view, which then shows it, without buttons for viewers', async () => {
    const { number } = await anInvoice('2026-08');
    const queries = new QueryCounter();
    await open('U0ADMIN', `/billing invoice ${number}`, 'Record payment');
    expect(queries.take().length).toBeLessThanOrEqual(10);
    await clickFor('U0ADMIN', 'invoice.pay.open', 'is left to pay');
    expect(await submitFor('U0ADMIN', { amount: '100.01' }, 'Only EUR 100.00 is left to pay')).toBeDefined();
    await confirmFor('U0ADMIN', { amount: '60', reference: '<!channel>' }, '*EUR 60.00*', 'EUR 40.00* is left to pay');
    await as('U0ADMIN').close();
    const view = said(await modalSaying('U0ADMIN', '*Payments*'));
    expect(view).toContain('EUR 60.00 received 5 September 2026 · &lt;!channel&gt;');
    expect(view).toContain('Still open');
    const seen = said(await open('U0VIEWER', `/billing invoice ${number}`, '*Payments*'));
    expect(seen).not.toContain('invoice.pay.open');
    expect(seen).not.toContain('invoice.more');
    await product.settle();
    const told = await thread('EUR 40.00 left to pay');
    expect(told.thread_ts).toBeDefined();
  });

  it('is recorded by command, but not by viewers', async () => {
    const { number } = await Invoices.findOne({ accountId, period: toPeriod('2026-08') })
      .orFail()
      .lean();
    await open('U0VIEWER', `/billing invoice ${number} paid`, 'owner or billing admin');
    await open('U0ADMIN', `/billing invoice ${number} paid`, 'EUR 40.00');
    await confirmFor('U0ADMIN', {}, '*EUR 40.00*', 'The invoice is *paid*');
    await open('U0ADMIN', `/billing invoice ${number} paid`, 'is paid. There is nothing left to pay.');
  });
});

describe('a payment recorded by mistake', () => {
  it('can be reversed where it was recorded, and in the invoice’s view', async () => {
    const { number } = await Invoices.findOne({ accountId, period: toPeriod('2026-08') })
      .orFail()
      .lean();
    await open('U0ADMIN', `/billing invoice ${number}`, 'Undo payment');
    await clickFor('U0ADMIN', 'invoice.payment.undo', 'Record payment');
    await clickFor('U0ADMIN', 'invoice.pay.open', 'EUR 40.00* is left to pay');
    await confirmFor('U0ADMIN', { amount: '39' }, '*EUR 39.00*', 'EUR 1.00* is left to pay');
    const undone = 'Reversed EUR 39.00 for invoice *ACME-1*. *EUR 40.00* is left to pay.';
    await clickFor('U0ADMIN', 'invoice.payment.undo', undone);
    const view = said(await open('U0VIEWER', `/billing invoice ${number}`, '*Payments*'));
    expect(view).toContain('EUR 60.00 received');
    expect(view).not.toContain('EUR 39.00');
    expect(view).not.toContain('Undo payment');
    expect(await Payments.countDocuments({ accountId, reversedAt: { $ne: null } })).toBe(2);
  });
});

describe('an unpaid invoice', () => {
  it('can be waived or written off with a reason, from the menu', async () => {
    const { number } = await anInvoice('2026-09');
    const view = await open('U0ADMIN', `/billing invoice ${number}`, 'Record payment');
    const value = /write_off acc_\S+ inv_[^"]+/.exec(said(view))?.[0] ?? '';
    await clickFor('U0ADMIN', 'invoice.more', 'The amount counts as lost', value);
    await submitFor('U0ADMIN', { reason: ' ' }, 'Enter a reason');
    await submitFor('U0ADMIN', { reason: 'Insolvent' }, 'is written off');
    await as('U0ADMIN').close();
    await modalSaying('U0ADMIN', 'uncollectible');
    await open('U0ADMIN', `/billing invoice ${number} waive`, 'can’t be undone');
    await submitFor('U0ADMIN', { reason: 'Nicer' }, 'is uncollectible, so it can’t be waived');
  });

  it('gets a reminder in its thread, with the next step', async () => {
    const { number } = await anInvoice('2026-10');
    clock.set('2026-11-27T10:00:00Z');
    await product.settle();
    await product.settle();
    const told = await thread(`Invoice ${number}, EUR 100.00 open, is 8 days overdue`);
    expect(told.thread_ts).toBeDefined();
    await as('U0ADMIN').click({ message: told, actionId: 'invoice.pay.open' });
    await modalSaying('U0ADMIN', 'EUR 100.00* is left to pay');
    await open('U0VIEWER', `/billing invoice ${number}`, '· *8 days overdue*');
  });
});

describe('a credit memo', () => {
  it('is created from amounts by line, with errors in the form, and is shown with the invoice', async () => {
    const { number } = await Invoices.findOne({ accountId, period: toPeriod('2026-10') })
      .orFail()
      .lean();
    await open('U0ADMIN', `/billing invoice ${number} memo`, 'It corrects invoice');
    expect(await errorsOf('U0ADMIN', { reason: 'Too much', scope: 'parts' })).toMatchObject({ scope: /at least one/ });
    await submitFor('U0ADMIN', { 'line:2': '60.01' }, 'is left to credit');
    const done = await confirmFor('U0ADMIN', { 'line:2': '10' }, '*EUR 10.00* including tax', 'Issued credit memo');
    expect(said(done)).toContain('EUR 10.00 deducted from the amount due');
    await product.settle();
    const view = said(await open('U0VIEWER', `/billing invoice ${number}`, 'ACME-CN-1'));
    expect(view).toContain('*Credit memo ACME-CN-1:* EUR 10.00 · Too much');
    await open('U0ADMIN', `/billing invoice ${number} memo`, 'It corrects invoice');
    expect(await errorsOf('U0ADMIN', { reason: 'The rest', 'line:2': '1' })).toMatchObject({
      scope: /You entered amounts/,
    });
    await confirmFor(
      'U0ADMIN',
      { 'line:2': '' },
      '*EUR 90.00* including tax',
      'EUR 90.00 deducted from the amount due',
    );
    await open('U0ADMIN', `/billing invoice ${number}`, '*State*\\npaid');
    await product.settle();
    expect((await thread('ACME-CN-2')).thread_ts).toBeDefined();
    await open('U0VIEWER', `/billing invoice ${number} memo`, 'owner or billing admin');
  });
});

describe('a card payment', () => {
  it('that is declined is reported with the next steps, charged again, and refunded', async () => {
    const { number, _id } = await anInvoice('2026-11', 'pm_declined');
    await product.settle();
    const told = await thread(`The charge of EUR 100.00 for invoice ${number} failed: Your card was declined.`);
    const before = as('U0ADMIN').ephemerals(FINANCE).length;
    await payByCard(ctx, { accountId, _id: groups[0] ?? '' }, 'pm_visa_of_tests');
    await as('U0ADMIN').click({ message: told, actionId: 'invoice.charge' });
    const answer = await as('U0ADMIN').waitFor(() => as('U0ADMIN').ephemerals(FINANCE)[before]);
    expect(said(answer)).toContain('is being charged');
    await product.settle();
    await thread(`Automation recorded EUR 100.00 for invoice ${number}, by card: it is paid`);
    await open('U0ADMIN', `/billing invoice ${number} memo`, 'It corrects invoice');
    await confirmFor('U0ADMIN', { reason: 'All wrong' }, '*EUR 100.00* including tax', 'EUR 100.00 will be refunded');
    await product.settle();
    await open('U0ADMIN', `/billing invoice ${number}`, 'was refunded');
    expect([...stripe.refunds.values()].map(({ amount }) => amount)).toEqual([10_000]);
    expect(await Invoices.findById(_id).lean()).toMatchObject({ state: 'paid' });
  });

  it('that failed can be replaced by a transfer, and a person records a refund by transfer', async () => {
    const { number } = await anInvoice('2026-12', 'pm_declined');
    await product.settle();
    await open('U0ADMIN', `/billing invoice ${number}`, 'The charge failed');
    await clickFor('U0ADMIN', 'invoice.transfer', '*State*\\nmailed');
    await clickFor('U0ADMIN', 'invoice.pay.open', 'is left to pay');
    await confirmFor('U0ADMIN', {}, '*EUR 100.00*', 'The invoice is *paid*');
    await open('U0ADMIN', `/billing invoice ${number} memo`, 'It corrects invoice');
    await confirmFor('U0ADMIN', { reason: 'Wrong' }, 'EUR 100.00 will be refunded', 'Issued credit memo');
    await open('U0ADMIN', `/billing invoice ${number}`, 'must be refunded by bank transfer');
    await clickFor('U0ADMIN', 'invoice.refund.made', 'was refunded');
    expect(said(await ask('U0ADMIN', '/billing help'))).toContain('billing');
  });
});

describe('a negative invoice', () => {
  it('has its balance paid out once, by those with permission', async () => {
    const { number } = await anInvoice('2027-01', undefined, ['-60']);
    const seen = said(await open('U0VIEWER', `/billing invoice ${number}`, 'in your favor'));
    expect(seen).not.toContain('Pay out balance');
    await open('U0ADMIN', `/billing invoice ${number}`, 'Pay out balance');
    const view = said(await clickFor('U0ADMIN', 'invoice.balance.pay_out', 'EUR 0.00 left'));
    expect(view).toContain('*EUR 60.00* must be refunded by bank transfer.');
    expect(view).not.toContain('Pay out balance');
    expect(await Refunds.find({ accountId, state: 'open' }).lean()).toHaveLength(1);
  });
});

describe('an amount that can’t be charged by card', () => {
  it('is explained beside the figures: carried over, or requested by bank transfer', async () => {
    const { number } = await anInvoice('2027-02', 'cus_1/pm_visa_of_tests', ['0.20']);
    const below = 'EUR 0.20 is below the minimum card charge of EUR 0.50.';
    await open(
      'U0VIEWER',
      `/billing invoice ${number} why`,
      `${below} It will be charged together with the next invoice.`,
    );
    await updateSettings(ctx, accountId, { settings: { smallCardAmounts: 'bank_transfer' } });
    await product.settle();
    await open('U0VIEWER', `/billing invoice ${number} why`, `${below} Payment is requested by bank transfer.`);
  });
});
