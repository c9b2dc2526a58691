import { type Mailer, sendMails } from '../src/services/notices/mails.ts';
import type { Job } from './kit/job.ts';

/** Sends pending emails. */
export function mailsJob(mailer: Mailer | undefined): Job {
  return {
    name: 'mails',
    does: 'sends invoices, credit memos and reminders by email',
    everyMs: 30_000,
    concurrency: 'each process',
    missed: 'all waiting emails are sent, except reminders of invoices that were paid in the meantime',
    run: (ctx) => sendMails(ctx, mailer),
  };
}
