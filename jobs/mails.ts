import { type Mailer, sendMails } from '../src/services/notices/mails.ts';
import type { Job } from './kit/job.ts';

/** Sends the mails that wait. */
export function mailsJob(mailer: Mailer | undefined): Job {
  return {
    name: 'mails',
    does: 'sends invoices, credit memos and reminders by e-mail',
    everyMs: 30_000,
    concurrency: 'each process',
    missed: 'all mails that wait are sent then; a reminder of what was paid meanwhile is not',
    run: (ctx) => sendMails(ctx, mailer),
  };
}
