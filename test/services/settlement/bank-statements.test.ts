import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../../../src/billing/money/money.ts';
import { readCamt } from '../../../src/imports/bank/camt.ts';
import { getInvoice } from '../../../src/services/invoicing/invoice-reading.ts';
import {
  ignoreBankLine,
  listOpenBankLines,
  type OpenBankLine,
  proposalKey,
  recordBankLine,
  recordProposedLine,
  recordSureBankLines,
  searchPayable,
} from '../../../src/services/settlement/bank-matching.ts';
import { readStatement } from '../../../src/services/settlement/bank-statements.ts';
import { reversePayment } from '../../../src/services/settlement/payment-reversal.ts';
import { recordPayment } from '../../../src/services/settlement/payments.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { BankLines } from '../../../src/store/settlement/bank-lines.ts';
import { Payments, Refunds } from '../../../src/store/settlement/payments.ts';
import { type Booked, camt } from '../../support/bank.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { finished } from '../../support/finished.ts';
import { costRow, issuedFor } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-20T12:00:00Z');
const ctx = contextAt(clock);

/** An issued invoice over EUR 119.00, and functions that act on its account. */
async function billed(costs = '100') {
  const { account, invoice } = await issuedFor(ctx, [costRow(costs)]);
  const accountId = account._id;
  const number = invoice.number ?? '';
  return {
    accountId,
    number,
    invoiceId: invoice._id,
    read: (entries: readonly Booked[]) =>
      readStatement(ctx, {
        accountId,
        fileName: 'bank.xml',
        statement: finished(readCamt(Buffer.from(camt(entries)))),
      }),
    lines: async () => (await listOpenBankLines(ctx, accountId, { page: 1, size: 20 })).items,
    state: async () => (await getInvoice(ctx, accountId, { id: invoice._id })).state,
    payments: () => Payments.find({ accountId, reversedAt: null }).lean(),
  };
}

