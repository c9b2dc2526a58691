import { AT_ONCE, isTimeFor } from '../kit/back-off.ts';
import type { Tx } from '../kit/transaction.ts';
import { type MailDoc, Mails } from './mails.ts';

/** Identifies an email and its account. */
export type MailName = Pick<MailDoc, '_id' | 'accountId'>;

/** Which of some emails were ever queued, whatever their outcome: their IDs. */
export async function mailsQueued(accountId: string, ids: readonly string[]): Promise<string[]> {
  const mails = await Mails.find({ accountId, _id: { $in: [...ids] } }, { _id: 1 }).lean();
  return mails.map(({ _id }) => _id);
}

/** Queues emails. They are due immediately, even if the clock is set back before they are sent. */
export async function insertMails(
  _tx: Tx,
  mails: readonly Pick<MailDoc, '_id' | 'accountId' | 'invoiceId' | 'kind' | 'memoId' | 'days' | 'to' | 'createdAt'>[],
): Promise<void> {
  await Mails.insertMany(mails.map((mail) => ({ ...mail, state: 'waiting', notBefore: AT_ONCE })));
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
