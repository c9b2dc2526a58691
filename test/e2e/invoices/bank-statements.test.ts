import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Decimal } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { readCamt } from '../../../src/imports/bank/camt.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { readStatement } from '../../../src/services/settlement/bank-statements.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { toDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Payments } from '../../../src/store/settlement/payments.ts';
import { createAcme } from '../../support/acme.ts';
import { camt } from '../../support/bank.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { finished } from '../../support/finished.ts';
import { costRow, FOCUS_HEAD } from '../../support/invoices/invoices.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';
import { CONFIRMATION, driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-05T12:00:00Z');
const ctx = contextAt(clock);
let product: Product;
let accountId = '';
let number = '';
const { as, ask, modalSaying, submitFor } = driving(() => product);

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0ADMIN', 'U0VIEWER'] });
  const open = () => Readable.from([Buffer.from(`${FOCUS_HEAD}\n${costRow('100')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open });
  const group = await Groups.findOne({ accountId }).orFail().lean();
  await closeInvoice(ctx, group, toPeriod('2026-10'));
  number =
    (
      await Invoices.findOne({ accountId, period: toPeriod('2026-10') })
        .orFail()
        .lean()
    ).number ?? '';
});
afterAll(() => product.stop());

const answer = (user: string, words: string) =>
  as(user).waitFor(() =>
    as(user)
      .ephemerals(FINANCE)
      .findLast((message) => said(message).includes(words)),
  );

it('is offered, read and matched where it is dropped', async () => {
  const xml = camt([
    { amount: '100.00', purpose: `Invoice ${number}`, name: '&lt;!channel&gt; Ltd', day: '2026-11-04' },
    { amount: '9.99', purpose: 'unclear', day: '2026-11-04' },
  ]);
  await as('U0ADMIN').upload(FINANCE, 'november.xml', xml);
  const offer = await answer('U0ADMIN', 'Import the bank statement november.xml');
  await as('U0ADMIN').click({ message: offer, actionId: 'bank.read' });
  const read = await answer('U0ADMIN', 'Read november.xml: 2 new incoming payments.');
  await as('U0ADMIN').click({ message: read, actionId: 'bank.open' });
  const list = await answer('U0ADMIN', '2 incoming payments to match');
  expect(said(list)).toContain(`Suggested: *${number}* (EUR 100.00). Invoice number and amount match.`);
  expect(said(list)).toContain('&lt;!channel&gt; Ltd');
  expect(said(list)).toContain('No matching open invoice.');
  await as('U0ADMIN').click({ message: list, actionId: 'bank.record' });
  const done = await answer('U0ADMIN', `Recorded EUR 100.00 for invoice *${number}*. The invoice is *paid*.`);
  expect(said(done)).toContain('1 incoming payment to match');
  expect(await Payments.countDocuments({ accountId })).toBe(1);
  await as('U0ADMIN').click({ message: done, actionId: 'bank.ignore' });
  await answer('U0ADMIN', 'Ignored the payment of EUR 9.99 received on 4 November 2026.');
});

it('asks for the columns of a CSV file and says which line is wrong', async () => {
  const csv = 'Datum;Zweck;Betrag\n03.04.2026;Rest;5,00\nmorgen;Rest;7,00\n';
  await as('U0ADMIN').upload(FINANCE, 'bank.csv', csv.replace('Zweck', 'Verwendungszweck'));
  const offer = await answer('U0ADMIN', 'bank statement bank.csv');
  await as('U0ADMIN').click({ message: offer, actionId: 'bank.map.open' });
  await modalSaying('U0ADMIN', 'Choose which columns of *bank.csv* to read.');
  await submitFor('U0ADMIN', {}, 'Line 3: “morgen” isn’t a valid date.');
  await as('U0ADMIN').close();
  await as('U0ADMIN').upload(FINANCE, 'good.csv', 'Date,Reference,Amount\n2026-11-03,Rest,5.00\n');
  await as('U0ADMIN').click({ message: await answer('U0ADMIN', 'statement good.csv'), actionId: 'bank.map.open' });
  await modalSaying('U0ADMIN', 'Choose which columns of *good.csv*');
  await submitFor('U0ADMIN', {}, 'Read good.csv: 1 new incoming payment.');
  await as('U0ADMIN').close();
});

/** Unpaid invoices like the one that was issued. */
async function unpaid(numbers: readonly string[], amountDue: string): Promise<string[]> {
  const { life: _life, ...one } = await Invoices.findOne({ accountId, number }).orFail().lean();
  const copies = numbers.map((copy) => {
    const seq = Number(copy.replace(/\D/g, ''));
    const own = { _id: `inv_${'0'.repeat(26)}${copy}`, number: copy, seq, period: toPeriod(`${2030 + seq}-01`) };
    return { ...one, ...own, state: 'mailed' as const, amountDue: toDecimal128(new Decimal(amountDue)) };
  });
  await Invoices.insertMany(copies);
  return copies.map(({ _id }) => _id);
}

it('lets a person choose the invoice, shows what that does, and tells viewers who can do it', async () => {
  const [id = ''] = await unpaid(['ACME-50'], '3');
  const list = await ask('U0ADMIN', '/billing payments');
  await as('U0ADMIN').click({ message: list, actionId: 'bank.match.open' });
  await modalSaying('U0ADMIN', 'Unpaid invoices in EUR');
  await as('U0ADMIN').suggest({ actionId: 'bank.match.invoice' }, 'ACME-50');
  const confirmation = await submitFor('U0ADMIN', { invoice: id }, CONFIRMATION);
  expect(said(confirmation)).toContain('The overpaid EUR 2.00 must be refunded by bank transfer.');
  expect(await Payments.countDocuments({ accountId })).toBe(1);
  await submitFor('U0ADMIN', {}, 'The invoice is *paid*.');
  await as('U0ADMIN').close();
  expect(said(await ask('U0VIEWER', '/billing payments'))).toContain('owner or billing admin');
});

it('is listed and recorded though a line names more invoices than a button can carry', async () => {
  const numbers = Array.from({ length: 60 }, (_, at) => `ACME-${at + 100}`);
  await unpaid(numbers, '1');
  const xml = camt([{ amount: '59.00', purpose: numbers.join(''), day: '2026-11-04' }]);
  const statement = finished(readCamt(Buffer.from(xml)));
  await readStatement(ctx, { accountId, fileName: 'many.xml', statement });
  const list = await ask('U0ADMIN', '/billing payments');
  expect(said(list)).toContain('and 49 other invoices. Invoice number matches, amount differs.');
  await as('U0ADMIN').click({ message: list, actionId: 'bank.record' });
  await answer('U0ADMIN', 'and 49 other invoices.');
});

it('isn’t offered to people who can’t read it', async () => {
  await as('U0VIEWER').upload(FINANCE, 'theirs.xml', camt([{ amount: '1.00', purpose: 'x', day: '2026-11-04' }]));
  expect(said(await answer('U0VIEWER', 'owner or billing admin'))).not.toContain('theirs.xml');
});
