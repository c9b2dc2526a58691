import { NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import { Refusal } from '../../billing/refusal.ts';
import { markMemoSent, memoOrFail } from '../../store/invoicing/credit-memo-queries.ts';
import { invoiceOrFail } from '../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import {
  eachMailToSend,
  insertMails,
  type MailName,
  mailsQueued,
  markMailSent,
  postponeMail,
  refuseMail,
  setMailRecipients,
  waitingMail,
} from '../../store/notices/mail-queries.ts';
import type { MailDoc, MailKind } from '../../store/notices/mails.ts';
import { eachOfAll, type Loop, noteFailed, noteSuccess } from '../background/each-of-all.ts';
import { Hold } from '../background/held-lease.ts';
import type { Ctx } from '../kit/context.ts';
import { errorWords } from '../kit/error-words.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';

const BATCH = 100;
/** Renewed while it is sent. If the process is killed, an email waits this long. */
const LEASE_MS = 10_000;
/** The pauses between attempts grow from the first value to the second, in milliseconds. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 6 * 3_600_000;
const SENDING: Loop<MailDoc> = {
  kind: 'mail',
  name: ({ _id: id, accountId, invoiceId }) => ({ id, accountId, invoiceId }),
  what: 'send an email',
  most: BATCH,
  atOnce: 4,
  inTurn: true,
};
const MAX_REASON = 200;
/** Records server failures for each account, because its admins have to know that no emails are sent. */
const SERVER: Loop<string> = { kind: 'mail-server', name: (id) => ({ id, accountId: id }), what: 'send email' };

/** An email that isn't retried: the server will never accept it, or it is no longer relevant. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
  /** Whether someone has to be notified. */
  readonly isNews: boolean;

  constructor(message: string, { cause, isNews = true }: { readonly cause?: unknown; readonly isNews?: boolean } = {}) {
    super(message, { cause });
    this.isNews = isNews;
  }
}

/** The mail server can't be reached, rejects the login, or accepts no emails at present. Affects every email. */
export class MailServerFailed extends Error {
  override readonly name = 'MailServerFailed';
}

/** An address that the mail server will never accept, with its message. */
export interface RejectedRecipient {
  readonly address: string;
  readonly reason: string;
}

/** The result for each recipient. Recipients that aren't listed are retried. */
export interface Delivered {
  readonly accepted: readonly string[];
  readonly rejected: readonly RejectedRecipient[];
}

/** Sends emails: generates text and files from stored data, and passes them to a server. */
export interface Mailer {
  /**
   * @param to the recipients who don't have it yet
   * @throws {MailRefused} if it will never be accepted; anything else is retried
   * @throws {MailServerFailed} for failures that don't depend on the email
   */
  send(ctx: Ctx, mail: MailDoc, to: readonly string[]): Promise<Delivered>;
}

/** What an email about an invoice is for. */
interface MailSubject {
  readonly kind: MailKind;
  readonly memoId?: string;
  readonly days?: number;
}

/**
 * Queues an email to the recipients named on the invoice: reminders go to the contacts, everything else to the billing
 * addresses; each falls back to the other. It is queued together with the change it reports, and only once.
 */
export async function queueMail(
  tx: Change,
  invoice: Pick<InvoiceDoc, '_id' | 'accountId' | 'snapshot'>,
  about: MailSubject,
): Promise<void> {
  await queueMails(tx, invoice.accountId, [invoice], about);
}

/** The same for several invoices of an account, with as many queries as for one. */
export async function queueMails(
  tx: Change,
  accountId: string,
  invoices: readonly Pick<InvoiceDoc, '_id' | 'snapshot'>[],
  about: MailSubject,
): Promise<void> {
  const { kind, memoId = null, days = null } = about;
  const createdAt = tx.clock.now();
  const mails = invoices.flatMap(({ _id: invoiceId, snapshot }) => {
    const to = recipientsOf(snapshot, kind);
    const _id = [kind, memoId ?? invoiceId, ...(days === null ? [] : [String(days)])].join(':');
    return to.length === 0 ? [] : [{ _id, accountId, invoiceId, kind, memoId, days, to, createdAt }];
  });
  if (mails.length === 0) return;
  const ids = mails.map(({ _id }) => _id);
  const queued = new Set(await mailsQueued(accountId, ids));
  const missing = mails.filter(({ _id }) => !queued.has(_id));
  if (missing.length === 0) return;
  await insertMails(tx, missing);
  tx.nudge('mails');
}

function recipientsOf(snapshot: InvoiceDoc['snapshot'], kind: MailKind): string[] {
  const { billingEmails, contactEmails } = snapshot?.buyer ?? NO_BILLING_INFORMATION;
  const [first, second] = kind === 'reminder' ? [contactEmails, billingEmails] : [billingEmails, contactEmails];
  return [...new Set(first.length > 0 ? first : second)];
}

/**
 * Sends pending emails. If an email was accepted but could not be recorded as sent, it is sent again with the same
 * Message-ID, by which mailboxes recognize it. SMTP guarantees no more than that.
 *
 * @param mailer undefined if no mail server is configured; emails are then dropped, because they would be outdated
 * later
 * @returns how many were sent
 */
export async function sendMails(ctx: Ctx, mailer: Mailer | undefined): Promise<number> {
  const due = eachMailToSend(ctx.clock.now(), LONGEST_PAUSE_MS);
  let sent = 0;
  let isDown = false;
  await eachOfAll(ctx, SENDING, due, async (mail) => {
    if (!mailer) return refuseMail(mail, 'No mail server is set.');
    // what it rejects for one account, it rejects for all: they wait for the next run
    if (isDown) return;
    const outcome = await trySend(ctx, mailer, mail);
    isDown ||= outcome === 'server_failed';
    sent += outcome === 'sent' ? 1 : 0;
  });
  return sent;
}

