import type { RejectedRecipient } from '../../services/notices/mails.ts';

/** What an error of nodemailer's says of the dialogue with the server. */
interface SmtpFault {
  /** Such as `RCPT TO`, `DATA`, `AUTH PLAIN`. */
  readonly command: string;
  /** The server's answer (RFC 5321, 4.2); 0 where there was none. */
  readonly responseCode: number;
  readonly response: string;
  readonly recipient: string | undefined;
}

/** Answers that mean the mailbox or the message (RFC 5321, 4.2.3); others from 500 on mean the dialogue or the login. */
const ABOUT_MAIL: readonly number[] = [550, 551, 552, 553, 554];
/** Addresses and mailboxes (RFC 3463, 3.2 and 3.3). */
const ABOUT_MAILBOX = /^5\.[12]\./;
/** Words with which servers refuse to pass mail on for anyone who is not logged in: a matter of the settings. */
const ABOUT_LOGIN = /\b(?:relay(?:ing)?|authenticat\w+|auth|log ?in|spf|dkim|dmarc|block(?:ed)? list|blacklist\w*)\b/i;
const MAX_REASON = 200;

/** The recipients that the server will never take, and why. Those that it may take later are not among them. */
export function rejectedIn(errors: unknown): RejectedRecipient[] {
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((error: unknown) => {
    const fault = faultOf(error);
    if (fault.recipient === undefined || !isOfRecipient(fault)) return [];
    return [{ address: fault.recipient, reason: reasonOf(fault) }];
  });
}

/** The errors of single recipients that an error of all of them carries. */
export function recipientErrorsIn(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'rejectedErrors' in error ? error.rejectedErrors : undefined;
}

/** Whether the server will never take the message itself. Everything else, such as a wrong password, can be mended. */
export function isMessageRejected(error: unknown): boolean {
  const { command, responseCode, response } = faultOf(error);
  return command === 'DATA' && ABOUT_MAIL.includes(responseCode) && !isOfLogin(response);
}

function isOfRecipient({ command, responseCode, response }: SmtpFault): boolean {
  if (command !== 'RCPT TO' || !ABOUT_MAIL.includes(responseCode)) return false;
  const status = statusOf(response);
  return status === undefined ? !isOfLogin(response) : ABOUT_MAILBOX.test(status);
}

function isOfLogin(response: string): boolean {
  return ABOUT_LOGIN.test(response);
}

/** The enhanced status code (RFC 3463), such as `5.1.1`. */
function statusOf(response: string): string | undefined {
  return /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
}

function reasonOf({ response, responseCode }: SmtpFault): string {
  const words = response
    .replace(/^\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3} )?/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return (words === '' ? `error ${responseCode}` : words).slice(0, MAX_REASON);
}

function faultOf(error: unknown): SmtpFault {
  const of = typeof error === 'object' && error !== null ? (error as Readonly<Record<string, unknown>>) : {};
  return {
    command: typeof of.command === 'string' ? of.command : '',
    responseCode: typeof of.responseCode === 'number' ? of.responseCode : 0,
    response: typeof of.response === 'string' ? of.response : '',
    recipient: typeof of.recipient === 'string' ? of.recipient : undefined,
  };
}
