import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { smtpMailer } from '../../src/adapters/smtp/smtp-mailer.ts';
import type { EventType } from '../../src/billing/event/event.ts';
import { listFailingItems } from '../../src/services/background/job-runs.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { type Mailer, sendMails } from '../../src/services/notices/mails.ts';
import { ItemFailures } from '../../src/store/background/item-failures.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Mails } from '../../src/store/notices/mails.ts';
import { contextAt, person, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { costRow, groupWithCosts, OCTOBER } from '../support/invoices/invoices.ts';

useDatabase(migrate);

const START = '2026-11-02T12:00:00Z';
const clock = new TestClock(START);
const ctx = contextAt(clock);
const later = (minutes: number) => clock.set(new Date(Date.parse(START) + minutes * 60_000).toISOString());
/** The recipients of each accepted email. */
const received: string[][] = [];
/** The server's answer to a step of the dialog: `RCPT bad@example.com`, `DATA`, `AUTH`, `MAIL`. */
const answers = new Map<string, [code: number, words: string]>();
let tries = 0;
let server: SMTPServer;
let mailer: Mailer;

const answerTo = (step: string): Error | null => {
  const [responseCode, words] = answers.get(step) ?? [];
  return responseCode === undefined ? null : Object.assign(new Error(words), { responseCode });
};

beforeAll(async () => {
  server = new SMTPServer({
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth(_auth, _session, done) {
      tries += 1;
      const error = answerTo('AUTH');
      if (error) done(error);
      else done(null, { user: 'billing' });
    },
    onMailFrom: (_address, _session, done) => done(answerTo('MAIL')),
    onRcptTo: ({ address }, _session, done) => done(answerTo(`RCPT ${address}`)),
    onData(stream, session, done) {
      stream.on('data', () => undefined);
      stream.on('end', () => {
        const error = answerTo('DATA');
        if (!error) received.push(session.envelope.rcptTo.map(({ address }) => address));
        done(error);
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const url = `smtp://billing:secret@127.0.0.1:${port}`;
  mailer = smtpMailer({ url, from: 'billing@example.com', files: async () => [] });
});
afterAll(() => new Promise<void>((resolve) => server.close(resolve)));
beforeEach(async () => {
  clock.set(START);
  received.length = 0;
  tries = 0;
  answers.clear();
  await Promise.all([Mails.deleteMany({}), ItemFailures.deleteMany({}), Events.deleteMany({})]);
});

async function anInvoice(billingEmails = ['good@example.com', 'bad@example.com']) {
  const { account, group } = await groupWithCosts(ctx, [costRow('100')]);
  await Groups.updateOne({ _id: group._id }, { $set: { billing: { ...group.billing, billingEmails } } });
  await closeInvoice(ctx, group, OCTOBER);
  const invoice = await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean();
  return { accountId: account._id, number: invoice.number ?? '', mailId: `invoice:${invoice._id}` };
}
const stateOf = async (id: string) => (await Mails.findById(id).orFail().lean()).state;
const told = async (accountId: string, type: EventType) =>
  (await Events.find({ accountId, type }).lean()).map(({ description }) => description);

describe('a temporary failure of the mail server', () => {
  it.each([
    ['a wrong password', 'AUTH', 535, '5.7.8 Error: authentication failed'],
    ['authentication required', 'MAIL', 530, '5.7.0 Authentication required'],
    ['a sender that isn’t allowed', 'MAIL', 550, '5.7.1 Sender not allowed'],
    ['refused relaying', 'RCPT good@example.com', 554, '5.7.1 Relay access denied'],
    ['refused relaying, in plain words', 'RCPT good@example.com', 550, 'relaying denied'],
    ['a temporarily full mailbox', 'RCPT good@example.com', 452, '4.2.2 Mailbox full'],
    ['no disk space', 'DATA', 452, '4.3.1 Insufficient system storage'],
    ['a broken dialog', 'DATA', 503, '5.5.1 Bad sequence of commands'],
  ])('loses no email (%s), however long it lasts, and each is sent once', async (_what, step, code, words) => {
    const { mailId } = await anInvoice(['good@example.com']);
    answers.set(step, [code, words]);
    await sendMails(ctx, mailer);
    await Mails.updateOne({ _id: mailId }, { $set: { failures: 100 } });
    later(60);
    await sendMails(ctx, mailer);
    expect(await stateOf(mailId)).toBe('waiting');
    answers.clear();
    later(10 * 60);
    await sendMails(ctx, mailer);
    await sendMails(ctx, mailer);
    expect(received).toEqual([['good@example.com']]);
    expect(await stateOf(mailId)).toBe('sent');
  });

  it('is reported to each account once, and shown until it is fixed', async () => {
    const [one, two] = [await anInvoice(), await anInvoice()];
    answers.set('AUTH', [535, '5.7.8 Error: authentication failed']);
    for (const minute of [0, 2, 5, 12, 30, 160]) {
      later(minute);
      await sendMails(ctx, mailer);
    }
    for (const { accountId } of [one, two]) {
      expect(await told(accountId, 'background_task_failed')).toEqual([
        'Could not send email. Retries continue automatically',
      ]);
      const owner = contextAt(clock, person('U_OWNER'));
      expect(await listFailingItems(owner, accountId)).toMatchObject([{ kind: 'mail-server', item: accountId }]);
    }
    answers.clear();
    later(600);
    await sendMails(ctx, mailer);
    expect(await ItemFailures.countDocuments()).toBe(0);
    expect(received).toHaveLength(2);
  });

  it('with a rejected login isn’t retried for every waiting email', async () => {
    for (let at = 0; at < 8; at++) await anInvoice();
    answers.set('AUTH', [535, '5.7.8 Error: authentication failed']);
    await sendMails(ctx, mailer);
    // as many as are sent concurrently
    expect(tries).toBeLessThanOrEqual(4);
  });
});

describe('a rejected address', () => {
  it.each([
    [550, '5.1.1 No such user'],
    [553, 'mailbox name not allowed'],
  ])('with %i %s is reported on its invoice, and the other recipients get the email once', async (code, words) => {
    const { accountId, number, mailId } = await anInvoice();
    answers.set('RCPT bad@example.com', [code, words]);
    await sendMails(ctx, mailer);
    later(600);
    await sendMails(ctx, mailer);
    expect(received).toEqual([['good@example.com']]);
    expect(await told(accountId, 'email_rejected')).toEqual([
      `Could not email invoice ${number} to bad@example.com: ${words.replace('5.1.1 ', '')}`,
    ]);
    expect(await Mails.findById(mailId).lean()).toMatchObject({
      state: 'sent',
      accepted: ['good@example.com'],
      rejected: ['bad@example.com'],
    });
  });

  it('with a temporary error gets the email later, and the others don’t get it twice', async () => {
    const { accountId } = await anInvoice();
    answers.set('RCPT bad@example.com', [451, '4.7.1 Greylisted']);
    await sendMails(ctx, mailer);
    answers.clear();
    later(5);
    await sendMails(ctx, mailer);
    expect(received).toEqual([['good@example.com'], ['bad@example.com']]);
    expect(await told(accountId, 'email_rejected')).toEqual([]);
  });

  it('with no other recipients ends delivery, which is reported', async () => {
    const { accountId, number, mailId } = await anInvoice(['bad@example.com']);
    answers.set('RCPT bad@example.com', [550, '5.1.1 No such user']);
    await sendMails(ctx, mailer);
    expect(await stateOf(mailId)).toBe('refused');
    expect(await told(accountId, 'email_rejected')).toEqual([
      `Could not email invoice ${number} to bad@example.com: No such user`,
    ]);
  });
});

it('a message that the server rejects is reported on its invoice and not sent again', async () => {
  const { accountId, number, mailId } = await anInvoice();
  answers.set('DATA', [554, '5.6.0 Message content rejected']);
  await sendMails(ctx, mailer);
  expect(await stateOf(mailId)).toBe('refused');
  const [words] = await told(accountId, 'email_rejected');
  expect(words).toContain(`Could not email invoice ${number}: the mail server rejected the message.`);
});
