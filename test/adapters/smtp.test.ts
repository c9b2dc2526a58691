import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { mailFiles } from '../../src/adapters/smtp/attachments.ts';
import { smtpMailer } from '../../src/adapters/smtp/smtp-mailer.ts';
import { DocumentPool } from '../../src/documents/pool.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { createMemo } from '../../src/services/invoicing/credit-memos.ts';
import { type Mailer, sendMails } from '../../src/services/notices/mails.ts';
import { recordPayment } from '../../src/services/settlement/payments.ts';
import { remindDue } from '../../src/services/settlement/reminders.ts';
import { ItemFailures } from '../../src/store/background/item-failures.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { CreditMemos } from '../../src/store/invoicing/credit-memos.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Mails } from '../../src/store/notices/mails.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { costRow, groupWithCosts, OCTOBER } from '../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);

interface Received {
  readonly to: readonly string[];
  readonly text: string;
}
const received: Received[] = [];
/** The server's answers to the next emails, before it accepts any. */
const answers: number[] = [];
let server: SMTPServer;
let mailer: Mailer;

beforeAll(async () => {
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      let text = '';
      stream.on('data', (chunk) => {
        text += chunk;
      });
      stream.on('end', () => {
        const code = answers.shift();
        if (code !== undefined) return done(Object.assign(new Error('Not now'), { responseCode: code }));
        received.push({ to: session.envelope.rcptTo.map(({ address }) => address), text });
        return done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  mailer = smtpMailer({
    url: `smtp://127.0.0.1:${port}`,
    from: 'billing@example.com',
    files: mailFiles,
  });
});
afterAll(() => new Promise<void>((resolve) => server.close(resolve)));
beforeEach(async () => {
  received.length = 0;
  answers.length = 0;
  await Mails.deleteMany({});
  // no reminders for what an earlier test left
  await Invoices.updateMany({}, { $set: { state: 'waived' } });
  clock.set('2026-11-02T12:00:00Z');
});

/** An invoice for a group with addresses. */
async function anInvoice() {
  const { account, group } = await groupWithCosts(ctx, [costRow('100')]);
  const billing = { ...group.billing, billingEmails: ['bills@example.com'], contactEmails: ['ann@example.com'] };
  await Groups.updateOne({ _id: group._id }, { $set: { billing } });
  await closeInvoice(ctx, group, OCTOBER);
  return { account, invoice: await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean() };
}

describe('emails', () => {
  it('send an issued invoice to its billing addresses once, with its files', async () => {
    const { invoice } = await anInvoice();
    await Promise.all([sendMails(ctx, mailer), sendMails(ctx, mailer)]);
    await sendMails(ctx, mailer);
    expect(received.map(({ to }) => to)).toEqual([['bills@example.com']]);
    const text = received[0]?.text ?? '';
    expect(text).toContain(`Subject: Invoice ${invoice.number} of`);
    expect(text).toContain('EUR 119.00 is due on 16 November 2026.');
    expect(text).toContain(`filename=${invoice.number}.pdf`);
    expect(text).toMatch(/^From: .*<billing@example\.com>/m);
    expect(await Mails.findById(`invoice:${invoice._id}`).lean()).toMatchObject({ state: 'sent' });
  });

  it('are retried with growing pauses when the server is temporarily unavailable, and not after a permanent error', async () => {
    const { invoice } = await anInvoice();
    answers.push(451);
    expect(await sendMails(ctx, mailer)).toBe(0);
    expect(await sendMails(ctx, mailer)).toBe(0);
    clock.set('2026-11-02T12:01:00Z');
    expect(await sendMails(ctx, mailer)).toBe(1);
    await Mails.updateOne({ _id: `invoice:${invoice._id}` }, { $set: { state: 'waiting' } });
    answers.push(550);
    expect(await sendMails(ctx, mailer)).toBe(0);
    expect(await Mails.findById(`invoice:${invoice._id}`).lean()).toMatchObject({
      state: 'refused',
      lastError: 'The mail server rejected the email.',
    });
  });

  it('wait while the document queue is full, without counting a failure', async () => {
    const { account, invoice } = await anInvoice();
    const full = { ...ctx, documents: new DocumentPool({ mostPending: 0 }) };
    expect(await sendMails(full, mailer)).toBe(0);
    expect(received).toEqual([]);
    expect(await Mails.findById(`invoice:${invoice._id}`).lean()).toMatchObject({ state: 'waiting', failures: 0 });
    expect(await ItemFailures.countDocuments({ accountId: account._id })).toBe(0);
    expect(await sendMails(ctx, mailer)).toBe(1);
  });

  it('about the same event share a Message-ID, so that mailboxes recognize duplicates', async () => {
    const { invoice } = await anInvoice();
    await sendMails(ctx, mailer);
    await Mails.updateOne({ _id: `invoice:${invoice._id}` }, { $set: { state: 'waiting' } });
    await sendMails(ctx, mailer);
    const ids = received.map(({ text }) => /^Message-ID: (\S+)/im.exec(text)?.[1]);
    expect(ids[0]).toMatch(/^<[0-9a-f]{32}@example\.com>$/);
    expect(ids[1]).toBe(ids[0]);
  });

  it('remind contacts of the open amount unless it has been paid, and deliver credit memos', async () => {
    const { account, invoice } = await anInvoice();
    const of = { accountId: account._id, invoiceId: invoice._id };
    await Mails.deleteMany({});
    clock.set('2026-11-24T12:00:00Z');
    await remindDue(ctx);
    await sendMails(ctx, mailer);
    expect(received[0]?.to).toEqual(['ann@example.com']);
    expect(received[0]?.text).toContain(`Subject: Invoice ${invoice.number} is 7 days overdue: EUR 119.00`);
    const memo = await createMemo(ctx, { ...of, reason: 'Outage', amounts: { 1: '100' } });
    await sendMails(ctx, mailer);
    expect(received[1]?.text).toContain(`credit memo ${memo.number} reduces invoice ${invoice.number}`);
    expect(received[1]?.text).toContain(`filename=${memo.number}.pdf`);
    expect(await CreditMemos.findById(memo.id).lean()).toMatchObject({ state: 'sent' });
    expect(await Events.countDocuments({ invoiceId: invoice._id, type: 'credit_memo_sent' })).toBe(1);
    const next = await anInvoice();
    await Mails.deleteMany({});
    clock.set('2026-12-24T12:00:00Z');
    await remindDue(ctx);
    const payment = { accountId: next.account._id, invoiceId: next.invoice._id, amount: '119', date: '2026-12-01' };
    await recordPayment(ctx, { ...payment, reference: '' });
    expect(await sendMails(ctx, mailer)).toBe(0);
    expect(await Mails.find({ state: 'refused' }).lean()).toMatchObject([{ lastError: 'The invoice has been paid.' }]);
  });

  it('are not queued when no mail server is set', async () => {
    await anInvoice();
    await sendMails(ctx, undefined);
    expect(await sendMails(ctx, mailer)).toBe(0);
    expect(received).toEqual([]);
  });
});
