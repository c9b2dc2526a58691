import { type Mailer, sendMails } from '../src/services/mails.ts';
import type { Job } from './ticks.ts';

/** Sends the mails that wait. */
export function mailsJob(mailer: Mailer | undefined): Job {
  return { name: 'mails', everyMs: 30_000, run: (ctx) => sendMails(ctx, mailer) };
}
