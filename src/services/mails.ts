import { NO_BILLING_INFORMATION } from '../billing/billing-information.ts';
import { CreditMemos } from '../store/credit-memos.ts';
import type { InvoiceDoc } from '../store/invoices.ts';
import { claimLease, freeLease } from '../store/leases.ts';
import { type MailDoc, type MailKind, Mails } from '../store/mails.ts';
import { inTransaction } from '../store/transaction.ts';
import { AT_ONCE, isTimeFor } from './back-off.ts';
import type { Ctx } from './context.ts';
import { eachOfAll, type Loop } from './each-of-all.ts';
import { record } from './log.ts';

const BATCH = 100;
const LEASE_MS = 120_000;
/** Pauses between tries grow from one to the other, in milliseconds. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 6 * 3_600_000;
const SENDING: Loop<MailDoc> = {
  kind: 'mail',
  name: ({ _id: id, accountId, invoiceId }) => ({ id, accountId, invoiceId }),
  what: 'send an email',
  most: BATCH,
  atOnce: 4,
};
/** About a week of tries. */
const MOST_TRIES = 40;

/** A mail that is not to be tried again: the server says that it will never take it. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
}

/** Writes and sends mails: makes text and files from what is stored, and hands them to a server. */
export interface Mailer {
  /** @throws {MailRefused} for what will never be taken; anything else is tried again */
  send(ctx: Ctx, mail: MailDoc): Promise<void>;
}

/**
 * Puts a mail in the queue, to those whom the invoice names: its figures go to the billing addresses, and what is to be
 * done about it to the contacts, each else to the other. To be called in the transaction of what the mail tells of;
 * the same mail is queued once.
 */
export async function queueMail(
  ctx: Ctx,
  invoice: Pick<InvoiceDoc, '_id' | 'accountId' | 'snapshot'>,
  about: { readonly kind: MailKind; readonly memoId?: string; readonly days?: number },
): Promise<void> {
  const { billingEmails, contactEmails } = invoice.snapshot?.buyer ?? NO_BILLING_INFORMATION;
  const [first, second] = about.kind === 'reminder' ? [contactEmails, billingEmails] : [billingEmails, contactEmails];
  const to = first.length > 0 ? first : second;
  if (to.length === 0) return;
  const { kind, memoId = null, days = null } = about;
  const id = [kind, memoId ?? invoice._id, ...(days === null ? [] : [String(days)])].join(':');
  if (await Mails.exists({ _id: id })) return;
  const now = ctx.clock.now();
  await Mails.create([
    {
      _id: id,
      ...{ accountId: invoice.accountId, invoiceId: invoice._id, kind, memoId, days },
      to: [...new Set(to)],
      state: 'waiting',
      // at once, also when the clock is set back before it is sent
      notBefore: AT_ONCE,
      createdAt: now,
    },
  ]);
  ctx.nudge('mails');
}

/**
 * Sends what waits. A mail that the server took but that could not be noted as sent is sent once more with the same
 * Message-ID, by which mailboxes know it as the same: SMTP promises no more.
 *
 * @param mailer undefined where no mail server is set: then nothing is kept for later, when it would be no news
 * @returns how many were sent
 */
export async function sendMails(ctx: Ctx, mailer: Mailer | undefined): Promise<number> {
  const due = Mails.find({ state: 'waiting', ...isTimeFor('notBefore', ctx.clock.now(), LONGEST_PAUSE_MS) })
    .sort({ notBefore: 1, createdAt: 1 })
    .lean();
  let sent = 0;
  await eachOfAll(ctx, SENDING, due.cursor(), async (mail) => {
    if (mailer) sent += (await trySend(ctx, mailer, mail._id)) ? 1 : 0;
    else await refuse(mail._id, 'No mail server is set.');
  });
  return sent;
}

async function trySend(ctx: Ctx, mailer: Mailer, id: string): Promise<boolean> {
  const lease = await claimLease(`mail:${id}`, LEASE_MS);
  if (!lease) return false;
  try {
    const mail = await Mails.findOne({ _id: id, state: 'waiting' }).lean();
    if (!mail) return false;
    try {
      await mailer.send(ctx, mail);
    } catch (error) {
      await postpone(ctx, mail, error);
      return false;
    }
    await inTransaction(() => markSent(ctx, mail));
    ctx.nudge('number-events');
    return true;
  } finally {
    await freeLease(lease);
  }
}

/** A credit memo whose mail was taken is sent; nothing happens the second time. */
async function markSent(ctx: Ctx, { _id, accountId, invoiceId, memoId }: MailDoc): Promise<void> {
  const sentAt = ctx.clock.now();
  await Mails.updateOne({ _id }, { $set: { state: 'sent', sentAt, lastError: null } });
  if (memoId === null) return;
  const memo = await CreditMemos.findOneAndUpdate(
    { _id: memoId, state: 'ready' },
    { $set: { state: 'sent', sentAt } },
  ).lean();
  if (!memo) return;
  await record(ctx, {
    accountId,
    type: 'credit_memo_sent',
    description: `Sent credit memo ${memo.number} by e-mail`,
    billingGroupId: memo.billingGroupId,
    invoiceId,
    before: { memoId, state: 'ready' },
    after: { memoId, state: 'sent' },
  });
}

async function postpone(ctx: Ctx, { _id, failures }: MailDoc, error: unknown): Promise<void> {
  const reason = error instanceof Error ? error.message : String(error);
  ctx.log.warn({ mail: _id, failures: failures + 1 }, 'a mail could not be sent');
  if (error instanceof MailRefused || failures + 1 >= MOST_TRIES) return refuse(_id, reason);
  const wait = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
  const notBefore = new Date(ctx.clock.now().getTime() + wait);
  await Mails.updateOne({ _id }, { $set: { notBefore, lastError: reason }, $inc: { failures: 1 } });
}

async function refuse(id: string, reason: string): Promise<void> {
  await Mails.updateOne({ _id: id, state: 'waiting' }, { $set: { state: 'refused', lastError: reason } });
}
