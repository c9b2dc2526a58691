import { AT_ONCE, isTimeFor } from '../kit/back-off.ts';
import type { Tx } from '../kit/transaction.ts';
import { type MailDoc, Mails } from './mails.ts';

/** Identifies an email and its account. */
export type MailName = Pick<MailDoc, '_id' | 'accountId'>;

/** Whether an email was ever queued, whatever its outcome. */
export async function wasMailQueued({ _id, accountId }: MailName): Promise<boolean> {
  return (await Mails.exists({ _id, accountId })) !== null;
}

/** Queues an email. It is due immediately, even if the clock is set back before it is sent. */
export async function insertMail(
  _tx: Tx,
  mail: Pick<MailDoc, '_id' | 'accountId' | 'invoiceId' | 'kind' | 'memoId' | 'days' | 'to' | 'createdAt'>,
): Promise<void> {
  await Mails.create([{ ...mail, state: 'waiting', notBefore: AT_ONCE }]);
}

/** Across all accounts: emails that are due to be sent, longest overdue first. */
export function eachMailToSend(now: Date, longestPauseMs: number): AsyncIterable<MailDoc> {
  return Mails.find({ state: 'waiting', ...isTimeFor('notBefore', now, longestPauseMs) })
    .sort({ notBefore: 1, createdAt: 1 })
    .lean()
    .cursor();
}

/** An email, if it is still pending. */
export async function waitingMail({ _id, accountId }: MailName): Promise<MailDoc | null> {
  return Mails.findOne({ _id, accountId, state: 'waiting' }).lean();
}

/** Records for which recipients the server has accepted an email, and for which it never will. */
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

// in a transaction or as a separate atomic step

/** Counts a failed attempt and postpones the email. */
export async function postponeMail(
  { _id, accountId }: MailName,
  failed: Pick<MailDoc, 'notBefore' | 'lastError'>,
): Promise<void> {
  await Mails.updateOne({ _id, accountId }, { $set: failed, $inc: { failures: 1 } });
}

/** Ends a pending email unsent, with the reason. */
export async function refuseMail({ _id, accountId }: MailName, lastError: string): Promise<void> {
  await Mails.updateOne({ _id, accountId, state: 'waiting' }, { $set: { state: 'refused', lastError } });
}
