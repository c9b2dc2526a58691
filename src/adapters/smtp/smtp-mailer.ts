import { createHash } from 'node:crypto';
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import type { Ctx } from '../../services/kit/context.ts';
import { mailText } from '../../services/notices/mail-text.ts';
import { type Delivered, type Mailer, MailRefused, MailServerFailed } from '../../services/notices/mails.ts';
import type { MailDoc } from '../../store/notices/mails.ts';
import { isMessageRejected, recipientErrorsIn, rejectedIn } from './smtp-errors.ts';

const TIMEOUT_MS = 30_000;

/** A file that goes with a mail. */
export interface MailFile {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Buffer;
}

export interface SmtpOptions {
  /** Such as `smtps://user:password@mail.example.com`. */
  readonly url: string;
  /** The address that mails are from; the name before it is the account's. */
  readonly from: string;
  /** Makes the files of a mail about the document with this number. */
  files(ctx: Ctx, mail: MailDoc, number: string): Promise<readonly MailFile[]>;
}

/** Sends emails by SMTP. The Message-ID is derived from the email's subject matter, so that mailboxes recognize a duplicate. */
export function smtpMailer({ url, from, files }: SmtpOptions): Mailer {
  const transport = createTransport({ url, connectionTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS });
  const domain = from.slice(from.lastIndexOf('@') + 1).replace(/>.*/, '');
  return {
    async send(ctx, mail, to) {
      const words = await mailText(mail);
      if (!words) throw new MailRefused('The invoice has been paid.', { isNews: false });
      const attachments = await files(ctx, mail, words.number);
      return deliver(transport, to, {
        from: { name: words.from, address: from },
        envelope: { from: addressIn(from), to: [...to] },
        to: [...mail.to],
        subject: words.subject,
        text: words.text,
        messageId: `<${createHash('sha256').update(mail._id).digest('hex').slice(0, 32)}@${domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
        attachments: attachments.map(({ filename, contentType, content }) => ({ filename, contentType, content })),
      });
    },
  };
}

/** @throws {MailRefused} for a message that is never taken @throws {MailServerFailed} for what can be mended */
async function deliver(transport: Transporter, to: readonly string[], message: SendMailOptions): Promise<Delivered> {
  try {
    const { accepted, rejectedErrors } = await transport.sendMail(message);
    return { accepted: (accepted as unknown[]).map(String), rejected: rejectedIn(rejectedErrors) };
  } catch (error) {
    if (isMessageRejected(error)) throw new MailRefused('The mail server rejected the email.', { cause: error });
    const rejected = rejectedIn(recipientErrorsIn(error));
    if (rejected.length > 0) return { accepted: [], rejected: rejected.filter(({ address }) => to.includes(address)) };
    throw new MailServerFailed(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The address of a sender who may have a name before it. */
function addressIn(from: string): string {
  return /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from;
}
