import { NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import { Refusal } from '../../billing/refusal.ts';
import { markMemoSent, memoOrFail } from '../../store/invoicing/credit-memo-queries.ts';
import { invoiceOrFail } from '../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import {
  eachMailToSend,
  insertMail,
  type MailName,
  markMailSent,
  postponeMail,
  refuseMail,
  setMailRecipients,
  waitingMail,
  wasMailQueued,
} from '../../store/notices/mail-queries.ts';
import type { MailDoc, MailKind } from '../../store/notices/mails.ts';
import { eachOfAll, type Loop, noteFailed, noteSuccess } from '../background/each-of-all.ts';
import { Hold } from '../background/held-lease.ts';
import type { Ctx } from '../kit/context.ts';
import { errorWords } from '../kit/error-words.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';

const BATCH = 100;
/** Held for longer while it lasts; for so long it waits when its process is killed. */
const LEASE_MS = 10_000;
/** Pauses between tries grow from one to the other, in milliseconds. */
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
/** The server as each account's: its admins have to know that no email leaves. */
const SERVER: Loop<string> = { kind: 'mail-server', name: (id) => ({ id, accountId: id }), what: 'send email' };

/** A mail that is not to be tried again: the server says that it will never take it, or it is no news any more. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
  /** Whether anybody has to know. */
  readonly isNews: boolean;

  constructor(message: string, { cause, isNews = true }: { readonly cause?: unknown; readonly isNews?: boolean } = {}) {
    super(message, { cause });
    this.isNews = isNews;
  }
}

/** The mail server can't be reached, does not accept the login, or takes nothing at present: true of every mail. */
export class MailServerFailed extends Error {
  override readonly name = 'MailServerFailed';
}

/** An address that the mail server will never take, with its words. */
export interface RejectedRecipient {
  readonly address: string;
  readonly reason: string;
}

/** What became of each recipient; anyone who is not named is to be tried again. */
export interface Delivered {
  readonly accepted: readonly string[];
  readonly rejected: readonly RejectedRecipient[];
}

/** Writes and sends mails: makes text and files from what is stored, and hands them to a server. */
export interface Mailer {
  /**
   * @param to those of the mail's recipients who don't have it yet
   * @throws {MailRefused} for what will never be taken; anything else is tried again
   * @throws {MailServerFailed} for what has to do with no mail in particular
   */
  send(ctx: Ctx, mail: MailDoc, to: readonly string[]): Promise<Delivered>;
}

/**
 * Puts a mail in the queue, to those whom the invoice names: its figures go to the billing addresses, and what is to be
 * done about it to the contacts, each else to the other. It is queued with what it tells of, and
 * the same mail is queued once.
 */
export async function queueMail(
  tx: Change,
  invoice: Pick<InvoiceDoc, '_id' | 'accountId' | 'snapshot'>,
  about: { readonly kind: MailKind; readonly memoId?: string; readonly days?: number },
): Promise<void> {
  const { billingEmails, contactEmails } = invoice.snapshot?.buyer ?? NO_BILLING_INFORMATION;
  const [first, second] = about.kind === 'reminder' ? [contactEmails, billingEmails] : [billingEmails, contactEmails];
  const to = first.length > 0 ? first : second;
  if (to.length === 0) return;
  const { kind, memoId = null, days = null } = about;
  const _id = [kind, memoId ?? invoice._id, ...(days === null ? [] : [String(days)])].join(':');
  const name = { _id, accountId: invoice.accountId };
  if (await wasMailQueued(name)) return;
  const createdAt = tx.clock.now();
  await insertMail(tx, { ...name, invoiceId: invoice._id, kind, memoId, days, to: [...new Set(to)], createdAt });
  tx.nudge('mails');
}

/**
 * Sends what waits. A mail that the server took but that could not be noted as sent is sent once more with the same
 * Message-ID, by which mailboxes know it as the same: SMTP promises no more.
 *
 * @param mailer undefined where no mail server is set: then nothing is kept for later, when it would be no news
 * @returns how many were sent
 */
export async function sendMails(ctx: Ctx, mailer: Mailer | undefined): Promise<number> {
  const due = eachMailToSend(ctx.clock.now(), LONGEST_PAUSE_MS);
  let sent = 0;
  let isDown = false;
  await eachOfAll(ctx, SENDING, due, async (mail) => {
    if (!mailer) return refuseMail(mail, 'No mail server is set.');
    // what it did not take from one account it takes from no other: they wait for the next turn
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
    // it has not failed: it waits for the next turn
    if (error instanceof Refusal && error.code === 'documents_busy') return 'not_sent';
    if (!(error instanceof MailServerFailed)) throw error;
    await postpone(ctx, mail, error);
    await noteFailed(ctx, SERVER, accountId, error);
    return 'server_failed';
  }
}

/** Those who don't have it yet, and may still get it. */
function pendingOf({ to, accepted, rejected }: MailDoc): string[] {
  const able = to.filter((address) => !rejected.includes(address));
  const pending = able.filter((address) => !accepted.includes(address));
  // one that all have, and that is to be sent all the same, goes to all of them again
  return pending.length > 0 ? pending : able;
}

/** Keeps who has it and who never will, so that nobody gets it twice. @returns whether all who can have it do now */
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

/** Tells that an address will not have it, by the number of what it was to bring. */
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

/** A credit memo whose mail was taken is sent; nothing happens the second time. */
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

/** There is no last try: a password that is mended after a month still brings the invoice. */
async function postpone(ctx: Ctx, mail: MailDoc, error: Error): Promise<void> {
  const { _id, failures } = mail;
  ctx.log.warn({ mail: _id, failures: failures + 1, err: error }, 'an email could not be sent. It will be retried');
  const wait = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
  const notBefore = new Date(ctx.clock.now().getTime() + wait);
  await postponeMail(mail, { notBefore, lastError: errorWords(error) });
}
