import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { Ctx } from '../services/context.ts';
import { mailText } from '../services/mail-text.ts';
import { type Mailer, MailRefused } from '../services/mails.ts';
import type { MailDoc } from '../store/mails.ts';

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

/** Sends mails by SMTP. The Message-ID is made of what the mail is about, so that one sent twice is known as the same. */
export function smtpMailer({ url, from, files }: SmtpOptions): Mailer {
  const transport = createTransport({ url, connectionTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS });
  const domain = from.slice(from.lastIndexOf('@') + 1).replace(/>.*/, '');
  return {
    async send(ctx, mail) {
      const words = await mailText(mail);
      if (!words) throw new MailRefused('Nothing is open any more.');
      try {
        await transport.sendMail({
          from: { name: words.from, address: from },
          to: [...mail.to],
          subject: words.subject,
          text: words.text,
          messageId: `<${createHash('sha256').update(mail._id).digest('hex').slice(0, 32)}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          attachments: (await files(ctx, mail, words.number)).map(({ filename, contentType, content }) => ({
            ...{ filename, contentType, content },
          })),
        });
      } catch (error) {
        throw isFinal(error) ? new MailRefused('The mail server will not take it.', { cause: error }) : error;
      }
    },
  };
}

/** SMTP's answers from 500 on are final (RFC 5321, 4.2.1); what has no answer is not. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error) || !('responseCode' in error)) return false;
  return typeof error.responseCode === 'number' && error.responseCode >= 500;
}