type Outcome = 'sent' | 'not_sent' | 'server_failed';

async function trySend(ctx: Ctx, mailer: Mailer, name: MailName): Promise<Outcome> {
  const hold = await Hold.claim(`mail:${name._id}`, LEASE_MS);
  if (!hold) return 'not_sent';
  try {
    const mail = await waitingMail(name);
    if (!mail) return 'not_sent';
    return await send(ctx, mailer, mail);
  } finally {
    await hold.free();
  }
}

async function send(ctx: Ctx, mailer: Mailer, mail: MailDoc): Promise<Outcome> {
  const { accountId } = mail;
  try {
    const delivered = await mailer.send(ctx, mail, pendingOf(mail));
    await noteSuccess(SERVER, accountId);
    const isSent = await inTransaction(ctx, (tx) => noteDelivered(tx, mail, delivered));
    return isSent ? 'sent' : 'not_sent';
  } catch (error) {
    if (error instanceof MailRefused) {
      await inTransaction(ctx, (tx) => noteRefused(tx, mail, error));
      return 'not_sent';
    }
    // this isn't a failure: it waits for the next run
    if (error instanceof Refusal && error.code === 'documents_busy') return 'not_sent';
    if (!(error instanceof MailServerFailed)) throw error;
    await postpone(ctx, mail, error);
    await noteFailed(ctx, SERVER, accountId, error);
    return 'server_failed';
  }
}

/** The recipients who don't have it yet and may still get it. */
function pendingOf({ to, accepted, rejected }: MailDoc): string[] {
  const able = to.filter((address) => !rejected.includes(address));
  const pending = able.filter((address) => !accepted.includes(address));
  // an email that everyone has, but that should be sent anyway, goes to everyone again
  return pending.length > 0 ? pending : able;
}

/**
 * Records who has it and who never will, so that nobody gets it twice. @returns whether everyone who can have it does
 */
async function noteDelivered(tx: Change, mail: MailDoc, delivered: Delivered): Promise<boolean> {
  const accepted = [...new Set([...mail.accepted, ...delivered.accepted])];
  const rejected = [...new Set([...mail.rejected, ...delivered.rejected.map(({ address }) => address)])];
  await setMailRecipients(tx, mail, { accepted, rejected });
  await tx.recordAll(await rejectionEvents(mail, delivered.rejected));
  if (mail.to.some((address) => !accepted.includes(address) && !rejected.includes(address))) {
    await postpone(tx, mail, new Error('The mail server hasn’t accepted some addresses yet'));
    return false;
  }
  if (accepted.length > 0) await markSent(tx, mail);
  else await refuseMail(mail, 'The mail server rejected all addresses.');
  return accepted.length > 0;
}

/** Reports an address that can't be reached, with the number of the document. */
async function rejectionEvents(mail: MailDoc, rejected: readonly RejectedRecipient[]) {
  if (rejected.length === 0) return [];
  const { common, what } = await subjectOf(mail);
  return rejected.map(({ address, reason }) => ({
    ...common,
    type: 'email_rejected' as const,
    description: `Could not email ${what} to ${address}: ${reason}`,
    after: { mailId: mail._id, address, reason },
  }));
}

async function noteRefused(tx: Change, mail: MailDoc, { message, isNews, cause }: MailRefused): Promise<void> {
  await refuseMail(mail, message);
  if (!isNews) return;
  const { common, what } = await subjectOf(mail);
  const reason = cause instanceof Error ? cause.message.slice(0, MAX_REASON) : message;
  const description = `Could not email ${what}: the mail server rejected the message. ${reason}`;
  await tx.record({ ...common, type: 'email_rejected', description, after: { mailId: mail._id, reason } });
}

async function subjectOf({ accountId, invoiceId, memoId, kind }: MailDoc) {
  const invoice = await invoiceOrFail(accountId, invoiceId);
  const memo = memoId === null ? null : await memoOrFail(accountId, memoId);
  const document = memo ? `credit memo ${memo.number}` : `invoice ${invoice.number}`;
  return {
    what: kind === 'reminder' ? `the reminder of ${document}` : document,
    common: { accountId, billingGroupId: invoice.billingGroupId, invoiceId },
  };
}

/** Marks a credit memo as sent when its email was accepted; does nothing the second time. */
async function markSent(tx: Change, mail: MailDoc): Promise<void> {
  const { accountId, invoiceId, memoId } = mail;
  const sentAt = tx.clock.now();
  await markMailSent(tx, mail, sentAt);
  if (memoId === null) return;
  const memo = await markMemoSent(tx, accountId, memoId, sentAt);
  if (!memo) return;
  await tx.record({
    accountId,
    type: 'credit_memo_sent',
    description: `Sent credit memo ${memo.number} by email`,
    billingGroupId: memo.billingGroupId,
    invoiceId,
    before: { memoId, state: 'ready' },
    after: { memoId, state: 'sent' },
  });
}

/** There is no last attempt: after a password is fixed, even a month later, the invoice is still sent. */
async function postpone(ctx: Ctx, mail: MailDoc, error: Error): Promise<void> {
  const { _id, failures } = mail;
  ctx.log.warn({ mail: _id, failures: failures + 1, err: error }, 'an email could not be sent. It will be retried');
  const wait = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
  const notBefore = new Date(ctx.clock.now().getTime() + wait);
  await postponeMail(mail, { notBefore, lastError: errorWords(error) });
}
