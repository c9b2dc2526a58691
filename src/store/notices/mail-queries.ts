import { AT_ONCE, isTimeFor } from '../kit/back-off.ts';
import type { Tx } from '../kit/transaction.ts';
import { type MailDoc, Mails } from './mails.ts';

/** Names a mail, and whose it is. */
export type MailName = Pick<MailDoc, '_id' | 'accountId'>;

/** Whether a mail was put in the queue, whatever became of it. */
export async function wasMailQueued({ _id, accountId }: MailName): Promise<boolean> {
  return (await Mails.exists({ _id, accountId })) !== null;
}

/** Puts a mail in the queue. It is sent at once, also when the clock is set back before it is. */
export async function insertMail(
  _tx: Tx,
  mail: Pick<MailDoc, '_id' | 'accountId' | 'invoiceId' | 'kind' | 'memoId' | 'days' | 'to' | 'createdAt'>,
): Promise<void> {
  await Mails.create([{ ...mail, state: 'waiting', notBefore: AT_ONCE }]);
}

/** The mails of all accounts that are to be sent by now, the one that waits longest first. */
export function eachMailToSend(now: Date, longestPauseMs: number): AsyncIterable<MailDoc> {
  return Mails.find({ state: 'waiting', ...isTimeFor('notBefore', now, longestPauseMs) })
    .sort({ notBefore: 1, createdAt: 1 })
    .lean()
    .cursor();
}

/** A mail, if it still waits. */
export async function waitingMail({ _id, accountId }: MailName): Promise<MailDoc | null> {
  return Mails.findOne({ _id, accountId, state: 'waiting' }).lean();
}

/** Notes whom the server has taken a mail for, and whom it never will. */
export async function setMailRecipients(
  _tx: Tx,
  { _id, accountId }: MailName,
  recipients: Pick<MailDoc, 'accepted' | 'rejected'>,
): Promise<void> {
  await Mails.updateOne({ _id, accountId }, { $set: recipients });
}

export async function markMailSent(_tx: Tx, { _id, accountId }: MailName, sentAt: Date): Promise<void> {
  await Mails.updateOne({ _id, accountId }, { $set: { state: 'sent', sentAt, lastError: null } });
}

// in a transaction or as one atomic step of its own

/** Counts a failed try, and has the mail wait. */
export async function postponeMail(
  { _id, accountId }: MailName,
  failed: Pick<MailDoc, 'notBefore' | 'lastError'>,
): Promise<void> {
  await Mails.updateOne({ _id, accountId }, { $set: failed, $inc: { failures: 1 } });
}

/** Ends a mail that waits, unsent, with the reason. */
export async function refuseMail({ _id, accountId }: MailName, lastError: string): Promise<void> {
  await Mails.updateOne({ _id, accountId, state: 'waiting' }, { $set: { state: 'refused', lastError } });
}