describe('a bank statement', () => {
  it('is stored once, also if it is read again, overlaps or comes twice at once', async () => {
    const { accountId, read, lines } = await billed();
    const twice = { amount: '5.00', purpose: 'same' };
    expect(await read([twice, twice])).toEqual({ found: 2, isNew: 2, leftOut: 0 });
    expect(await read([twice, twice])).toEqual({ found: 2, isNew: 0, leftOut: 0 });
    const more = [twice, twice, { amount: '6.00', purpose: 'next' }];
    const both = await Promise.all([read(more), read(more)]);
    expect(both.map(({ isNew }) => isNew).sort()).toEqual([0, 1]);
    expect(await lines()).toHaveLength(3);
    expect(await Events.countDocuments({ accountId, type: 'bank_statement_read' })).toBe(2);
  });

  it('records a payment once, however often and at the same time it is confirmed', async () => {
    const { accountId, read, lines, number, invoiceId, state, payments } = await billed();
    await read([{ amount: '119.00', purpose: `Invoice ${number}`, name: 'Blue Ltd' }]);
    const [line] = await lines();
    expect(line?.proposal?.basis).toBe('number_and_amount');
    const confirm = () => recordBankLine(ctx, { accountId, lineId: line?.id ?? '', invoiceIds: [invoiceId] });
    const outcomes = await Promise.allSettled([confirm(), confirm(), confirm()]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(confirm()).rejects.toMatchObject({ code: 'bank_line_settled' });
    expect(await payments()).toMatchObject([{ date: '2026-11-20', reference: `Blue Ltd · Invoice ${number}` }]);
    expect([await state(), await lines()]).toEqual(['paid', []]);
  });

  it('can be matched by hand; too much is to be refunded, and a reversed payment is listed again', async () => {
    const { accountId, read, lines, invoiceId, state, payments } = await billed();
    await read([{ amount: '20.00', purpose: 'unclear' }]);
    const [line] = await lines();
    expect(line?.proposal).toBeUndefined();
    const match = { accountId, lineId: line?.id ?? '', invoiceIds: [invoiceId] };
    const { parts } = await recordBankLine(ctx, match);
    expect(parts.map(({ open }) => open.toFixed(2))).toEqual(['99.00']);
    const [payment] = await payments();
    await reversePayment(ctx, accountId, payment?._id ?? '');
    expect(await lines()).toHaveLength(1);
    await recordBankLine(ctx, match);
    await read([{ amount: '100.00', purpose: 'rest and more' }]);
    const [rest] = await lines();
    const outcome = await recordBankLine(ctx, { ...match, lineId: rest?.id ?? '' });
    expect([outcome.tooMuch.toFixed(2), await state()]).toEqual(['1.00', 'paid']);
    expect(await Refunds.find({ accountId }).lean()).toMatchObject([{ way: 'transfer', state: 'open' }]);
  });

  it('records all exact matches, and leaves what isn’t sure', async () => {
    const { accountId, read, lines, number, payments } = await billed();
    const sure = { amount: '119.00', purpose: number };
    await read([sure, sure, { amount: '119.00', purpose: 'no number' }, { amount: '1.00', purpose: number }]);
    expect(await recordSureBankLines(ctx, accountId)).toEqual({ recorded: 1, refused: 0 });
    expect([(await payments()).length, (await lines()).length]).toEqual([1, 3]);
  });

  it('records two equal payments of a day for one invoice, and takes each back', async () => {
    const { accountId, read, lines, number, payments, state } = await billed();
    const half = { amount: '59.50', purpose: number, name: 'Blue Ltd' };
    await read([half, half]);
    const shown = async (line?: OpenBankLine) => {
      const { id: lineId = '', proposal } = line ?? {};
      return recordProposedLine(ctx, { accountId, lineId, shown: proposal ? proposalKey(proposal) : '' });
    };
    await shown((await lines())[0]);
    await shown((await lines())[0]);
    expect([(await payments()).length, await state(), await lines()]).toEqual([2, 'paid', []]);
    for (const { _id } of await payments()) await reversePayment(ctx, accountId, _id);
    expect([(await lines()).length, (await payments()).length]).toEqual([2, 0]);
    await shown((await lines())[0]);
    expect([(await lines()).length, (await payments()).length]).toEqual([1, 1]);
  });

  it('is recorded only as it was shown, though somebody records another payment meanwhile', async () => {
    const { accountId, read, lines, number, invoiceId, payments } = await billed();
    await read([{ amount: '119.00', purpose: number }]);
    const [line] = await lines();
    const shown = line?.proposal ? proposalKey(line.proposal) : '';
    const match = { accountId, lineId: line?.id ?? '', shown };
    await recordPayment(ctx, { accountId, invoiceId, amount: '60', date: '2026-11-19', reference: '' });
    await expect(recordProposedLine(ctx, match)).rejects.toMatchObject({ code: 'changed_meanwhile' });
    const exact = { accountId, lineId: match.lineId, invoiceIds: [invoiceId], isExact: true };
    await expect(recordBankLine(ctx, exact)).rejects.toMatchObject({ code: 'changed_meanwhile' });
    expect([(await payments()).length, (await lines()).length]).toEqual([1, 1]);
    expect(await Refunds.countDocuments({ accountId })).toBe(0);
  });

  it('says that a payment may have come in another file before, and doesn’t record it together with others', async () => {
    const { accountId, read, lines, number, payments } = await billed();
    await read([{ amount: '59.50', purpose: number, name: 'Blue Ltd', reference: 'R1' }]);
    const [first] = await lines();
    await recordBankLine(ctx, {
      accountId,
      lineId: first?.id ?? '',
      invoiceIds: [first?.proposal?.parts[0]?.invoice.id ?? ''],
    });
    const day = { date: '2026-11-20', currency: 'EUR', bankReference: '', purpose: number };
    const csv = (amount: string, name: string) => ({ ...day, name, amount: new Decimal(amount) });
    const statement = {
      bankAccount: '',
      lines: [csv('59.50', 'BLUE LTD'), csv('59.50', 'Red Ltd'), csv('7', '')],
      leftOut: 0,
    };
    await readStatement(ctx, { accountId, fileName: 'bank.csv', statement });
    expect(Object.fromEntries((await lines()).map(({ name, alsoIn }) => [name, alsoIn]))).toEqual({
      'BLUE LTD': 'bank.xml',
      'Red Ltd': null,
      '': null,
    });
    expect(await recordSureBankLines(ctx, accountId)).toEqual({ recorded: 1, refused: 0 });
    expect((await payments()).map(({ reference }) => reference.split(' · ')[0]).sort()).toEqual([
      'Blue Ltd',
      'Red Ltd',
    ]);
  });

  it('isn’t read if a payment is dated in the future, as when days and months are mixed up', async () => {
    const { read, lines } = await billed();
    await expect(read([{ amount: '1.00', purpose: 'x', day: '2026-12-11' }])).rejects.toMatchObject({
      data: { problem: 'The file has a payment of 11 December 2026, which is in the future.' },
    });
    await read([{ amount: '1.00', purpose: 'x', day: '2026-11-23' }]);
    expect(await lines()).toHaveLength(1);
  });

  it('can’t be seen or matched in another account', async () => {
    const [mine, theirs] = [await billed(), await billed()];
    await mine.read([{ amount: '119.00', purpose: mine.number }]);
    const [line] = await mine.lines();
    const lineId = line?.id ?? '';
    expect(await theirs.lines()).toEqual([]);
    const other = { accountId: theirs.accountId, lineId, invoiceIds: [theirs.invoiceId] };
    await expect(recordBankLine(ctx, other)).rejects.toMatchObject({ code: 'bank_line_not_found' });
    await expect(ignoreBankLine(ctx, theirs.accountId, lineId)).rejects.toMatchObject({ code: 'bank_line_not_found' });
    await expect(searchPayable(ctx, theirs.accountId, lineId, '')).rejects.toMatchObject({
      code: 'bank_line_not_found',
    });
    const crossed = { accountId: mine.accountId, lineId, invoiceIds: [theirs.invoiceId] };
    await expect(recordBankLine(ctx, crossed)).rejects.toMatchObject({ code: 'invoice_not_found' });
    expect((await searchPayable(ctx, mine.accountId, lineId, '')).map(({ number }) => number)).toEqual([mine.number]);
  });

  it('can be ignored, and doesn’t pay an invoice in another currency', async () => {
    const { accountId, read, lines, invoiceId, payments, number } = await billed();
    await read([{ amount: '119.00', currency: 'USD', purpose: number }]);
    const [line] = await lines();
    const match = { accountId, lineId: line?.id ?? '', invoiceIds: [invoiceId] };
    await expect(recordBankLine(ctx, match)).rejects.toMatchObject({ code: 'invalid_input' });
    await ignoreBankLine(ctx, accountId, match.lineId);
    await expect(recordBankLine(ctx, match)).rejects.toMatchObject({ code: 'bank_line_settled' });
    expect([await payments(), await lines()]).toEqual([[], []]);
    expect(await BankLines.countDocuments({ accountId, state: 'ignored' })).toBe(1);
  });
});
